import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'

/** What a purge came to. With `refused` nothing was written. */
export interface Execution {
  readonly refused: readonly string[]
  /** What was answered otherwise than expected, in sentences. Whether it matters, the proof tells. */
  readonly problems: readonly string[]
  /** Planned, but a tag came to need it. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
}
