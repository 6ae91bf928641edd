import { each } from '../registry/limit.js'
import type { Work } from './work.js'

/**
 * A refusal says that nothing was written, so a registry that refuses is not taken at its word: it may have removed a tag
 * all the same.
 *
 * @returns whether every tag that was to go stands where it stood, or at least nothing shows the contrary
 * @throws Stopped
 */
export async function untouched(work: Work): Promise<boolean> {
  const { surveyor, width } = work.tools
  const tags = work.plan.tags.filter(({ digest }) => digest !== undefined)
  const states = await each(tags, width, ({ tag }) => surveyor.tag(tag))
  return states.every(({ is }) => is !== 'unknown')
}
