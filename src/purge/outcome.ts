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

/** An item about which a step may send a request that changes state. */
export interface Intent {
  readonly item: Item
  /** For a tag that is removed by a placeholder: what the tag may point to from now on, and what it pointed to before. */
  readonly placeholder?: string
}

/** The steps of a purge, under the names that its log shows. */
export type Step = 'Delete tag' | 'Delete manifest' | 'Delete blobs'

/**
 * Is told before a DELETE is sent and after what came of it, so that a run that is killed leaves a true record
 * (safety rule 13).
 */
export interface Recorder {
  begin(repository: Repository, step: Step): void
  /**
   * Takes in what a step may send. Nothing is recorded yet: the first `about` of the step records all of it at once, so
   * that a step that sends nothing claims nothing, and one that sends thousands of requests costs one write.
   */
  intend(repository: Repository, intents: readonly Intent[]): void
  /**
   * Records that a request which changes state is sent next. Returns when the record is on the disk.
   *
   * @param item the item that the request names; undefined for a request that names none, such as an upload
   * @throws Error of the file system if the record cannot be written and this run has sent nothing yet
   */
  about(repository: Repository, item?: Item): void
  /** Ends a step: whatever it intended and never sent is again what it was before. */
  withdraw(repository: Repository): void
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
