import type { Digest } from '../oci/digest.js'
import { keyOf, subjectKey, type Tag } from '../oci/tag.js'
import type { Facts } from '../survey/facts.js'
import { attach } from './attached.js'
import { Holders, labelsOf } from './holders.js'
import type { PlannedContent, PlannedTag, RepositoryPlan } from './plan.js'
import { split } from './split.js'

/** What was kept, or attached to what was kept, and goes after all. */
export interface Released {
  readonly tags: readonly PlannedTag[]
  readonly manifests: readonly PlannedContent[]
  readonly blobs: readonly PlannedContent[]
}

/** A tag, or a manifest without one, that belongs to a manifest of the image. */
export interface Newcomer {
  readonly tag?: Tag
  readonly digest: Digest
  readonly subject: Digest
}

/** What a later look means for a plan that is being carried out. */
export interface Reconsidered {
  /** Planned to go, but a tag needs it now: it stays. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
  /** Not planned to go, but no tag needs it any more: it goes. */
  readonly released: Released
  /** Tags that go and point elsewhere now, and absent ones that came back: they are somebody's new push. */
  readonly moved: readonly { readonly tag: Tag; readonly digest: Digest }[]
  /** Remaining tags without a manifest at the survey that resolve now. */
  readonly revived: readonly Tag[]
  /** What came to belong to something that goes, and was not there when the plan was made. */
  readonly newcomers: readonly Newcomer[]
  /** Why what the tags need cannot be known. With any of these nothing more may be deleted. */
  readonly unsure: readonly string[]
}

/**
 * Asks of fresh facts whether a plan still holds (safety rules 6 and 9): what a look finds anew stays, with all it
 * needs; what nobody holds any more goes, with what is attached to it.
 *
 * @param plan the repository's plan
 * @param facts every tag as it is now
 */
export function reconsider(plan: RepositoryPlan, facts: Facts): Reconsidered {
  const { pointers, moved, revived, unsure } = whereTagsPoint(plan, facts)
  const contents = [...plan.manifests, ...plan.blobs]
  const named = new Set(contents.filter((each) => each.named).map(({ digest }) => digest))
  // Of which only the label goes, stays whole, whether or not the label is still there to hold it.
  const holders = new Holders(pointers, facts, named, labelsOf(plan.tags))
  for (const [digest, missing] of facts.missing) {
    if (!holders.held.has(digest)) continue
    if (missing.is !== 'lie' && plan.ignored.has(digest)) continue
    const why = missing.is === 'missing' ? 'it is unknown to the registry' : missing.why
    unsure.push(`a remaining tag of ${plan.repository} needs ${digest}, which cannot be read: ${why}`)
  }
  for (const [subject, why] of facts.referrersUnclear)
    if (!plan.ignored.has(subject)) unsure.push(`what refers to ${subject} cannot be told: ${why}`)

  const going = new Set(contents.map(({ digest }) => digest))
  const newcomers = newcomersOf(plan, facts, pointers)
  return {
    left: holders.of(new Set([...going].filter((digest) => holders.held.has(digest)))),
    released: release(plan, facts, pointers, named, new Set(newcomers.map(({ digest }) => digest))),
    moved,
    revived,
    newcomers,
    unsure,
  }
}

function newcomersOf(plan: RepositoryPlan, facts: Facts, pointers: ReadonlyMap<Tag, Digest>): Newcomer[] {
  const going = new Set(plan.manifests.map(({ digest }) => digest))
  const keys = new Map(plan.manifests.map(({ digest }) => [keyOf(digest), digest]))
  const known = new Set(plan.remaining.map(({ tag }) => tag))
  const purged = new Set(plan.tags.map(({ tag }) => tag))
  const all: Newcomer[] = []
  const tagged = new Set<Digest>(plan.remaining.flatMap(({ digest }) => digest ?? []))
  for (const [tag, digest] of pointers) {
    if (known.has(tag) || purged.has(tag)) continue
    const own = facts.manifests.get(digest)?.subject
    const subject = keys.get(subjectKey(tag) ?? '') ?? (own !== undefined && going.has(own) ? own : undefined)
    if (subject === undefined) continue
    tagged.add(digest)
    all.push({ tag, digest, subject })
  }
  for (const subject of going)
    for (const digest of facts.referrers.get(subject) ?? [])
      if (!plan.image.has(digest) && !tagged.has(digest) && facts.manifests.get(digest)?.subject === subject)
        all.push({ digest, subject })
  return all
}

