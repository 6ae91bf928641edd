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

/** A repository of the run for which nothing is planned: nothing is selected in it, or it could not be surveyed. */
export type Unplanned =
  | { readonly is: 'idle'; readonly repository: Repository; readonly selection: Selection }
  | { readonly is: 'failed'; readonly repository: Repository; readonly problem: Problem }

/** Content that another repository serves. */
export interface ExposedContent {
  readonly repository: Repository
  readonly digest: Digest
  readonly heldBy: readonly Tag[]
}

/** The report cannot be written, and nothing may be sent without it. */
export class JournalError extends Error {
  override readonly name = 'JournalError'
  /** Code of the system error, such as ENOSPC, or `unknown`. */
  readonly code: string

  constructor(code: string, options: ErrorOptions) {
    super(`the report cannot be written (${code})`, options)
    this.code = code
  }
}

/** Receives the steps of a run as they go on. */
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
 * Receives what happens, as it happens, and alone writes the report (safety rule 13). Of the run, only `wrote` can be read
 * back.
 */
export interface Journal extends Steps {
  /** Whether a request that changes state may have been sent. */
  readonly wrote: boolean

  /** Writes the report for the first time. @throws JournalError */
  open(): void
  /** A request was sent. */
  sent(purpose: string): void
  /** The run is for this many repositories. */
  expect(repositories: number): void
  /** @returns steps of their own for work beside other work, shown after those of the work that began before it */
  beside(): { readonly steps: Steps; readonly done: () => void }

  /** Ages count from this time, milliseconds since the epoch. */
  asOf(time: number): void
  /** Everything is decided. @param parts every repository of the run, in order; what has no plan says why */
  planned(plan: Plan, parts: readonly (RepositoryPlan | Unplanned)[]): void
  /** The plans of these repositories can be carried out by a run each. */
  separable(plans: readonly RepositoryPlan[], rules: Rules): void

  /** @param repository whose problem it is; undefined for the whole run */
  problem(problem: Problem, repository?: Repository): void
  warn(problem: Problem, repository?: Repository): void
  /** What other repositories serve of one that is purged. Replaces what an earlier search found. */
  exposed(repository: Repository, found: readonly ExposedContent[], warnings: readonly Problem[]): void
  /**
   * The purge of these repositories begins. Until something is sent for them they count as refused.
   *
   * @throws JournalError if the report cannot be written
   */
  start(repositories: readonly Repository[]): void
  /** How a repository, or the whole run, ended. A run that is cancelled cancels every repository that is not done. */
  ended(result: Result, repository?: Repository): void

  /**
   * Announces what a step may send. The first `about` of the step records all of it at once. So a step that sends
   * nothing claims nothing, and one that sends thousands of requests costs one write.
   */
  intend(repository: Repository, intents: readonly Intent[]): void
  /**
   * Records that a request that changes state is sent next. Returns when the record is on disk.
   *
   * @param item the item that the request names; undefined if it names none, such as an upload
   * @throws JournalError if the record cannot be written and this run has sent nothing yet
   */
  about(repository: Repository, item?: Item): void
  /** Ends a step: what it announced and never sent is again what it was before. */
  withdraw(repository: Repository): void
  /** Ends a step that deletes. @param counts how many of its items have each outcome */
  stageEnded(repository: Repository, step: PurgeStep, counts: ReadonlyMap<Outcome, number>): void
  done(repository: Repository, done: Done): void
  /** More is deleted than was planned, since nobody needs it any more. */
  release(repository: Repository, released: Released): void
  /** Content that was planned to be deleted stays, since these tags need it now. */
  left(repository: Repository, digest: Digest, heldBy: readonly Tag[]): void

  /** How the items of a repository stand after a round of the proof. */
  round(repository: Repository, standings: readonly Standing[]): void
  /** How the tags that were to stay stand. */
  remaining(repository: Repository, tags: readonly RemainingTag[]): void
}
