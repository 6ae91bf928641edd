import type { Repository } from '../../oci/reference.js'
import type { Step, Steps, Unplanned } from '../../plan/journal.js'
import type { Done } from '../../plan/outcome.js'
import type { RepositoryPlan } from '../../plan/plan.js'
import type { Released } from '../../plan/reconsider.js'
import { STANDARD } from '../../registry/dialects/dialects.js'
import { sayDetail } from '../words/detail.js'
import type { Log } from './log.js'
import { sayOutcome } from './outcomes.js'
import { idleLines, idleSummary, planLines, planSummary } from './plan-lines.js'

/** Tells the log what a run does: one group for each step, and after each, outside it, one line that sums it up. */
export class Narrator implements Steps {
  readonly #log: Log
  #several: boolean
  /** Title of the step that goes on. */
  #open: string | undefined
  /** Whether its group has ended, because a line had to be seen. */
  #ended = false

  /** @param several whether each title names its repository */
  constructor(log: Log, several = false) {
    this.#log = log
    this.#several = several
  }

  /** With more than one repository each title names its own. */
  expect(repositories: number): void {
    this.#several = repositories > 1
  }

  /** Says how far a long step has come. Ends the group, since nobody sees a line in a group that is closed. */
  progress(line: string): void {
    const title = this.#open
    this.#endGroup()
    this.#log.info(title === undefined ? line : `${title}: ${line}`)
  }

  begin(repository: Repository, step: Step): void {
    this.close()
    this.#open = this.#several ? `${step} (${repository})` : step
    this.#ended = false
    this.#log.begin(this.#open)
  }

  note(text: string): void {
    this.#log.info(text)
  }

  done({ item, outcome, via, detail }: Done): void {
    const more = [
      ...(via === undefined || via === STANDARD.name ? [] : [`by ${via}`]),
      ...(detail === undefined ? [] : [sayDetail(detail)]),
    ]
    const brackets = more.length > 0 ? ` (${more.join('; ')})` : ''
    this.note(`${item.kind} ${item.name}: ${sayOutcome(outcome)}${brackets}`)
  }

  release({ tags, manifests, blobs }: Released): void {
    for (const { tag, belongsTo } of tags)
      this.note(
        `tag ${tag} belongs to ${belongsTo ?? 'the image'}, which is deleted now, so it is deleted as well`,
      )
    for (const { digest } of [...manifests, ...blobs])
      this.note(`${digest} is no longer needed by any tag, so it is deleted as well`)
  }

  /** Ends the group of a step, and sums the step up in one line. */
  end(_repository: Repository, step: Step, summary: string): void {
    const title = this.#open ?? step
    this.#endGroup()
    this.#open = undefined
    this.#log.info(`${title}: ${summary}`)
  }

  /** Ends a group that an error left open, so that the next lines are seen. */
  close(): void {
    if (this.#open === undefined) return
    this.#endGroup()
    this.#log.info(`${this.#open}: not finished, for the reason below`)
    this.#open = undefined
  }

  /** Prints what is planned for one repository, or which tags stay if nothing is selected in it. */
  part(part: RepositoryPlan | Unplanned, fingerprint: string): void {
    if (!('is' in part)) this.#plan(part.repository, planLines(part, fingerprint), planSummary(part))
    else if (part.is === 'idle') {
      const { repository, selection } = part
      this.#plan(repository, idleLines(repository, selection), idleSummary(selection))
    }
  }

  #plan(repository: Repository, lines: readonly string[], summary: string): void {
    this.begin(repository, 'Plan')
    for (const line of lines) this.note(line)
    this.end(repository, 'Plan', summary)
  }

  #endGroup(): void {
    if (this.#open !== undefined && !this.#ended) this.#log.end()
    this.#ended = true
  }
}
