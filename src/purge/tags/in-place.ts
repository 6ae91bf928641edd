import { each } from '../../registry/limit.js'
import type { RepositoryPurge } from '../repository-purge.js'

/**
 * Checks that the tags of the plan still exist. A refused run reports that nothing was written. But a registry may remove a
 * tag although its response was a refusal.
 *
 * @returns false if a tag is gone. A tag that cannot be read counts as existing
 * @throws Stopped
 */
export async function tagsInPlace({ plan, tools }: RepositoryPurge): Promise<boolean> {
  const { surveyor, width } = tools
  const tags = plan.tags.filter(({ digest }) => digest !== undefined)
  const states = await each(tags, width, ({ tag }) => surveyor.tag(tag))
  return states.every(({ is }) => is !== 'unknown')
}
