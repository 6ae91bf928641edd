import type { PlannedTag } from '../plan/plan.js'
import type { Work } from './work.js'

/** Tells the journal that a step may remove these tags, as far as they resolve. */
export function intendTags({ plan, tools }: Work, tags: readonly PlannedTag[]): void {
  const present = tags.filter(({ digest }) => digest !== undefined)
  tools.journal.intend(
    plan.repository,
    present.map(({ tag }) => ({ item: { kind: 'tag', name: tag } })),
  )
}
