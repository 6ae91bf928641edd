import type { PlannedTag } from '../../plan/plan.js'
import type { RepositoryPurge } from '../repository-purge.js'

/** Announces to the journal that a step may remove these tags, except those that do not resolve. */
export function intendTags(purge: RepositoryPurge, tags: readonly PlannedTag[]): void {
  const present = tags.filter(({ digest }) => digest !== undefined)
  purge.intend(present.map(({ tag }) => ({ kind: 'tag', name: tag })))
}
