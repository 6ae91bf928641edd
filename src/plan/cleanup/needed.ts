import type { Digest } from '../../oci/digest.js'
import { reach } from '../../oci/graph.js'
import type { Tag } from '../../oci/tag.js'
import type { Facts } from '../../survey/facts.js'
import type { Pointers } from '../holders.js'
import { appendTo } from '../multimap.js'
import { compare } from '../order.js'
import type { LabelReason } from '../reason.js'
import { attach, type Attached } from '../select/attached.js'
import { imageKeysOf, lookupKeysOf } from '../select/image-key.js'
import type { Image } from './match.js'

/** The remaining tags, against which the selected images are checked. */
interface Others {
  readonly facts: Facts
  /** Every remaining tag that resolves. */
  readonly staying: Pointers
  /** Tags that are kept even if they are attached to a deleted image. */
  readonly guarded: ReadonlySet<Tag>
}

/**
 * Finds the images that cannot be deleted: a remaining tag needs them, points to one of their manifests, or points to
 * the same image by another manifest (safety rules 2 and 3). They lose only their labels. Their content is kept as
 * well. It may be part of another image, so the search repeats until it finds no more images.
 */
export function neededImages(
  images: readonly Image[],
  { facts, staying, guarded }: Others,
): Map<Digest, LabelReason> {
  const needed = new Map<Digest, LabelReason>()
  const pointers = new Map(staying)
  const pointing = Map.groupBy(staying.keys(), (tag) => staying.get(tag))
  let open = images
  for (;;) {
    const roots = new Set(open.map(({ digest }) => digest))
    // The user named none of these images. So an image that refers to a remaining one, such as a signature, is kept with it.
    const whole = attach({ roots, pointers, graph: facts, named: new Set(), guarded })
    const kept = { pointing, byKey: heldByKey(facts, whole) }
    const found = new Map<Digest, LabelReason>()
    for (const { digest } of open) {
      const reason = reasonFor(digest, facts, whole, kept)
      if (reason !== undefined) found.set(digest, reason)
    }
    if (found.size === 0) return needed
    for (const { digest, tags } of open) {
      const reason = found.get(digest)
      if (reason === undefined) continue
      needed.set(digest, reason)
      for (const tag of tags) pointers.set(tag, digest)
    }
    open = open.filter(({ digest }) => !found.has(digest))
  }
}

/** The manifests that are kept, by the key of their image. */
function heldByKey({ manifests }: Facts, { holders }: Attached): Map<string, Digest[]> {
  const held = new Map<string, Digest[]>()
  for (const [digest, manifest] of manifests) {
    if (!holders.held.has(digest)) continue
    for (const key of lookupKeysOf(manifest)) appendTo(held, key, digest)
  }
  return held
}

interface Kept {
  /** The remaining tags, by the manifest that they point to. */
  readonly pointing: ReadonlyMap<Digest | undefined, readonly Tag[]>
  /** The manifests that are kept, by the key of their image. */
  readonly byKey: ReadonlyMap<string, readonly Digest[]>
}

/** @returns why an image cannot be deleted, or undefined if it can */
function reasonFor(
  root: Digest,
  facts: Facts,
  whole: Attached,
  { pointing, byKey }: Kept,
): LabelReason | undefined {
  const { manifests } = reach([root], facts, false)
  for (const digest of manifests) {
    const tags = [...(pointing.get(digest) ?? [])].sort(compare)
    if (tags.length === 0) continue
    return digest === root ? { kind: 'same-manifest', tags } : { kind: 'same-child', tags, child: digest }
  }
  if (whole.holders.held.has(root)) return { kind: 'needed' }
  for (const key of imageKeysOf(manifests, facts, whole.manifests)) {
    const other = byKey.get(key)?.find((digest) => !manifests.has(digest))
    if (other !== undefined) return { kind: 'same-config', digest: other }
  }
  return undefined
}
