import type { Item } from '../plan/item.js'
import type { PurgeStep } from '../plan/journal.js'
import type { Outcome } from '../plan/outcome.js'
import type { PlannedContent } from '../plan/plan.js'
import type { PurgeProblem } from '../plan/problems/purge.js'
import { each } from '../registry/limit.js'
import { recordRemoval } from './delete/record-removal.js'
import type { Removal } from './delete/removal.js'
import { remove } from './delete/remove.js'
import type { RepositoryPurge } from './repository-purge.js'

const KINDS = { 'Delete tag': 'tag', 'Delete manifest': 'manifest', 'Delete blobs': 'blob' } as const

/** Milliseconds. A registry that deletes later than it says may refuse what a deleted manifest still refers to. */
const PAUSES = [1000, 2000, 4000] as const

/** An item whose DELETE the registry refused, perhaps because a parent still exists, or one below such an item. */
interface Waiting {
  readonly item: Item
  readonly removal: Removal
}

/** One step of a purge. It appears in the log only if there is something to do. */
export class Stage {
  readonly #purge: RepositoryPurge
  readonly #step: PurgeStep
  #open = false

  constructor(purge: RepositoryPurge, step: PurgeStep) {
    this.#purge = purge
    this.#step = step
  }

  open(): void {
    if (!this.#open) this.#purge.tools.journal.begin(this.#purge.plan.repository, this.#step)
    this.#open = true
  }

  /** Ends the step, and reports to the journal how many items have each outcome. */
  close(): void {
    const { plan, tools } = this.#purge
    if (this.#open) tools.journal.stageEnded(plan.repository, this.#step, this.#counts())
    this.#open = false
  }

  /**
   * Removes manifests or blobs, one level after the other, but nothing below an item that the registry refuses to delete.
   * Retries refused items after all others, as long as some succeed: zot, GitLab and Harbor refuse to delete a child while
   * its parent exists.
   *
   * @throws Stopped
   */
  async removeAll(kind: 'manifest' | 'blob', contents: readonly PlannedContent[]): Promise<PurgeProblem[]> {
    if (contents.length === 0) return []
    this.open()
    this.#purge.intend(contents.map(({ digest }) => ({ kind, name: digest })))
    const problems: PurgeProblem[] = []
    let refused = await this.#removeLevels(kind, contents, problems)
    for (let pauses = 0; refused.length > 0 && !this.#purge.denied;) {
      const again: Waiting[] = []
      for (const { item } of refused) await this.#remove(item, problems, again)
      const helped = again.length < refused.length
      refused = again
      if (helped) continue
      const pause = refused.some(mayPass) ? PAUSES[pauses++] : undefined
      if (pause === undefined) break
      await this.#purge.tools.clock.sleep(pause, this.#purge.tools.client.stop)
    }
    for (const { item, removal } of refused) problems.push(...recordRemoval(this.#purge, item, removal))
    return problems
  }

  /** @returns the refused items */
  async #removeLevels(
    kind: 'manifest' | 'blob',
    contents: readonly PlannedContent[],
    problems: PurgeProblem[],
  ): Promise<Waiting[]> {
    const { progress, width } = this.#purge.tools
    const refused: Waiting[] = []
    const levels = [...Map.groupBy(contents, ({ level }) => level)].sort(
      ([first], [second]) => first - second,
    )
    const counting = progress.of(`${kind}s deleted`, contents.length)
    try {
      for (const [, level] of levels)
        await each(level, width, async ({ digest }) => {
          await this.#remove({ kind, name: digest }, problems, refused)
          counting.done()
        })
    } finally {
      counting.end()
    }
    return refused
  }

  async #remove(item: Item, problems: PurgeProblem[], refused: Waiting[]): Promise<void> {
    if (this.#purge.denied) return
    const removal = await remove(this.#purge, item)
    const isRefused = removal.is === 'refused'
    if (isRefused) this.#purge.refused.add(item, this.#purge.plan, this.#purge.facts)
    else this.#purge.refused.remove(item)
    if (isRefused || (removal.is === 'kept' && removal.because.is === 'above-refused'))
      refused.push({ item, removal })
    else problems.push(...recordRemoval(this.#purge, item, removal))
  }

  #counts(): Map<Outcome, number> {
    const counts = new Map<Outcome, number>()
    for (const { item, outcome } of this.#purge.done.values())
      if (item.kind === KINDS[this.#step]) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    return counts
  }
}

function mayPass({ removal }: Waiting): boolean {
  return removal.is === 'refused' && removal.why === 'referenced'
}
