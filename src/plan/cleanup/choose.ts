import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { Created, Facts, Target, TargetTag } from '../../survey/facts.js'
import { compare } from '../order.js'
import type { Rules, Selection, Unselected } from '../plan.js'
import { guardedOf, pointersOf, remainingTags } from '../select.js'
import { stayForAge, type Ages } from './age.js'
import { Doubts } from './doubt.js'
import type { Image, Matched } from './match.js'
import { neededImages } from './needed.js'
import { sizeOf } from './size.js'

/** What a cleanup selects in one repository. */
export interface Choice extends Selection {
  readonly repository: Repository
  /** What goes, sorted by tag; of some only the label. */
  readonly tags: readonly TargetTag[]
}

/** By what is chosen. */
export interface Criteria extends Ages {
  readonly scope: Rules['scope']
  readonly protectedTags: Rules['protectedTags']
}

/**
 * Chooses what goes: the tags that match, on images that are old enough and not among the newest. Conservative: what is
 * doubtful stays, and where a tag that stays needs the image only the label goes. A pure function of what was read, in
 * whatever order that came.
 *
 * @param matched by name
 * @param created the dates of these images, as far as they decide
 */
export function choose(
  facts: Facts,
  { images, unselected }: Matched,
  created: ReadonlyMap<Digest, Created>,
  criteria: Criteria,
): Choice {
  const reasons = stayForAge(images, created, criteria)
  const open = [...images.values()].filter(({ tags }) => tags.length > 0)
  // Only a label needs no knowledge of what is under it.
  const whole = criteria.scope === 'image'
  const doubts = new Doubts(facts)
  for (const { digest } of whole ? open : []) {
    const why = reasons.has(digest) ? undefined : doubts.about(digest)
    if (why !== undefined) reasons.set(digest, `what belongs to it is not known: ${why}`)
  }
  const selected = open.filter(({ digest }) => !reasons.has(digest))
  const needed = whole ? neededOf(selected, facts, criteria) : new Map<Digest, string>()
  const tags = selected.flatMap(({ digest, tags }) =>
    tags.map((tag): TargetTag => {
      const why = needed.get(digest)
      return why === undefined ? { tag } : { tag, onlyLabel: why }
    }),
  )
  const staying = open.flatMap(({ digest, tags }) =>
    tags.flatMap((tag): Unselected[] => {
      const because = reasons.get(digest)
      return because === undefined ? [] : [{ tag, digest, because }]
    }),
  )
  return {
    repository: facts.repository,
    tags: tags.sort(byTag),
    unselected: [...unselected, ...staying].sort(byTag),
    sizes: new Map([...images.keys()].map((digest) => [digest, sizeOf(digest, facts)])),
    created: new Map(
      [...created].flatMap(([digest, date]) => (date.is === 'known' ? [[digest, date.at] as const] : [])),
    ),
  }
}

/**
 * Where the registry cannot remove a label alone, the tags stay of which only the label was to go.
 *
 * @param why what the registry said
 */
export function withoutLabels(choice: Choice, facts: Facts, why: string): Choice {
  const staying = choice.tags.flatMap(({ tag, onlyLabel }): Unselected[] => {
    const state = facts.tags.get(tag)
    if (onlyLabel === undefined) return []
    const because = `${onlyLabel}, and this registry cannot remove a label alone (${why})`
    return [{ tag, ...(state?.is === 'resolved' && { digest: state.digest }), because }]
  })
  return {
    ...choice,
    tags: choice.tags.filter(({ onlyLabel }) => onlyLabel === undefined),
    unselected: [...choice.unselected, ...staying].sort(byTag),
  }
}

/** @returns what was chosen, as an incident would name it */
export function targetOf({ repository, tags }: Choice): Target {
  return { repository, tags, digests: [], blobs: [] }
}

function neededOf(
  selected: readonly Image[],
  facts: Facts,
  { protectedTags }: Criteria,
): Map<Digest, string> {
  if (selected.length === 0) return new Map()
  const going = selected.flatMap(({ tags }) => tags.map((tag) => ({ tag })))
  const others = remainingTags({ tags: going }, facts, protectedTags, true)
  return neededImages(selected, { facts, staying: pointersOf(others), guarded: guardedOf(others) })
}

function byTag(one: { readonly tag: Tag }, other: { readonly tag: Tag }): number {
  return compare(one.tag, other.tag)
}
