import type { Digest } from '../oci/digest.js'
import { labelsOf } from '../plan/holders.js'
import type { RepositoryPlan } from '../plan/plan.js'
import type { Facts } from '../survey/facts.js'
import type { Control } from './control.js'

const ENOUGH = 200

/**
 * Finds what must be there while purged digests are checked: manifests of remaining tags, and their configs, since one
 * endpoint can fail without the other.
 *
 * @param absent controls that were not there, so they were broken before; they come last
 * @param elsewhere what other repositories of the run purge: to read it here can bring it back there (redis up to 3.0.0)
 * @returns a function from the number of a round, and of clean ones before it, to its candidates: the endpoints in turn
 *   as the proof grows, so that no proof is made without a blob that is there
 */
export function controlsFor(
  plan: RepositoryPlan,
  facts: Facts,
  absent: ReadonlySet<Digest>,
  elsewhere: ReadonlySet<Digest>,
): (round: number, clean: number) => Control[] {
  const manifests = new Set<Digest>()
  const blobs = new Set<Digest>()
  const going = new Set(elsewhere)
  for (const { digest } of [...plan.manifests, ...plan.blobs]) going.add(digest)
  const purged = new Set(plan.tags.map(({ tag }) => tag))
  const remaining = [...facts.tags].flatMap(([tag, state]) =>
    state.is === 'resolved' && !purged.has(tag) && !going.has(state.digest) ? [state.digest] : [],
  )
  for (const digest of [...labelsOf(plan.tags).map(({ digest }) => digest), ...remaining]) {
    const root = facts.manifests.get(digest)
    // The digest of a signed schema 1 manifest is not that of its body, which a control is compared with.
    if (root?.kind === 'schema1' || going.has(digest)) continue
    manifests.add(digest)
    const images = [root, ...(root?.children ?? []).map(({ digest }) => facts.manifests.get(digest))]
    for (const image of images) {
      const config = image?.config?.digest
      if (config !== undefined && !going.has(config)) blobs.add(config)
    }
    if (manifests.size >= ENOUGH) break
  }
  // Blobs first: if there is only one round, the manifests of remaining tags are read right after it anyway.
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
  // The other kind serves only if all of one kind come out of a cache.
  return (round, clean) => {
    const first = clean % kinds.length
    return [...kinds.slice(first), ...kinds.slice(0, first)].flatMap((list) => turned(list, round))
  }
}
