import { sha256, type Digest } from '../oci/digest.js'
import { compare } from './order.js'
import type { RepositoryPlan, Rules } from './plan.js'

/**
 * Hashes a plan: registry, repositories, tags, deleted digests, kept digests, and scope. It contains no times, and
 * everything is sorted, so the same facts give the same fingerprint, whatever their order.
 */
export function fingerprint(
  { registry, scope }: Pick<Rules, 'registry' | 'scope'>,
  repositories: readonly RepositoryPlan[],
): Digest {
  const facts = {
    registry,
    scope,
    repositories: repositories
      .map(({ repository, tags, manifests, blobs, kept }) => ({
        repository,
        tags: tags
          .map(({ tag, root, onlyLabel }) =>
            // With the scope `tag` every tag is only a label.
            onlyLabel !== undefined && scope === 'image'
              ? ([tag, root, 'label'] as const)
              : ([tag, root] as const),
          )
          .sort(([one], [other]) => compare(one, other)),
        manifests: manifests.map(({ digest }) => digest).sort(compare),
        blobs: blobs.map(({ digest }) => digest).sort(compare),
        kept: kept.map(({ digest }) => digest).sort(compare),
      }))
      .sort((one, other) => compare(one.repository, other.repository)),
  }
  return sha256(JSON.stringify(facts))
}
