import { each } from '../../registry/limit.js'
import type { RepositoryPurge } from '../repository-purge.js'

/**
 * Reads the tags of the plan. A refusal tells the user that nothing was written, so a registry that refuses to delete is
 * not believed: it may have removed a tag nevertheless.
 *
 * @returns false if a tag is gone; true also if a tag could not be read
 * @throws Stopped
 */
export async function tagsInPlace({ plan, tools }: RepositoryPurge): Promise<boolean> {
  const { surveyor, width } = tools
  const tags = plan.tags.filter(({ digest }) => digest !== undefined)
  const states = await each(tags, width, ({ tag }) => surveyor.tag(tag))
  return states.every(({ is }) => is !== 'unknown')
}
