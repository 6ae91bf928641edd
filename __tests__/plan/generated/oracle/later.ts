import type { Digest } from '../../../../src/oci/digest.js'
import type { Tag } from '../../../../src/oci/tag.js'
import type { RepositoryPlan } from '../../../../src/plan/plan.js'
import { add, belonging, needsOf, partsIn, twinsOf, type Pointers } from './belonging.js'
import { imageOf } from './truth.js'
import type { Seen } from '../world/look.js'
import { prefixIn, prefixOf } from '../world/world.js'

/** What a later look at the tags must mean for a plan that is under way. */
export interface Later {
  /** Planned to go, but needed now, by these tags. */
  readonly left: ReadonlyMap<Digest, ReadonlySet<Tag>>
  /** Goes after all: digests, and tags. */
  readonly released: ReadonlySet<Digest>
  readonly labels: ReadonlySet<Tag>
  readonly moved: ReadonlySet<Tag>
  /** What came to belong to something that goes: tags, and digests of what has none. */
  readonly newcomers: ReadonlySet<Tag | Digest>
  readonly sure: boolean
}

export function truthLater(seen: Seen, plan: RepositoryPlan): Later {
  const { facts } = seen
  const planned = new Map(plan.tags.map((each) => [each.tag, each.digest]))
  const remaining = new Map(plan.remaining.map((each) => [each.tag, each]))
  const pointers = new Map<Tag, Digest>()
  const fixed = new Set<Tag>()
  const moved = new Set<Tag>()
  let sure = true
  for (const [tag, state] of facts.tags) {
    const before = remaining.get(tag)
    if (state.is === 'lie' || (state.is === 'unreadable' && !plan.ignored.has(tag))) sure = false
    if (state.is === 'unknown' && before?.protected === true) sure = false
    // Listed and unknown, though it resolved before: some replica lags behind, and what it needed is still needed.
    const lags = state.is === 'unknown' && facts.listed.includes(tag)
    const at = state.is === 'resolved' ? state.digest : lags ? before?.digest : undefined
    if (at === undefined) continue
    // The tag that goes still shows its manifest.
    if (planned.has(tag) && planned.get(tag) === at) continue
    if (planned.has(tag)) moved.add(tag)
    pointers.set(tag, at)
    // New and moved tags stay, whatever they belong to.
    if (before === undefined || before.protected || before.digest !== at) fixed.add(tag)
  }
  const contents = [...plan.manifests, ...plan.blobs]
  const spared = new Set(
    contents.flatMap(({ digest, named }) => (named ? [digest, ...twinsOf(seen, digest)] : [])),
  )
  const roots = new Set(plan.manifests.map(({ digest }) => digest))
  const holders = new Map<Digest, Set<Tag>>()
  for (const [tag, at] of pointers)
    for (const digest of needsOf(seen, [at], spared).all) add(holders, digest, tag)
  for (const [digest, { is }] of facts.missing)
    if (holders.has(digest) && (is === 'lie' || !plan.ignored.has(digest))) sure = false
  for (const subject of facts.referrersUnclear.keys()) if (!plan.ignored.has(subject)) sure = false

  const going = new Set(contents.map(({ digest }) => digest))
  const { newcomers, strange } = newIn(seen, plan, pointers)
  const now = belonging(seen, roots, pointers, fixed, spared, strange)
  const goesNow = [...imageOf(seen, now, [])].filter((digest) => !now.holders.has(digest))
  return {
    left: new Map(
      [...going].flatMap((digest) => (holders.has(digest) ? [[digest, holders.get(digest)!]] : [])),
    ),
    released: new Set(goesNow.filter((digest) => !going.has(digest))),
    labels: now.tags,
    newcomers,
    moved,
    sure,
  }
}

/** What belongs by name or by reference to something that goes, and was not there when the plan was made. */
function newIn(
  seen: Seen,
  plan: RepositoryPlan,
  pointers: Pointers,
): { newcomers: Set<Tag | Digest>; strange: Set<Digest> } {
  const going = new Set(plan.manifests.map(({ digest }) => digest))
  const prefixes = new Set([...going].map(prefixOf))
  const refers = (digest: Digest): boolean => {
    const subject = partsIn(seen, digest)?.subject
    return subject !== undefined && going.has(subject)
  }
  const known = new Set([...plan.tags, ...plan.remaining].map(({ tag }) => tag))
  const tags = [...pointers].filter(
    ([tag, at]) => !known.has(tag) && (prefixes.has(prefixIn(tag) ?? '') || refers(at)),
  )
  const tagged = new Set([...tags.map(([, at]) => at), ...plan.remaining.map(({ digest }) => digest)])
  const untagged = [...seen.read.keys()].filter(
    (digest) => refers(digest) && !tagged.has(digest) && !plan.image.has(digest),
  )
  return {
    newcomers: new Set([...tags.map(([tag]) => tag), ...untagged]),
    strange: new Set([...tags.map(([, at]) => at), ...untagged]),
  }
}
