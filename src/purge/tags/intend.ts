import type { PlannedTag } from '../../plan/plan.js'
import type { RepositoryPurge } from '../repository-purge.js'

/** Tells the journal that a step may remove these tags. Those that do not resolve are left out. */
export function intendTags({ plan, tools }: RepositoryPurge, tags: readonly PlannedTag[]): void {
  const present = tags.filter(({ digest }) => digest !== undefined)
  tools.journal.intend(
    plan.repository,
    present.map(({ tag }) => ({ item: { kind: 'tag', name: tag } })),
  )
}
