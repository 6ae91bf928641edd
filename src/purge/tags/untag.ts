import type { Tag } from '../../oci/tag.js'
import type { PlannedTag } from '../../plan/plan.js'
import type { PurgeProblem } from '../../plan/problems/purge.js'
import { each } from '../../registry/limit.js'
import { counted } from '../../registry/progress.js'
import type { Item } from '../../plan/item.js'
import { find } from '../delete/find.js'
import { recordRemoval } from '../delete/record-removal.js'
import type { Refusal } from '../delete/removal.js'
import { remove } from '../delete/remove.js'
import type { RepositoryPurge } from '../repository-purge.js'
import { refusesEveryTag } from './every-tag.js'

/**
 * Deletes tags by name. If the registry cannot do that (distribution 2.x), it refuses the first DELETE. Then no other is
 * sent, and the tags are deleted with their manifests.
 *
 * @param tags of the plan; those that do not resolve are skipped
 * @throws Stopped
 */
export async function untag(purge: RepositoryPurge, tags: readonly PlannedTag[]): Promise<PurgeProblem[]> {
  const { width, progress } = purge.tools
  const problems: PurgeProblem[] = []
  const one = async (tag: Tag): Promise<void> => void problems.push(...(await untagOne(purge, tag)))
  const names = tags.filter(({ digest }) => digest !== undefined).map(({ tag }) => tag)
  // Delete the first tag alone, to find out whether tags can be deleted by name.
  await each(names.slice(0, 1), 1, one)
  await counted(progress, 'tags deleted', names.slice(1), width, one)
  return problems
}

async function untagOne(purge: RepositoryPurge, tag: Tag): Promise<PurgeProblem[]> {
  const { capabilities } = purge.tools
  const { repository } = purge.plan
  const item = { kind: 'tag', name: tag } as const
  if (capabilities.tagsGoWithManifests(repository)) return deleteWithManifest(purge, item)
  if (purge.denied) return []
  const removal = await remove(purge, item)
  if (removal.is === 'refused') return endRefused(purge, item, removal)
  if (removal.is !== 'unsupported') return recordRemoval(purge, item, removal)
  return goOnByDigest(purge, item, removal.answered)
}

type TagItem = Item & { readonly kind: 'tag' }

/** Finds out why the registry refuses to delete a tag: this tag is locked, or no tag can be deleted by name. */
async function endRefused(purge: RepositoryPurge, item: TagItem, refusal: Refusal): Promise<PurgeProblem[]> {
  // A 404 with a code of the product's own may mean that the tag is gone.
  if (refusal.status === 404 && (await find(purge, item)).is === 'gone')
    return recordRemoval(purge, item, { is: 'already-gone' })
  if (await refusesEveryTag(purge, refusal)) return goOnByDigest(purge, item, refusal.answered)
  purge.refused.add(item, purge.plan, purge.facts)
  return recordRemoval(purge, item, refusal)
}

/** Notes once that no tag can be deleted by name. */
function goOnByDigest(purge: RepositoryPurge, item: TagItem, answered: string): PurgeProblem[] {
  const { journal, capabilities } = purge.tools
  const { repository } = purge.plan
  if (!capabilities.tagsGoWithManifests(repository))
    journal.note(
      `This registry cannot delete a tag by name (${answered}): the tag is deleted with its manifest, as every tag of that manifest is`,
    )
  capabilities.noteNoTagEndpoint(repository)
  return deleteWithManifest(purge, item)
}

function deleteWithManifest(purge: RepositoryPurge, item: TagItem): PurgeProblem[] {
  purge.record({ item, outcome: 'with-manifest', via: 'manifest' })
  return []
}
