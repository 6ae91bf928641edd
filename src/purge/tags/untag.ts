import type { Tag } from '../../oci/tag.js'
import type { PlannedTag } from '../../plan/plan.js'
import type { PurgeProblem } from '../../plan/problems/purge.js'
import { each } from '../../registry/limit.js'
import { counted } from '../../registry/progress.js'
import { recordRemoval } from '../delete/record-removal.js'
import { remove } from '../delete/remove.js'
import type { RepositoryPurge } from '../repository-purge.js'

/**
 * Deletes tags by name. If the registry cannot do that (distribution 2.x), the first refusal is enough: the tags go with
 * their manifests.
 *
 * @param tags of the plan; those that do not resolve are skipped
 * @throws Stopped
 */
export async function untag(purge: RepositoryPurge, tags: readonly PlannedTag[]): Promise<PurgeProblem[]> {
  const { width, progress } = purge.tools
  const problems: PurgeProblem[] = []
  const one = async (tag: Tag): Promise<void> => void problems.push(...(await untagOne(purge, tag)))
  const names = tags.filter(({ digest }) => digest !== undefined).map(({ tag }) => tag)
  // The first one alone finds out whether tags can be deleted by name.
  await each(names.slice(0, 1), 1, one)
  await counted(progress, 'tags deleted', names.slice(1), width, one)
  return problems
}

async function untagOne(purge: RepositoryPurge, tag: Tag): Promise<PurgeProblem[]> {
  const { journal, capabilities } = purge.tools
  const { repository } = purge.plan
  const item = { kind: 'tag', name: tag } as const
  const goesWithManifest = (): PurgeProblem[] => {
    purge.record({ item, outcome: 'with-manifest', via: 'manifest' })
    return []
  }
  if (capabilities.tagsGoWithManifests(repository)) return goesWithManifest()
  if (purge.denied) return []
  const removal = await remove(purge, item)
  if (removal.is !== 'unsupported') return recordRemoval(purge, item, removal)
  if (!capabilities.tagsGoWithManifests(repository))
    journal.note(
      `This registry cannot delete a tag by name (${removal.answered}): the tag goes with its manifest, as every tag on a manifest does`,
    )
  capabilities.noteNoTagEndpoint(repository)
  return goesWithManifest()
}
