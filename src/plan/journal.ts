import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Item } from './item.js'
import type { Done, Intent, Outcome } from './outcome.js'
import type { Plan, RepositoryPlan, Rules, Selection } from './plan.js'
import type { Problem } from './problem.js'
import type { Released } from './reconsider.js'
import type { RemainingTag, Standing } from './standing.js'

/** The steps that delete something, under the names that the log shows. */
export type PurgeStep = 'Delete tag' | 'Delete manifest' | 'Delete blobs'

/** The steps of a run, under the names that the log shows. */
export type Step = 'List tags' | 'Resolve' | 'Plan' | PurgeStep | 'Verify'

/** How a run, or one repository's part of it, ended. */
export type Result = 'purged' | 'planned' | 'nothing-to-do' | 'refused' | 'incomplete' | 'cancelled'

/** A repository without a plan: nothing is selected in it, or its survey failed. */
export type Unplanned =
  | { readonly is: 'idle'; readonly repository: Repository; readonly selection: Selection }
  | { readonly is: 'failed'; readonly repository: Repository; readonly problem: Problem }

/** Content that another repository serves. */
export interface ExposedContent {
  readonly repository: Repository
  readonly digest: Digest
  readonly heldBy: readonly Tag[]
}

/** The report cannot be written. Without it no request that changes state may be sent. */
export class JournalError extends Error {
  override readonly name = 'JournalError'
  /** Code of the system error, such as ENOSPC, or `unknown`. */
  readonly code: string

  constructor(code: string, options: ErrorOptions) {
    super(`the report cannot be written (${code})`, options)
    this.code = code
  }
}

/** Receives the steps of a run while they happen. */
export interface Steps {
  begin(repository: Repository, step: Step): void
  /** Writes a line to the log. */
  note(text: string): void
  /** Ends a step with a line that sums it up. */
  end(repository: Repository, step: Step, summary: string): void
  /** Ends the step that an error left open. */
  close(): void
}

/**
 * Receives the events of a run while they happen. It is the only writer of the report (safety rule 13). Its users can read
 * only `wrote` from it.
 */
export interface Journal extends Steps {
  /** Whether a request that changes state may have been sent. */
  readonly wrote: boolean

  /** Writes the report now. @throws JournalError */
  save(): void
  /** A request was sent. */
  sent(purpose: string): void
  /** The run is for this many repositories. */
  expect(repositories: number): void
  /** @returns separate steps for work that runs in parallel. The log shows them after the steps of work that began earlier */
  beside(): { readonly steps: Steps; readonly done: () => void }

  /** The plan is made. @param parts every repository of the run, in order; one without a plan has the reason */
  planned(plan: Plan, parts: readonly (RepositoryPlan | Unplanned)[]): void
  /** These plans can be carried out by separate runs, one for each repository. */
  separable(plans: readonly RepositoryPlan[], rules: Rules): void

  /** @param repository the repository with the problem; undefined if the whole run has it */
  problem(problem: Problem, repository?: Repository): void
  warn(problem: Problem, repository?: Repository): void
  /** Content of a purged repository that other repositories serve. Replaces the result of an earlier search. */
  exposed(repository: Repository, found: readonly ExposedContent[], warnings: readonly Problem[]): void
  /** A repository, or the whole run, ended. If a run is cancelled, so is every repository that is not done. */
  ended(result: Result, repository?: Repository): void

  /**
   * Announces the requests that a step may send. The first `about` of the step records them all at once. So a step that
   * sends nothing records nothing, and a step that sends thousands of requests costs one write.
   */
  intend(repository: Repository, intents: readonly Intent[]): void
  /**
   * Records that the next request changes state. Returns when the record is on disk.
   *
   * @param item the item that the request names; undefined if it names none, such as an upload
   * @throws JournalError if the record cannot be written and this run has sent nothing yet
   */
  about(repository: Repository, item?: Item): void
  /** Ends a step. An item that was announced, but for which no request was sent, has its earlier outcome again. */
  withdraw(repository: Repository): void
  /** Ends a step that deletes. @param counts how many of its items have each outcome */
  stageEnded(repository: Repository, step: PurgeStep, counts: ReadonlyMap<Outcome, number>): void
  done(repository: Repository, done: Done): void
  /** More content is deleted than was planned, since no tag needs it any more. */
  release(repository: Repository, released: Released): void
  /** Content that the plan deletes is kept, since these tags need it now. */
  left(repository: Repository, digest: Digest, heldBy: readonly Tag[]): void

  /** The state of the items of a repository after a round of the proof. */
  round(repository: Repository, standings: readonly Standing[]): void
  /** The state of the tags that were to be kept. */
  remaining(repository: Repository, tags: readonly RemainingTag[]): void
}
