import { attempt } from '../../registry/attempt.js'
import type { Refusal } from '../delete/removal.js'
import type { RepositoryPurge } from '../repository-purge.js'

/** The statuses with which registries say that no tag can be deleted by name. */
const STATUSES: ReadonlySet<number> = new Set([400, 404, 405])

/**
 * Finds out whether the registry refuses to delete any tag by name, as it refused this one: then a random tag gets the same
 * status and code. Otherwise this tag is locked (safety rule 7).
 *
 * @throws Stopped
 */
export async function refusesEveryTag({ tools, plan }: RepositoryPurge, refusal: Refusal): Promise<boolean> {
  if (refusal.why === 'foreign' || !STATUSES.has(refusal.status)) return false
  return (await attempt(tools.capabilities.refusesEveryTag(plan.repository, refusal))) === true
}
