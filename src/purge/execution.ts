import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { Problem } from '../plan/problem.js'
import type { PurgeProblem } from '../plan/problems/purge.js'

/** How the purge of a repository ended. */
export interface Execution {
  /** Why nothing was written. Empty if something was written, or if there was nothing to do. */
  readonly refused: readonly Problem[]
  /** Problems with unexpected responses. The proof shows whether they matter. */
  readonly problems: readonly PurgeProblem[]
  /** Content that the plan deletes, with the tags that need it now. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
}
