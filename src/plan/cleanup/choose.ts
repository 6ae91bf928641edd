import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { Created, Facts } from '../../survey/facts.js'
import { byTag, compare } from '../order.js'
import type { Asked, AskedTag, Rules, Selection, Unselected } from '../plan.js'
import type { LabelReason, StayReason } from '../reason.js'
import { guardedOf, pointersOf, remainingTags } from '../select/tags.js'
import { stayForAge, type Ages } from './age.js'
import { Doubts } from './doubt.js'
import type { Image, Matched } from './match.js'
import { neededImages } from './needed.js'
import { sizeOf } from './size.js'

/** The choice in one repository. */
export interface Choice extends Selection {
  readonly repository: Repository
  /** The tags to delete, sorted. Some lose only their label. */
  readonly tags: readonly AskedTag[]
}

/** The criteria for tags that match. */
export interface Criteria extends Ages {
  readonly rules: Pick<Rules, 'scope' | 'protectedTags' | 'tagsOnReferrers'>
}

/**
 * Chooses the tags to delete: those that match and whose image is old enough and not among the newest. It keeps an image
 * in case of doubt. If a remaining tag needs the image, only the label is deleted. A pure function: the same facts give
 * the same choice, whatever their order.
 *
 * @param matched the images that match by name
 * @param created the dates of these images, if the selection depends on dates
 */
export function choose(
  facts: Facts,
  { images, unselected }: Matched,
  created: ReadonlyMap<Digest, Created>,
  criteria: Criteria,
): Choice {
  const open = [...images.values()].filter(({ tags }) => tags.length > 0)
  const reasons = stayForAge(images, created, criteria)
  // With `scope: tag` the image is kept, so doubts about it do not matter.
  const whole = criteria.rules.scope === 'image'
  if (whole) addDoubts(reasons, open, facts)
  const selected = open.filter(({ digest }) => !reasons.has(digest))
  const needed = whole ? neededOf(selected, facts, criteria) : new Map<Digest, LabelReason>()
  const tags = selected.flatMap(({ digest, tags }) => {
    const onlyLabel = needed.get(digest)
    return tags.map((tag): AskedTag => (onlyLabel === undefined ? { tag } : { tag, onlyLabel }))
  })
  const staying = open.flatMap(({ digest, tags }) => {
    const because = reasons.get(digest)
    return because === undefined ? [] : tags.map((tag): Unselected => ({ tag, digest, because }))
  })
  return {
    repository: facts.repository,
    asOf: criteria.asOf,
    tags: tags.sort(byTag),
    unselected: [...unselected, ...staying].sort(byTag),
    counted: criteria.keepNewest > 0 ? matchingTags(open, unselected) : [],
    sizes: new Map(
      [...images.keys()].flatMap((digest) => {
        const size = sizeOf(digest, facts)
        return size === undefined ? [] : [[digest, size] as const]
      }),
    ),
    created: new Map(
      [...created].flatMap(([digest, date]) => (date.is === 'known' ? [[digest, date.at] as const] : [])),
    ),
  }
}

function addDoubts(reasons: Map<Digest, StayReason>, images: readonly Image[], facts: Facts): void {
  const doubts = new Doubts(facts)
  for (const { digest } of images) {
    const doubt = reasons.has(digest) ? undefined : doubts.about(digest)
    if (doubt !== undefined) reasons.set(digest, { kind: 'content-unknown', image: digest, doubt })
  }
}

/** Every tag that matches and resolves, sorted. */
function matchingTags(images: readonly Image[], unselected: readonly Unselected[]): Tag[] {
  const others = unselected.flatMap(({ tag, digest }) => (digest === undefined ? [] : [tag]))
  return [...images.flatMap(({ tags }) => tags), ...others].sort(compare)
}

/**
 * Leaves out the tags that would lose only their label, for a registry that cannot remove a label alone.
 *
 * @param answered the response to the probe
 */
export function withoutLabels(choice: Choice, facts: Facts, answered: string): Choice {
  const staying = choice.tags.flatMap(({ tag, onlyLabel }): Unselected[] => {
    const state = facts.tags.get(tag)
    if (onlyLabel === undefined) return []
    const because = { kind: 'label-not-removable', label: onlyLabel, answered } as const
    return [{ tag, ...(state?.is === 'resolved' && { digest: state.digest }), because }]
  })
  return {
    ...choice,
    tags: choice.tags.filter(({ onlyLabel }) => onlyLabel === undefined),
    unselected: [...choice.unselected, ...staying].sort(byTag),
  }
}

/** @returns the choice as a target, as if the user had named its tags */
export function targetOf({ repository, tags }: Choice): Asked {
  return { repository, tags, digests: [], blobs: [] }
}

function neededOf(selected: readonly Image[], facts: Facts, { rules }: Criteria): Map<Digest, LabelReason> {
  if (selected.length === 0) return new Map()
  const going = selected.flatMap(({ tags }) => tags.map((tag) => ({ tag })))
  const others = remainingTags({ tags: going }, facts, rules)
  return neededImages(selected, { facts, staying: pointersOf(others), guarded: guardedOf(others) })
}
