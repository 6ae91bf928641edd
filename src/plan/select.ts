import { EMPTY_BLOBS, type Digest } from '../oci/digest.js'
import type { Glob } from '../oci/glob.js'
import { reach, type Reach } from '../oci/graph.js'
import type { Descriptor } from '../oci/manifest.js'
import type { Tag } from '../oci/tag.js'
import type { Facts, Survey, Target } from '../survey/facts.js'
import { compare } from './order.js'
import { Holders } from './holders.js'
import type { Kept, PlannedContent, PlannedTag, Remaining } from './plan.js'

/** What was named, split into what goes and what stays. */
export interface Selected {
  readonly tags: readonly PlannedTag[]
  readonly manifests: readonly PlannedContent[]
  readonly blobs: readonly PlannedContent[]
  readonly kept: readonly Kept[]
  readonly remaining: readonly Remaining[]
  readonly image: ReadonlySet<Digest>
  /** Roots and blobs that were named, by tag or digest. */
  readonly named: ReadonlySet<Digest>
  /** All of the named images, by kind. */
  readonly reach: Reach
  readonly holders: Holders
}

/** @returns the tags that stay: every listed one, and every protected name that resolves, but those that were named. */
export function remainingTags(target: Target, facts: Facts, protectedTags: readonly Glob[]): Remaining[] {
  const named = new Set(target.tags.map(({ tag }) => tag))
  const listed = new Set(facts.listed)
  const remaining: Remaining[] = []
  for (const [tag, state] of facts.tags) {
    if (named.has(tag) || (state.is === 'unknown' && !listed.has(tag))) continue
    remaining.push({
      tag,
      ...(state.is === 'resolved' && { digest: state.digest }),
      protected: protectedTags.some((glob) => glob.matches(tag)),
    })
  }
  return remaining.sort((one, other) => compare(one.tag, other.tag))
}

/** Splits what was named: what a remaining tag needs stays, the rest goes. */
export function select(target: Target, survey: Survey, protectedTags: readonly Glob[]): Selected {
  const tags = namedTags(target, survey)
  const roots = new Set([...tags.map(({ root }) => root), ...target.digests])
  const whole = reach(roots, survey, false)
  // A digest that did not come as a manifest and that a manifest has as its blob is a blob.
  const manifests = [...whole.manifests].filter(
    (digest) => !EMPTY_BLOBS.has(digest) && (survey.manifests.has(digest) || !whole.blobs.has(digest)),
  )
  const isManifest = new Set(manifests)
  const blobs = [...new Set([...whole.blobs, ...target.blobs])].filter(
    (digest) => !EMPTY_BLOBS.has(digest) && !isManifest.has(digest),
  )
  const named = new Set([...roots, ...target.blobs])
  const remaining = remainingTags(target, survey, protectedTags)
  const holders = new Holders(pointersOf(remaining), survey, named)

  const levels = levelsOf(manifests, survey)
  const described = describeAll(whole, survey)
  const content = (digest: Digest, level: number): PlannedContent => ({
    digest,
    ...described(digest),
    level,
    named: named.has(digest),
    gone: isManifest.has(digest) && survey.missing.get(digest)?.is === 'missing',
  })
  const goes = (digest: Digest): boolean => !holders.held.has(digest)
  const heldBy = holders.of(new Set([...manifests, ...blobs].filter((digest) => !goes(digest))))
  const kept = [...heldBy].map(([digest, tags]): Kept => ({
    digest,
    kind: isManifest.has(digest) ? 'manifest' : 'blob',
    ...described(digest),
    level: levels.get(digest) ?? 0,
    heldBy: tags,
  }))
  return {
    tags,
    manifests: manifests
      .filter(goes)
      .map((digest) => content(digest, levels.get(digest) ?? 0))
      .sort((one, other) => one.level - other.level || compare(one.digest, other.digest)),
    blobs: blobs
      .filter(goes)
      .map((digest) => content(digest, 0))
      .sort((one, other) => compare(one.digest, other.digest)),
    kept: kept.sort((one, other) => compare(one.digest, other.digest)),
    remaining,
    image: new Set([...whole.manifests, ...whole.blobs, ...blobs]),
    named,
    reach: whole,
    holders,
  }
}

/** @returns the tags that stay and resolve, with their manifests. */
export function pointersOf(remaining: readonly Remaining[]): Map<Tag, Digest> {
  const pointers = new Map<Tag, Digest>()
  for (const { tag, digest } of remaining) if (digest !== undefined) pointers.set(tag, digest)
  return pointers
}

/** A tag that neither resolves nor has a digest written beside it is left out here; `refuse` says so. */
function namedTags(target: Target, survey: Survey): PlannedTag[] {
  return target.tags
    .flatMap(({ tag, digest: pinned }): PlannedTag[] => {
      const state = survey.tags.get(tag)
      if (state?.is === 'resolved') return [{ tag, digest: state.digest, root: pinned ?? state.digest }]
      return pinned === undefined ? [] : [{ tag, root: pinned }]
    })
    .sort((one, other) => compare(one.tag, other.tag))
}

/** The longest way down from a root: a manifest that two parents share comes after both. */
function levelsOf(manifests: readonly Digest[], survey: Survey): Map<Digest, number> {
  const levels = new Map<Digest, number>(manifests.map((digest) => [digest, 0]))
  // Hashes make cycles impossible, and the survey bounds the depth, so this settles after as many turns as levels.
  for (let changed = true; changed;) {
    changed = false
    for (const digest of manifests) {
      const below = (levels.get(digest) ?? 0) + 1
      for (const child of survey.manifests.get(digest)?.children ?? []) {
        if ((levels.get(child.digest) ?? below) >= below) continue
        levels.set(child.digest, below)
        changed = true
      }
    }
  }
  return levels
}

/** Media type and size: of a manifest as it was read, else as a descriptor states them. */
function describeAll(whole: Reach, survey: Survey): (digest: Digest) => { mediaType: string; size?: number } {
  const stated = new Map<Digest, Descriptor>()
  for (const digest of whole.manifests) {
    const manifest = survey.manifests.get(digest)
    for (const each of [...(manifest?.children ?? []), ...(manifest?.blobs ?? [])])
      stated.set(each.digest, each)
  }
  return (digest) => {
    const { mediaType, size } = survey.manifests.get(digest) ??
      stated.get(digest) ?? { mediaType: '', size: undefined }
    return { mediaType, ...(size !== undefined && { size }) }
  }
}
