import { each } from '../registry/limit.js'
import { counted } from '../registry/progress.js'
import { remove } from './remove.js'
import { settle } from './settle.js'
import type { Item } from '../plan/item.js'
import type { PlannedTag } from '../plan/plan.js'
import type { Work } from './work.js'

/**
 * Deletes tags. On a registry that cannot delete a tag by name (distribution 2.x) the first refusal is enough: the tags
 * go with their manifests.
 *
 * @param tags of the plan; those that do not resolve are passed over
 * @returns what stands in the way of going on, in sentences
 * @throws Stopped
 */
export async function untag(work: Work, tags: readonly PlannedTag[]): Promise<string[]> {
  const { journal, width, capabilities, progress } = work.tools
  const { repository } = work.plan
  const problems: string[] = []
  const one = async (item: Item & { kind: 'tag' }): Promise<void> => {
    if (capabilities.tagsGoWithManifests(repository)) {
      work.record({ item, outcome: 'with-manifest', via: 'manifest' })
      return
    }
    if (work.denied) return
    const removal = await remove(work, item)
    if (removal.is === 'unsupported') {
      if (!capabilities.tagsGoWithManifests(repository))
        journal.note(
          `This registry cannot delete a tag by name (${removal.detail}): the tag goes with its manifest, as every tag on a manifest does`,
        )
      capabilities.noteNoTagEndpoint(repository)
      work.record({ item, outcome: 'with-manifest', via: 'manifest' })
    } else problems.push(...settle(work, item, removal))
  }
  const items = tags
    .filter(({ digest }) => digest !== undefined)
    .map(({ tag }) => ({ kind: 'tag', name: tag }) as const)
  // The first alone finds out whether tags can be deleted by name at all.
  await each(items.slice(0, 1), 1, one)
  await counted(progress, 'tags deleted', items.slice(1), width, one)
  return problems
}
