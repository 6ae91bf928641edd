import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { Item } from '../../plan/item.js'
import type {
  ExposedContent,
  Journal,
  PurgeStep,
  Result,
  Step,
  Steps,
  Unplanned,
} from '../../plan/journal.js'
import type { Done, Intent, Outcome } from '../../plan/outcome.js'
import type { Plan, RepositoryPlan, Rules } from '../../plan/plan.js'
import type { Problem } from '../../plan/problem.js'
import type { Released } from '../../plan/reconsider.js'
import type { RemainingTag, Standing } from '../../plan/standing.js'
import type { Clock } from '../../registry/time.js'
import { codeOf } from '../../registry/code.js'
import type { Log } from '../log/log.js'
import { Narrator } from '../log/narrator.js'
import { sayCounts } from '../log/outcomes.js'
import { Turns } from '../log/turns.js'
import { matrixOf } from '../matrix.js'
import { time } from '../report.js'
import type { Matrix, Report, RepositoryEntry, Run, Writable } from '../report.js'
import { escaped } from '../text.js'
import { say } from '../words/problem.js'
import { entryOf, reported } from './entries.js'
import type { ReportFile } from './file.js'
import { JournalEntry } from './journal-entry.js'
import { redacted } from './redacted.js'
import { Saving } from './saving.js'

/** What a journal writes with. */
export interface Writing {
  readonly file: ReportFile
  readonly clock: Clock
  readonly log: Log
  /** Takes credentials out of a text. */
  readonly redact: (text: string) => string
}

/**
 * The only writer of the report, with JournalEntry as its part for one repository. It also tells the log what happens.
 * The file is true at every moment, whatever ends the run.
 */
export class ReportJournal implements Journal {
  readonly #report: Writable<Report>
  readonly #writing: Writing
  readonly #saving: Saving
  readonly #narrator: Narrator
  readonly #turns: Turns
  #entries = new Map<Repository, JournalEntry>()
  #several = false
  #wrote = false
  /** Why nothing may be sent: the file could not be written before the first request. */
  #refusal: Error | undefined
  #toldOfFailure = false

  /** @param report what is known before the run */
  constructor(report: Report, writing: Writing) {
    this.#report = structuredClone(report) as Writable<Report>
    this.#writing = writing
    this.#saving = new Saving(writing.file, writing.clock, () => this.render())
    this.#narrator = new Narrator(writing.log)
    this.#turns = new Turns(writing.log)
  }

  get wrote(): boolean {
    return this.#wrote
  }

  /** Absolute path of the file. */
  get path(): string {
    return this.#saving.path
  }