interface Pointing {
  readonly pointers: ReadonlyMap<Tag, Digest>
  readonly moved: { tag: Tag; digest: Digest }[]
  readonly revived: Tag[]
  readonly unsure: string[]
}

/** Every tag that stays, and what it points at as far as that is to be protected. */
function whereTagsPoint(plan: RepositoryPlan, facts: Facts): Pointing {
  const purged = new Map(plan.tags.map((each) => [each.tag, each]))
  const before = new Map(plan.remaining.map((each) => [each.tag, each]))
  const listed = new Set(facts.listed)
  const pointers = new Map<Tag, Digest>()
  const moved: { tag: Tag; digest: Digest }[] = []
  const revived: Tag[] = []
  const unsure: string[] = []
  for (const [tag, state] of facts.tags) {
    const own = purged.get(tag)
    const known = before.get(tag)
    if (state.is === 'resolved') {
      // The tag that goes still shows its manifest where the registry cannot delete it by name: that holds nothing.
      if (own !== undefined && own.digest === state.digest) continue
      if (own !== undefined) moved.push({ tag, digest: state.digest })
      if (known !== undefined && known.digest === undefined) revived.push(tag)
      pointers.set(tag, state.digest)
    } else if (state.is === 'unknown') {
      // Listed and yet unknown, though it resolved before: a replica lags behind, so what it needed is still needed.
      if (known?.digest !== undefined && listed.has(tag)) pointers.set(tag, known.digest)
      if (known?.protected === true)
        unsure.push(
          `${plan.repository}:${tag} is in protected-tags, but its manifest is unknown to the registry now`,
        )
    } else if (state.is === 'lie' || !plan.ignored.has(tag))
      unsure.push(`${plan.repository}:${tag} cannot be read now: ${state.why}`)
  }
  return { pointers, moved, revived, unsure }
}

/**
 * Looks for what would go by now and is not in the plan. Tags that are new, or moved, stay whatever they belong to.
 *
 * @param strange was not there when the plan was made: it does not go along, but it may be needed
 */
function release(
  plan: RepositoryPlan,
  facts: Facts,
  pointers: ReadonlyMap<Tag, Digest>,
  named: ReadonlySet<Digest>,
  strange: ReadonlySet<Digest>,
): Released {
  // All that goes is a root: the tags by whose names some of it belonged may be gone.
  const roots = new Set(plan.manifests.map(({ digest }) => digest))
  const before = new Map(plan.remaining.map((each) => [each.tag, each]))
  const guarded = new Set<Tag>()
  for (const [tag, digest] of pointers) {
    const known = before.get(tag)
    if (known === undefined || known.protected || known.guarded === true || known.digest !== digest)
      guarded.add(tag)
  }
  const whole = attach(roots, pointers, facts, named, guarded, strange, labelsOf(plan.tags))
  const { manifests, blobs } = split(whole, [], facts, named)
  const planned = new Set([...plan.manifests, ...plan.blobs].map(({ digest }) => digest))
  const isNew = ({ digest }: PlannedContent): boolean => !planned.has(digest)
  return {
    tags: [...whole.tags].flatMap(([tag, [belongsTo]]): PlannedTag[] => {
      const digest = pointers.get(tag)
      return digest === undefined || belongsTo === undefined ? [] : [{ tag, digest, root: digest, belongsTo }]
    }),
    manifests: manifests.filter(isNew),
    blobs: blobs.filter(isNew),
  }
}
