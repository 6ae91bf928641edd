import type { Digest } from '../oci/digest.js'
import { labelsOf } from '../plan/holders.js'
import type { RepositoryPlan } from '../plan/plan.js'
import type { Facts } from '../survey/facts.js'
import type { Control } from './control.js'

const ENOUGH = 200

/**
 * Finds candidates for the positive control: manifests of remaining tags, and their configs. It needs both kinds, since one
 * endpoint can fail without the other.
 *
 * @param absent controls that did not exist in an earlier round. They come last
 * @param elsewhere digests that other repositories of the run purge. A read of one here can bring it back there (redis up to
 *   3.0.0)
 * @returns a function that takes the number of a round, and of the clean rounds before it, and returns the candidates. The
 *   kinds alternate with the clean rounds, so every proof includes a blob if there is one
 */
export function controlsFor(
  plan: RepositoryPlan,
  facts: Facts,
  absent: ReadonlySet<Digest>,
  elsewhere: ReadonlySet<Digest>,
): (round: number, clean: number) => Control[] {
  const manifests = new Set<Digest>()
  const blobs = new Set<Digest>()
  const purged = new Set(elsewhere)
  for (const { digest } of [...plan.manifests, ...plan.blobs]) purged.add(digest)
  const purgedTags = new Set(plan.tags.map(({ tag }) => tag))
  const remaining = [...facts.tags].flatMap(([tag, state]) =>
    state.is === 'resolved' && !purgedTags.has(tag) && !purged.has(state.digest) ? [state.digest] : [],
  )
  for (const digest of [...labelsOf(plan.tags).map(({ digest }) => digest), ...remaining]) {
    const root = facts.manifests.get(digest)
    // The body of a signed schema 1 manifest does not hash to its digest, so it cannot be a control.
    if (root?.kind === 'schema1' || purged.has(digest)) continue
    manifests.add(digest)
    const images = [root, ...(root?.children ?? []).map(({ digest }) => facts.manifests.get(digest))]
    for (const image of images) {
      const config = image?.config?.digest
      if (config !== undefined && !purged.has(config)) blobs.add(config)
    }
    if (manifests.size >= ENOUGH) break
  }
  // Blobs first: even if there is only one round, the manifests of remaining tags are read after it.
  const byKind: Control[][] = [
    [...blobs].map((digest) => ({ kind: 'blob', digest })),
    [...manifests].map((digest) => ({ kind: 'manifest', digest })),
  ]
  const kinds = byKind.filter((list) => list.length > 0)
  if (kinds.length === 0) return () => [{ kind: 'repository', empty: remaining.length === 0 }]
  const turned = (list: readonly Control[], round: number): Control[] => {
    const start = round % list.length
    const all = [...list.slice(start), ...list.slice(0, start)]
    const known = (control: Control): boolean => control.kind !== 'repository' && absent.has(control.digest)
    return [...all.filter((control) => !known(control)), ...all.filter(known)]
  }
  // The other kind follows, in case every candidate of the first kind comes out of a cache.
  return (round, clean) => {
    const first = clean % kinds.length
    return [...kinds.slice(first), ...kinds.slice(0, first)].flatMap((list) => turned(list, round))
  }
}
