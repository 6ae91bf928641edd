import type { Repository } from '../oci/reference.js'
import type { Item } from './item.js'
import type { Done, Intent } from './outcome.js'
import type { Released } from './reconsider.js'

/** The steps of a purge, under the names that its log shows. */
export type Step = 'Delete tag' | 'Delete manifest' | 'Delete blobs'

/**
 * Is told before a DELETE is sent and after what came of it, so that a run that is killed leaves a true record
 * (safety rule 13).
 */
export interface Journal {
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
