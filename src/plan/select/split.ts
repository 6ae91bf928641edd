import { EMPTY_BLOBS, type Digest } from '../../oci/digest.js'
import type { Graph } from '../../oci/graph.js'
import type { Descriptor } from '../../oci/manifest.js'
import type { Missing } from '../../survey/facts.js'
import type { Attached } from './attached.js'
import { byDigest, compare } from '../order.js'
import type { Kept, PlannedContent } from '../plan.js'

/** The content of images and of everything attached to them, split into content to delete and content to keep. */
export interface Split {
  /** Parents before their children, and attached manifests before their subjects. */
  readonly manifests: readonly PlannedContent[]
  readonly blobs: readonly PlannedContent[]
  readonly kept: readonly Kept[]
}

/** The manifests that were read, and those that could not be read. */
export interface Read extends Graph {
  readonly missing: ReadonlyMap<Digest, Missing>
}

/**
 * Splits content: it keeps content that a remaining tag needs, and deletes the rest. The well-known empty blobs are in
 * neither part.
 *
 * @param whole the images with everything attached to them
 * @param more blobs that the user named by digest
 * @param named the digests that were named, by tag or digest
 */
export function split(
  whole: Attached,
  more: readonly Digest[],
  read: Read,
  named: ReadonlySet<Digest>,
): Split {
  const isEmpty = (digest: Digest): boolean =>
    [digest, ...(read.twins.get(digest) ?? [])].some((each) => EMPTY_BLOBS.has(each))
  // A digest is a blob if a manifest lists it as its blob and it was not read as a manifest.
  const manifests = [...whole.manifests].filter(
    (digest) => !isEmpty(digest) && (read.manifests.has(digest) || !whole.blobs.has(digest)),
  )
  const isManifest = new Set(manifests)
  const blobs = [...new Set([...whole.blobs, ...more])].filter(
    (digest) => !isEmpty(digest) && !isManifest.has(digest),
  )
  const levels = levelsOf(manifests, whole, read)
  const described = describeAll(whole, read)
  const content = (digest: Digest): PlannedContent => ({
    digest,
    ...described(digest),
    level: levels.get(digest) ?? 0,
    named: named.has(digest),
    gone: isManifest.has(digest) && read.missing.get(digest)?.is === 'missing',
  })
  const { holders } = whole
  const isDeleted = (digest: Digest): boolean => !holders.held.has(digest)
  const heldBy = holders.of(new Set([...manifests, ...blobs].filter((digest) => !isDeleted(digest))))
  const kept = [...heldBy].map(([digest, tags]): Kept => ({
    digest,
    kind: isManifest.has(digest) ? 'manifest' : 'blob',
    ...described(digest),
    level: levels.get(digest) ?? 0,
    heldBy: tags,
  }))
  return {
    manifests: manifests
      .filter(isDeleted)
      .map(content)
      .sort((one, other) => one.level - other.level || byDigest(one, other)),
    blobs: blobs.filter(isDeleted).map(content).sort(byDigest),
    kept: kept.sort(byDigest),
  }
}

/** Tags that are attached to manifests by name can form circles, so this limits the turns. More are not needed for an order. */
const TURNS = 200

/**
 * The longest way down to each manifest. So a child comes after all its parents, and an attached manifest comes before
 * its subject.
 */
function levelsOf(manifests: readonly Digest[], { subjects }: Attached, read: Read): Map<Digest, number> {
  const levels = new Map<Digest, number>(manifests.map((digest) => [digest, 0]))
  let changed = true
  for (let turn = 0; changed && turn < TURNS; turn++) {
    changed = false
    for (const digest of manifests) {
      const below = (levels.get(digest) ?? 0) + 1
      const children = read.manifests.get(digest)?.children ?? []
      for (const next of [...children.map((child) => child.digest), ...(subjects.get(digest) ?? [])]) {
        if ((levels.get(next) ?? below) >= below) continue
        levels.set(next, below)
        changed = true
      }
    }
  }
  return levels
}

/** Merges two descriptors of one blob, which may differ. The result does not depend on their order. */
function merged(one: Descriptor | undefined, other: Descriptor): Descriptor {
  if (one === undefined) return other
  const [first, second] = compare(key(one), key(other)) <= 0 ? [one, other] : [other, one]
  const size = first.size ?? second.size
  return { ...first, foreign: one.foreign || other.foreign, ...(size !== undefined && { size }) }
}

function key({ mediaType, size }: Descriptor): string {
  return `${mediaType} ${size ?? ''}`
}

interface Described {
  readonly mediaType: string
  readonly size?: number
  readonly foreign: boolean
}

/** Finds media type and size: from the manifest if it was read, else from a descriptor. */
function describeAll(whole: Attached, read: Read): (digest: Digest) => Described {
  const stated = new Map<Digest, Descriptor>()
  for (const digest of whole.manifests) {
    const manifest = read.manifests.get(digest)
    for (const each of [...(manifest?.children ?? []), ...(manifest?.blobs ?? [])])
      for (const name of [each.digest, ...(read.twins.get(each.digest) ?? [])])
        stated.set(name, merged(stated.get(name), each))
  }
  return (digest) => {
    const { mediaType, size } = read.manifests.get(digest) ??
      stated.get(digest) ?? { mediaType: '', size: undefined }
    const foreign = stated.get(digest)?.foreign ?? false
    return { mediaType, foreign, ...(size !== undefined && { size }) }
  }
}
