import type { Digest } from '../../oci/digest.js'
import type { Tag } from '../../oci/tag.js'
import type { Item } from '../../plan/item.js'
import type { PlannedTag } from '../../plan/plan.js'
import type { PurgeProblem } from '../../plan/problems/purge.js'
import { attempt } from '../../registry/attempt.js'
import type { RepositoryPurge } from '../repository-purge.js'
import { placeholder } from './placeholder.js'
import { intendPlaceholder } from './trace.js'

/**
 * Removes labels that are served again, with a placeholder. If a label points to an earlier placeholder, deletes that one.
 *
 * @param served the tags that are served
 * @throws Stopped
 */
export async function replaceAgain(
  purge: RepositoryPurge,
  served: ReadonlySet<Item['name']>,
): Promise<PurgeProblem[]> {
  const { tags } = purge.plan
  for (const digest of purge.placeholders) {
    const labels = tags.filter(({ tag }) => pointsTo(purge, tag) === digest)
    if (labels.length > 0) await deleteOld(purge, digest, labels)
  }
  // Skip a label whose first removal failed: each try puts it at risk.
  const back = tags.filter(
    ({ tag, digest }) =>
      served.has(tag) && purge.done.get(tag)?.outcome === 'deleted' && pointsTo(purge, tag) === digest,
  )
  return back.length > 0 ? placeholder(purge, back) : []
}

async function deleteOld(
  purge: RepositoryPurge,
  digest: Digest,
  labels: readonly PlannedTag[],
): Promise<void> {
  const { client, journal } = purge.tools
  const { repository } = purge.plan
  intendPlaceholder(purge, labels, { digest, blobs: [] })
  journal.about(repository)
  const deleting = { purpose: 'delete-placeholder', timeout: purge.timeout, fresh: true } as const
  purge.mayHaveWritten()
  await attempt(client.deleteManifest(repository, digest, deleting))
}

function pointsTo({ facts }: RepositoryPurge, tag: Tag): Digest | undefined {
  const state = facts.tags.get(tag)
  return state?.is === 'resolved' ? state.digest : undefined
}