  /** @returns the report as it is now, without credentials */
  copy(): Report {
    return redacted(this.#report, this.#writing.redact)
  }

  /** @returns the text of the file */
  render(): string {
    return `${escaped(JSON.stringify(this.copy(), null, 2))}\n`
  }

  save(): void {
    this.#saving.now()
  }

  /** Ends the report. @param run what the front end knows of the run */
  finish(run: Run): void {
    this.#report.run = { ...run }
    this.#report.endedAt = time(this.#writing.clock.now())
  }

  /** Says how far a long step has come. */
  progress(line: string): void {
    this.#narrator.progress(line)
  }

  sent(purpose: string): void {
    this.#report.requests[purpose] = (this.#report.requests[purpose] ?? 0) + 1
  }

  expect(repositories: number): void {
    this.#several = repositories > 1
    this.#narrator.expect(repositories)
  }

  beside(): { steps: Steps; done: () => void } {
    if (!this.#several) return { steps: this, done: () => undefined }
    const { log, done } = this.#turns.take()
    return { steps: new Narrator(log, true), done }
  }

  begin(repository: Repository, step: Step): void {
    this.#narrator.begin(repository, step)
  }

  note(text: string): void {
    this.#narrator.note(text)
  }

  end(repository: Repository, step: Step, summary: string): void {
    this.withdraw(repository)
    this.#saving.tryNow()
    this.#narrator.end(repository, step, summary)
  }

  stageEnded(repository: Repository, step: PurgeStep, counts: ReadonlyMap<Outcome, number>): void {
    this.end(repository, step, sayCounts(counts))
  }

  close(): void {
    this.#narrator.close()
  }

  planned(plan: Plan, parts: readonly (RepositoryPlan | Unplanned)[]): void {
    this.#report.fingerprint = plan.fingerprint
    const entries = parts.map((part) => structuredClone(entryOf(part)) as Writable<RepositoryEntry>)
    this.#report.repositories = entries
    this.#entries = new Map(entries.map((entry) => [entry.name as Repository, new JournalEntry(entry)]))
    for (const part of parts) this.#narrator.part(part, plan.fingerprint)
    for (const refusal of plan.refusals) this.problem(refusal)
    for (const warning of plan.warnings) this.#writing.log.notice(say(warning).text)
  }

  separable(plans: readonly RepositoryPlan[], rules: Rules): void {
    this.#report.matrix = structuredClone(matrixOf(plans, rules)) as Writable<Matrix>
  }

  problem(problem: Problem, repository?: Repository): void {
    const entry = this.#entry(repository)
    if (entry === undefined) this.#report.problems.push(reported(problem))
    else entry.problem(problem)
  }

  warn(problem: Problem, repository?: Repository): void {
    const entry = this.#entry(repository)
    if (entry === undefined) this.#report.warnings.push(say(problem).text)
    else entry.warn(problem)
  }

  exposed(repository: Repository, found: readonly ExposedContent[], warnings: readonly Problem[]): void {
    this.#entry(repository)?.exposed(found, warnings)
  }

  ended(result: Result, repository?: Repository): void {
    if (repository !== undefined) this.#entry(repository)?.end(result)
    else this.#report.result = result
    if (repository !== undefined || result !== 'cancelled') return
    // A repository that a cancelled run did not finish, or never began, was neither refused nor found incomplete.
    for (const entry of this.#entries.values())
      if (entry.result !== 'purged' && entry.result !== 'nothing-to-do') entry.end('cancelled')
  }

  intend(repository: Repository, intents: readonly Intent[]): void {
    this.#entry(repository)?.intend(intents)
  }

  /** Writes the file before the first request of a step. Later ones of the step change nothing in it. */
  about(repository: Repository, item?: Item): void {
    if (this.#refusal !== undefined) throw this.#refusal
    const entry = this.#entry(repository)
    const before = { run: this.#report.result, own: entry?.result ?? 'incomplete' }
    const marked = entry?.mark(item) ?? false
    const ended = entry?.end('incomplete') ?? false
    this.#report.result = 'incomplete'
    const changed = marked || ended || before.run !== 'incomplete'
    const failure = changed ? this.#saving.tryNow() : undefined
    if (failure === undefined || this.#wrote) {
      this.#wrote = true
      if (failure !== undefined) this.#tellOnce(failure)
      return
    }
    entry?.withdraw(true)
    entry?.end(before.own)
    this.#report.result = before.run
    this.#refusal = failure
    throw failure
  }

  withdraw(repository: Repository): void {
    this.#entry(repository)?.withdraw()
  }

  done(repository: Repository, done: Done): void {
    this.#entry(repository)?.done(done)
    this.#saving.soon()
    this.#narrator.done(done)
  }

  release(repository: Repository, released: Released): void {
    this.#entry(repository)?.release(released)
    this.#narrator.release(released)
  }

  left(repository: Repository, digest: Digest, heldBy: readonly Tag[]): void {
    this.#entry(repository)?.left(digest, heldBy)
  }

  round(repository: Repository, standings: readonly Standing[]): void {
    this.#entry(repository)?.round(standings)
    this.#saving.soon()
  }

  remaining(repository: Repository, tags: readonly RemainingTag[]): void {
    this.#entry(repository)?.remaining(tags)
  }

  #entry(repository: Repository | undefined): JournalEntry | undefined {
    return repository === undefined ? undefined : this.#entries.get(repository)
  }

  #tellOnce(failure: Error): void {
    if (this.#toldOfFailure) return
    this.#toldOfFailure = true
    this.note(
      `report-file: the report could not be written to ${this.path} (${codeOf(failure)}). The run goes on; if it is killed, the file does not say what was done since`,
    )
  }
}
