import type { Item } from '../plan/item.js'
import type { PlannedContent } from '../plan/plan.js'
import { each } from '../registry/limit.js'
import { remove } from './remove.js'
import { settle } from './settle.js'
import type { Outcome } from '../plan/outcome.js'
import type { Step } from '../plan/journal.js'
import type { Work } from './work.js'

const KINDS = { 'Delete tag': 'tag', 'Delete manifest': 'manifest', 'Delete blobs': 'blob' } as const

const WORDS: Readonly<Record<Outcome, string>> = {
  deleted: 'deleted',
  'already-gone': 'gone already',
  'with-manifest': 'left to go with the manifest',
  kept: 'left',
  failed: 'NOT deleted',
  unknown: 'unknown',
}

/** One step of a purge: opened when there is something to do in it, closed with a line that says what came of it. */
export class Stage {
  readonly #work: Work
  readonly #step: Step
  #open = false

  constructor(work: Work, step: Step) {
    this.#work = work
    this.#step = step
  }

  open(): void {
    if (!this.#open) this.#work.tools.journal.begin(this.#work.plan.repository, this.#step)
    this.#open = true
  }

  close(): void {
    if (this.#open) this.#work.tools.journal.end(this.#work.plan.repository, this.#step, this.#summary())
    this.#open = false
  }

  /**
   * Removes manifests or blobs, a level after the other; what was refused is tried again after everything else, as long
   * as that helps: zot, GitLab and Harbor refuse a child while its parent exists.
   *
   * @returns what was not deleted, in sentences
   * @throws Stopped
   */
  async removeAll(kind: 'manifest' | 'blob', contents: readonly PlannedContent[]): Promise<string[]> {
    if (contents.length === 0) return []
    this.open()
    this.#work.tools.journal.intend(
      this.#work.plan.repository,
      contents.map(({ digest }) => ({ item: { kind, name: digest } })),
    )
    const problems: string[] = []
    let refused: { item: Item; detail: string }[] = []
    const one = async (item: Item): Promise<void> => {
      if (this.#work.denied) return
      const removal = await remove(this.#work, item)
      if (removal.is === 'refused') refused.push({ item, detail: removal.detail })
      else problems.push(...settle(this.#work, item, removal))
    }
    const levels = [...Map.groupBy(contents, ({ level }) => level)].sort(
      ([first], [second]) => first - second,
    )
    const counting = this.#work.tools.progress.of(`${kind}s deleted`, contents.length)
    try {
      for (const [, level] of levels)
        await each(level, this.#work.tools.width, async ({ digest }) => {
          await one({ kind, name: digest })
          counting.done()
        })
    } finally {
      counting.end()
    }
    while (refused.length > 0 && !this.#work.denied) {
      const again = refused
      refused = []
      for (const { item } of again) await one(item)
      if (refused.length === again.length) break
    }
    for (const { item, detail } of refused)
      problems.push(...settle(this.#work, item, { is: 'refused', detail }))
    return problems
  }

  #summary(): string {
    const counts = new Map<Outcome, number>()
    for (const { item, outcome } of this.#work.done.values())
      if (item.kind === KINDS[this.#step]) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    const parts = [...counts].map(([outcome, number]) => `${number} ${WORDS[outcome]}`)
    return parts.length === 0 ? 'nothing was done' : parts.join(', ')
  }
}
