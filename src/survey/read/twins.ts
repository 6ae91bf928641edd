import type { Digest } from '../../oci/digest.js'
import type { Graph } from '../../oci/graph.js'
import type { Descriptor } from '../../oci/manifest.js'
import { keyOf, subjectKey, type Tag } from '../../oci/tag.js'
import type { TagState, Target } from '../facts.js'
import type { TwinProblem } from '../problem.js'
import type { Reader } from './reader.js'

/**
 * Reads the twins of purged blobs, and of other blobs that may have the same bytes: the same size, or an unknown size. If
 * a registry keeps one copy under both names, the DELETE of one name also deletes the blob of a remaining tag.
 *
 * @returns a problem for each blob whose twin is unknown
 * @throws Stopped
 */
export function readTwins(reader: Reader, purged: ReadonlySet<Digest>): Promise<TwinProblem[]> {
  const sizes = new Set<number | undefined>()
  const long: Descriptor[] = []
  for (const { blobs } of reader.manifests.values())
    for (const blob of blobs) {
      if (purged.has(blob.digest)) sizes.add(blob.size)
      if (blob.digest.startsWith('sha512:')) long.push(blob)
    }
  const alike = long.filter(({ size }) => size === undefined || sizes.has(undefined) || sizes.has(size))
  return reader.twinsOf(new Set([...purged, ...alike.map(({ digest }) => digest)]))
}

/** @returns the blobs of everything that was named, and of everything attached to it by reference or by a tag's name */
export function purgedBlobs(
  target: Target,
  tags: ReadonlyMap<Tag, TagState>,
  { manifests, referrers, twins }: Graph,
): ReadonlySet<Digest> {
  const roots = new Set(rootsOf(target))
  const named = new Set(target.tags.map(({ tag }) => tag))
  for (const [tag, state] of tags) if (state.is === 'resolved' && named.has(tag)) roots.add(state.digest)
  const attached = attachedByName(tags)
  const blobs = new Set(target.blobs)
  // A Set hands out entries that are added while it is walked.
  for (const digest of roots) {
    const manifest = manifests.get(digest)
    for (const blob of manifest?.blobs ?? []) blobs.add(blob.digest)
    const more = [
      ...(manifest?.children ?? []).map((child) => child.digest),
      ...(referrers.get(digest) ?? []),
      ...(twins.get(digest) ?? []),
      ...(attached.get(keyOf(digest)) ?? []),
    ]
    for (const each of more) roots.add(each)
  }
  return blobs
}

/** @returns the manifests of tags that are attached to an image by their name, by the key of that image */
function attachedByName(tags: ReadonlyMap<Tag, TagState>): ReadonlyMap<string, readonly Digest[]> {
  const attached = new Map<string, Digest[]>()
  for (const [tag, state] of tags) {
    const key = subjectKey(tag)
    if (state.is !== 'resolved' || key === undefined) continue
    const list = attached.get(key)
    if (list === undefined) attached.set(key, [state.digest])
    else list.push(state.digest)
  }
  return attached
}

/** @returns the manifests that were named by digest, alone or beside a tag */
export function rootsOf(target: Target): Digest[] {
  const pinned = target.tags.flatMap(({ digest }) => (digest === undefined ? [] : [digest]))
  return [...new Set([...target.digests, ...pinned])]
}
