import type { Digest } from '../../oci/digest.js'
import { reach, type Reach } from '../../oci/graph.js'
import type { Tag } from '../../oci/tag.js'
import type { Survey } from '../../survey/facts.js'
import { labelsOf, type Holders } from '../holders.js'
import { byTag, compare } from '../order.js'
import type { Asked, Kept, PlannedContent, PlannedTag, Remaining, Rules } from '../plan.js'
import { attach } from './attached.js'
import { split } from './split.js'
import { askedTags, guardedOf, pointersOf, remainingTags } from './tags.js'

/** The target, split into content to delete and content to keep. */
export interface Selected {
  /** The tags of the target, and those that are attached to deleted content. */
  readonly tags: readonly PlannedTag[]
  readonly manifests: readonly PlannedContent[]
  readonly blobs: readonly PlannedContent[]
  readonly kept: readonly Kept[]
  readonly remaining: readonly Remaining[]
  /** Every digest of the images and of everything attached to them. */
  readonly image: ReadonlySet<Digest>
  /** Roots and blobs that were named, by tag or digest. */
  readonly named: ReadonlySet<Digest>
  /** The images without anything attached to them. */
  readonly reach: Reach
  /** The images with everything attached to them. */
  readonly whole: Reach
  /** Tags that are attached to the image, but kept because they also serve content that is kept. */
  readonly shared: readonly Tag[]
  readonly holders: Holders
}

/**
 * Splits a target. It keeps content that a remaining tag needs, and images that lose only their label. It deletes the
 * rest, with everything attached to it.
 */
export function select(
  target: Asked,
  survey: Survey,
  rules: Pick<Rules, 'protectedTags' | 'tagsOnReferrers'>,
): Selected {
  const tags = askedTags(target, survey)
  const deletedWhole = tags.filter(({ onlyLabel }) => onlyLabel === undefined)
  const roots = new Set([...deletedWhole.map(({ root }) => root), ...target.digests])
  const named = new Set([...roots, ...target.blobs])
  const others = remainingTags(target, survey, rules)
  const labels = labelsOf(tags)
  const whole = attach({
    roots,
    pointers: pointersOf(others),
    graph: survey,
    named,
    guarded: guardedOf(others),
    labels,
  })
  const attached = [...whole.tags].map(([tag, subjects]): PlannedTag => {
    const root = digestOf(survey, tag)
    const [belongsTo = root] = [...subjects].sort(compare)
    return { tag, digest: root, root, belongsTo }
  })
  const more = target.blobs.flatMap((digest) => [digest, ...(survey.twins.get(digest) ?? [])])
  const { manifests, blobs, kept } = split(whole, more, survey, named)
  const leaving = new Set(labels.map(({ tag }) => tag))
  return {
    tags: [...tags, ...attached].sort(byTag),
    manifests,
    blobs,
    kept:
      leaving.size === 0 ? kept : kept.map((each) => ({ ...each, heldBy: staying(each.heldBy, leaving) })),
    remaining: others.filter(({ tag }) => !whole.tags.has(tag)),
    image: new Set([...whole.manifests, ...whole.blobs, ...more]),
    named,
    reach: reach(roots, survey, false),
    whole,
    shared: whole.staying,
    holders: whole.holders,
  }
}

/** Leaves out deleted labels, unless only they hold the content. */
function staying(holders: readonly Tag[], leaving: ReadonlySet<Tag>): readonly Tag[] {
  const others = holders.filter((tag) => !leaving.has(tag))
  return others.length > 0 ? others : holders
}

function digestOf({ tags }: Survey, tag: Tag): Digest {
  const state = tags.get(tag)
  if (state?.is !== 'resolved') throw new Error(`${tag} is attached and does not resolve`)
  return state.digest
}
