import type { Digest } from '../oci/digest.js'
import { keyOf, subjectKey, type Tag } from '../oci/tag.js'
import type { Facts } from '../survey/facts.js'
import { Holders, labelsOf, type Pointers } from './holders.js'
import type { PlannedContent, PlannedTag, RepositoryPlan } from './plan.js'
import type { Doubt } from './problems/plan.js'
import { attach } from './select/attached.js'
import { split } from './select/split.js'

/** Items that the plan kept and that can be deleted now, with everything attached to them. */
export interface Released {
  readonly tags: readonly PlannedTag[]
  readonly manifests: readonly PlannedContent[]
  readonly blobs: readonly PlannedContent[]
}

/** A tag, or an untagged manifest, that was attached to a manifest of the image after the plan was made. */
export interface Newcomer {
  readonly tag?: Tag
  readonly digest: Digest
  readonly subject: Digest
}

/** The result of a later check for a plan that is being carried out. */
export interface Reconsidered {
  /** Content that the plan deletes, with the tags that need it now: it is kept. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
  /** Kept content that no tag needs any more: it is deleted. */
  readonly released: Released
  /** Tags to delete that somebody pushed: they point to another manifest now, or did not resolve before. */
  readonly moved: readonly { readonly tag: Tag; readonly digest: Digest }[]
  /** Remaining tags without a manifest at the survey that resolve now. */
  readonly revived: readonly Tag[]
  /** Tags and manifests that were attached to deleted content after the plan was made. */
  readonly newcomers: readonly Newcomer[]
  /** Why it is unknown what the tags need. If there is a reason, nothing more may be deleted. */
  readonly unsure: readonly Doubt[]
}

/**
 * Checks a plan against fresh facts (safety rules 6 and 9). It keeps new tags with everything that they need. It deletes
 * content that no tag needs any more, with everything attached to it.
 *
 * @param facts every tag as it is now
 */
export function reconsider(plan: RepositoryPlan, facts: Facts): Reconsidered {
  const { pointers, moved, revived, unsure } = whereTagsPoint(plan, facts)
  const contents = [...plan.manifests, ...plan.blobs]
  const named = new Set(contents.filter((each) => each.named).map(({ digest }) => digest))
  // Keep the manifests of labels, even after the label is deleted.
  const holders = new Holders(pointers, facts, named, labelsOf(plan.tags))
  const going = new Set(contents.map(({ digest }) => digest))
  const newcomers = newcomersOf(plan, facts, pointers)
  return {
    left: holders.of(new Set([...going].filter((digest) => holders.held.has(digest)))),
    released: release(plan, facts, {
      pointers,
      named,
      strangers: new Set(newcomers.map(({ digest }) => digest)),
    }),
    moved,
    revived,
    newcomers,
    unsure: [...unsure, ...unknownContent(plan, facts, holders)],
  }
}

function unknownContent({ repository, ignored }: RepositoryPlan, facts: Facts, holders: Holders): Doubt[] {
  const doubts: Doubt[] = []
  for (const [digest, missing] of facts.missing) {
    if (!holders.held.has(digest)) continue
    if (missing.is !== 'lie' && ignored.has(digest)) continue
    const why = missing.is === 'missing' ? {} : { why: missing.why }
    doubts.push({ kind: 'needed-manifest-unreadable-now', repository, digest, ...why })
  }
  for (const [subject, why] of facts.referrersUnclear)
    if (!ignored.has(subject)) doubts.push({ kind: 'referrers-unclear-now', repository, subject, why })
  return doubts
}

function newcomersOf(plan: RepositoryPlan, facts: Facts, pointers: Pointers): Newcomer[] {
  const going = new Set(plan.manifests.map(({ digest }) => digest))
  const keys = new Map(plan.manifests.map(({ digest }) => [keyOf(digest), digest]))
  const known = new Set([...plan.remaining, ...plan.tags].map(({ tag }) => tag))
  const all: Newcomer[] = []
  const tagged = new Set<Digest>(plan.remaining.flatMap(({ digest }) => digest ?? []))
  for (const [tag, digest] of pointers) {
    if (known.has(tag)) continue
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
  readonly pointers: Pointers
  readonly moved: { tag: Tag; digest: Digest }[]
  readonly revived: Tag[]
  readonly unsure: Doubt[]
}

/** Finds the manifests that must be protected: those that remaining, new and moved tags point to. */
function whereTagsPoint(plan: RepositoryPlan, facts: Facts): Pointing {
  const { repository } = plan
  const purged = new Map(plan.tags.map((each) => [each.tag, each]))
  const before = new Map(plan.remaining.map((each) => [each.tag, each]))
  const listed = new Set(facts.listed)
  const pointers = new Map<Tag, Digest>()
  const moved: { tag: Tag; digest: Digest }[] = []
  const revived: Tag[] = []
  const unsure: Doubt[] = []
  for (const [tag, state] of facts.tags) {
    const own = purged.get(tag)
    const known = before.get(tag)
    if (state.is === 'resolved') {
      // If the registry cannot delete a tag by name, a tag to delete still points to its manifest. It holds nothing.
      if (own !== undefined && own.digest === state.digest) continue
      if (own !== undefined) moved.push({ tag, digest: state.digest })
      if (known !== undefined && known.digest === undefined) revived.push(tag)
      pointers.set(tag, state.digest)
    } else if (state.is === 'unknown') {
      // The tag is listed, and it resolved before. So a replica is stale, and the tag still needs its content.
      if (known?.digest !== undefined && listed.has(tag)) pointers.set(tag, known.digest)
      if (known?.protected === true) unsure.push({ kind: 'protected-tag-unknown-now', repository, tag })
    } else if (state.is === 'lie' || !plan.ignored.has(tag))
      unsure.push({ kind: 'tag-unreadable-now', repository, tag, why: state.why })
  }
  return { pointers, moved, revived, unsure }
}

interface Now {
  readonly pointers: Pointers
  readonly named: ReadonlySet<Digest>
  /** Manifests that did not exist when the plan was made. They are not deleted with the image, but a tag may need them. */
  readonly strangers: ReadonlySet<Digest>
}

/** Finds items that are not in the plan and can be deleted now. Keeps tags that are new or moved. */
function release(plan: RepositoryPlan, facts: Facts, { pointers, named, strangers }: Now): Released {
  // Every manifest of the plan is a root: the tags that attached some of them to the image may be gone.
  const roots = new Set(plan.manifests.map(({ digest }) => digest))
  const before = new Map(plan.remaining.map((each) => [each.tag, each]))
  const guarded = new Set<Tag>()
  for (const [tag, digest] of pointers) {
    const known = before.get(tag)
    if (known === undefined || known.protected || known.guarded === true || known.digest !== digest)
      guarded.add(tag)
  }
  const labels = labelsOf(plan.tags)
  const whole = attach({ roots, pointers, graph: facts, named, guarded, strangers, labels })
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
