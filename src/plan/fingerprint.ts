import { sha256, type Digest } from '../oci/digest.js'
import { compare } from './order.js'
import type { RepositoryPlan, Rules } from './plan.js'

/**
 * @param rules of which registry and scope count
 * @param repositories what is to be done
 * @returns a digest over registry, repositories, tags, digests that go, digests that are kept, and scope; no times, and
 *   sorted throughout, so that the same facts give the same fingerprint whatever order they came in
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
            // With the scope `tag` each of them is one.
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
