import type { Digest } from '../../oci/digest.js'
import { guards } from '../../oci/glob.js'
import { subjectKey, type Tag } from '../../oci/tag.js'
import type { Facts, Target } from '../../survey/facts.js'
import { byTag } from '../order.js'
import type { Asked, PlannedTag, Remaining, Rules } from '../plan.js'

/**
 * Returns the tags of the target. It leaves out a tag that neither resolves nor has a digest written beside it: such a
 * tag refuses the plan.
 */
export function askedTags(target: Asked, { tags }: Pick<Facts, 'tags'>): PlannedTag[] {
  return target.tags
    .flatMap(({ tag, digest: written, onlyLabel }): PlannedTag[] => {
      const state = tags.get(tag)
      const how = onlyLabel === undefined ? {} : { onlyLabel }
      if (state?.is === 'resolved')
        return [{ tag, digest: state.digest, root: written ?? state.digest, ...how }]
      return written === undefined ? [] : [{ tag, root: written, ...how }]
    })
    .sort(byTag)
}

/** @returns the tags that are not in the target, sorted: every listed one, and every protected name that resolves */
export function remainingTags(
  target: Pick<Target, 'tags'>,
  facts: Pick<Facts, 'tags' | 'listed'>,
  { protectedTags, tagsOnReferrers }: Pick<Rules, 'protectedTags' | 'tagsOnReferrers'>,
): Remaining[] {
  const asked = new Set(target.tags.map(({ tag }) => tag))
  const listed = new Set(facts.listed)
  const remaining: Remaining[] = []
  for (const [tag, state] of facts.tags) {
    if (asked.has(tag) || (state.is === 'unknown' && !listed.has(tag))) continue
    remaining.push({
      tag,
      ...(state.is === 'resolved' && { digest: state.digest }),
      protected: protectedTags.some((glob) => guards(glob, tag)),
      ...(protectedTags.some(({ text }) => text === tag) && { namedPlainly: true }),
      ...(tagsOnReferrers === 'keep' && subjectKey(tag) === undefined && { guarded: true }),
    })
  }
  return remaining.sort(byTag)
}

/** @returns the tags that are kept even if they are attached to a deleted image */
export function guardedOf(remaining: readonly Remaining[]): Set<Tag> {
  return new Set(remaining.flatMap((each) => (each.protected || each.guarded === true ? [each.tag] : [])))
}

/** @returns the remaining tags that resolve, with their manifests */
export function pointersOf(remaining: readonly Remaining[]): Map<Tag, Digest> {
  const pointers = new Map<Tag, Digest>()
  for (const { tag, digest } of remaining) if (digest !== undefined) pointers.set(tag, digest)
  return pointers
}
