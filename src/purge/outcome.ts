import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { Repository } from '../oci/reference.js'
import type { Item } from '../plan/item.js'
import type { Released } from '../plan/reconsider.js'
import type { Way } from '../survey/facts.js'

/** What came of it. `unknown`: a DELETE was sent and nothing told whether it worked. */
export type Outcome = 'deleted' | 'already-gone' | 'with-manifest' | 'kept' | 'failed' | 'unknown'

/** By which way a tag went. */
export type Via = Way | 'manifest'

/** One line of what was done. */
export interface Done {
  readonly item: Item
  readonly outcome: Outcome
  readonly via?: Via
  /** Milliseconds since the epoch. */
  readonly at: number
  /** What the registry said, where it says more than the outcome. */
  readonly detail?: string
}

/** The steps of a purge, under the names that its log shows. */
export type Step = 'Delete tag' | 'Delete manifest' | 'Delete blobs'

/**
 * Is told before a DELETE is sent and after what came of it, so that a run that is killed leaves a true record
 * (safety rule 13).
 */
export interface Recorder {
  begin(repository: Repository, step: Step): void
  about(repository: Repository, item: Item): void
  done(repository: Repository, done: Done): void
  /** More goes than was planned, since nobody needs it any more. */
  release(repository: Repository, released: Released): void
  note(text: string): void
  end(repository: Repository, step: Step, summary: string): void
}

/** What a purge came to. With `refused` nothing was written. */
export interface Execution {
  readonly refused: readonly string[]
  /** What was answered otherwise than expected, in sentences. Whether it matters, the proof tells. */
  readonly problems: readonly string[]
  /** Planned, but a tag came to need it. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
}
