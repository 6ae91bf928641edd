import type { RepositoryPurge } from '../repository-purge.js'

/** Records the tags of the plan that do not resolve as already gone. */
export function recordUnresolved(purge: RepositoryPurge): void {
  for (const { tag, digest } of purge.plan.tags)
    if (digest === undefined) purge.record({ item: { kind: 'tag', name: tag }, outcome: 'already-gone' })
}
