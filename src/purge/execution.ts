import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { Problem } from '../plan/problem.js'
import type { PurgeProblem } from '../plan/problems/purge.js'

/** How the purge of a repository ended. */
export interface Execution {
  /** Why nothing was written; empty if something was, or if there was nothing to do. */
  readonly refused: readonly Problem[]
  /** Unexpected responses. The proof tells whether they matter. */
  readonly problems: readonly PurgeProblem[]
  /** What was planned to go, and is needed by these tags now. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
}
