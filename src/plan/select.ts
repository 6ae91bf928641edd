import type { Digest } from '../oci/digest.js'
import { guards, type Glob } from '../oci/glob.js'
import { reach, type Reach } from '../oci/graph.js'
import { subjectKey, type Tag } from '../oci/tag.js'
import type { Facts, Survey, Target } from '../survey/facts.js'
import { attach } from './attached.js'
import { labelsOf, type Holders } from './holders.js'
import { compare } from './order.js'
import type { Kept, PlannedContent, PlannedTag, Remaining, Rules } from './plan.js'
import { split } from './split.js'

/** What was named, split into what goes and what stays. */
export interface Selected {
  /** The named ones, and those that belong to what goes. */
  readonly tags: readonly PlannedTag[]
  readonly manifests: readonly PlannedContent[]
  readonly blobs: readonly PlannedContent[]
  readonly kept: readonly Kept[]
  readonly remaining: readonly Remaining[]
  /** Everything of the named images and of what is attached to them. */
  readonly image: ReadonlySet<Digest>
  /** Roots and blobs that were named, by tag or digest. */
  readonly named: ReadonlySet<Digest>
  /** All of the named images, by kind, without what is attached to them. */
  readonly reach: Reach
  /** The same, with what is attached. */
  readonly whole: Reach
  /** Tags that belong to the image by their name, and stay since they serve something else, too. */
  readonly shared: readonly Tag[]
  readonly holders: Holders
}

/**
 * Splits what was named: what a remaining tag needs stays, and so does that of which only the label goes; the rest goes
 * with everything attached to it.
 */
export function select(
  target: Target,
  survey: Survey,
  { protectedTags, cleanup = false }: Pick<Rules, 'protectedTags' | 'cleanup'>,
): Selected {
  const tags = namedTags(target, survey)
  const whollyGoing = tags.filter(({ onlyLabel }) => onlyLabel === undefined)
  const roots = new Set([...whollyGoing.map(({ root }) => root), ...target.digests])
  const named = new Set([...roots, ...target.blobs])
  const others = remainingTags(target, survey, protectedTags, cleanup)
  const leaving = labelsOf(tags)
  const whole = attach(roots, pointersOf(others), survey, named, guardedOf(others), new Set(), leaving)
  const attached = [...whole.tags].map(([tag, subjects]): PlannedTag => {
    const root = digestOf(survey, tag)
    const [belongsTo = root] = [...subjects].sort(compare)
    return { tag, digest: root, root, belongsTo }
  })
  const more = target.blobs.flatMap((digest) => [digest, ...(survey.twins.get(digest) ?? [])])
  const { manifests, blobs, kept } = split(whole, more, survey, named)
  const labels = new Set(leaving.map(({ tag }) => tag))
  return {
    tags: [...tags, ...attached].sort((one, other) => compare(one.tag, other.tag)),
    manifests,
    blobs,
    kept: labels.size === 0 ? kept : kept.map((each) => ({ ...each, heldBy: staying(each.heldBy, labels) })),
    remaining: others.filter(({ tag }) => !whole.tags.has(tag)),
    image: new Set([...whole.manifests, ...whole.blobs, ...more]),
    named,
    reach: reach(roots, survey, false),
    whole,
    shared: whole.staying,
    holders: whole.holders,
  }
}

/** A label that goes is named as a holder only where no tag that stays is one. */
function staying(holders: readonly Tag[], labels: ReadonlySet<Tag>): readonly Tag[] {
  const others = holders.filter((tag) => !labels.has(tag))
  return others.length > 0 ? others : holders
}

/** @returns the tags that stay whatever they belong to */
export function guardedOf(others: readonly Remaining[]): Set<Tag> {
  return new Set(others.flatMap((each) => (each.protected || each.guarded === true ? [each.tag] : [])))
}

/**
 * @param cleanup whether tags stay that merely refer to what goes
 * @returns the tags that were not named: every listed one, and every protected name that resolves
 */
export function remainingTags(
  target: Pick<Target, 'tags'>,
  facts: Facts,
  protectedTags: readonly Glob[],
  cleanup: boolean,
): Remaining[] {
  const named = new Set(target.tags.map(({ tag }) => tag))
  const listed = new Set(facts.listed)
  const remaining: Remaining[] = []
  for (const [tag, state] of facts.tags) {
    if (named.has(tag) || (state.is === 'unknown' && !listed.has(tag))) continue
    remaining.push({
      tag,
      ...(state.is === 'resolved' && { digest: state.digest }),
      protected: protectedTags.some((glob) => guards(glob, tag)),
      ...(protectedTags.some(({ text }) => text === tag) && { namedPlainly: true }),
      ...(cleanup && subjectKey(tag) === undefined && { guarded: true }),
    })
  }
  return remaining.sort((one, other) => compare(one.tag, other.tag))
}

/** @returns the tags that stay and resolve, with their manifests. */
export function pointersOf(remaining: readonly Remaining[]): Map<Tag, Digest> {
  const pointers = new Map<Tag, Digest>()
  for (const { tag, digest } of remaining) if (digest !== undefined) pointers.set(tag, digest)
  return pointers
}

/**
 * @returns the tags that were named. One that neither resolves nor has a digest written beside it is left out here;
 * `refuse` says so
 */
export function namedTags(target: Target, survey: Survey): PlannedTag[] {
  return target.tags
    .flatMap(({ tag, digest: pinned, onlyLabel }): PlannedTag[] => {
      const state = survey.tags.get(tag)
      const how = onlyLabel === undefined ? {} : { onlyLabel }
      if (state?.is === 'resolved')
        return [{ tag, digest: state.digest, root: pinned ?? state.digest, ...how }]
      return pinned === undefined ? [] : [{ tag, root: pinned, ...how }]
    })
    .sort((one, other) => compare(one.tag, other.tag))
}

function digestOf({ tags }: Survey, tag: Tag): Digest {
  const state = tags.get(tag)
  if (state?.is !== 'resolved') throw new Error(`${tag} is attached and does not resolve`)
  return state.digest
}
