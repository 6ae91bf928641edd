import type { Digest } from '../../../src/oci/digest.js'
import type { RepositoryPlan } from '../../../src/plan/plan.js'
import { below, partsIn } from './oracle/belonging.js'
import { orderOf } from './oracle/order.js'
import type { Truth } from './oracle/truth.js'
import type { Seen } from './world/look.js'
import { prefixIn, prefixOf } from './world/world.js'

/** The smallest shares of repositories, as in `traits`, of what is attached in a plan that is carried out. */
export const LEAST_ATTACHED: Readonly<Record<string, number>> = {
  'a referrer goes': 0.05,
  'a referrer without a tag goes': 0.025,
  'a referrer of a referrer goes': 0.004,
  'a referrer of a child goes': 0.01,
  'a tag on a referrer goes': 0.01,
  'a tag goes by its name': 0.05,
  'a referrers index goes': 0.012,
  'something goes that is attached to what is attached': 0.012,
  'a tag stays that belongs by its name to what goes': 0.012,
  '… for what it points to': 0.006,
  '… for what refers to something that stays': 0.003,
  '… for its own name’s sake': 0.001,
  'a child is kept with its referrers': 0.008,
  'a child is kept with its signature': 0.007,
  'a blob of what is attached is kept': 0.01,
  'a manifest goes under two digests': 0.004,
  'a blob goes under two digests': 0.01,
  'a blob is kept under two digests': 0.003,
  'names in a circle': 0.004,
}

/** What is attached to what, in a plan that is carried out. */
export function* attachedIn(seen: Seen, truth: Truth, plan: RepositoryPlan): Generator<string> {
  yield* whatGoes(seen, truth, plan)
  yield* whatStays(seen, truth, plan)
  const { whole, holders } = truth
  const ofTree = new Set([...truth.tree].flatMap((digest) => partsIn(seen, digest)?.blobs ?? []))
  const twice = plan.blobs.filter(({ digest }) => seen.twins.has(digest))
  if ([...whole.blobs].some((digest) => holders.has(digest) && !ofTree.has(digest)))
    yield 'a blob of what is attached is kept'
  if (plan.manifests.some(({ digest }) => seen.twins.has(digest))) yield 'a manifest goes under two digests'
  if (twice.length > 0) yield 'a blob goes under two digests'
  if (plan.kept.some(({ kind, digest }) => kind === 'blob' && seen.twins.has(digest)))
    yield 'a blob is kept under two digests'
  if (orderOf(seen, whole).circling.size > 0) yield 'names in a circle'
}

function* whatGoes(
  seen: Seen,
  { tree, roots }: Truth,
  { tags, manifests }: RepositoryPlan,
): Generator<string> {
  const going = new Set(manifests.map(({ digest }) => digest))
  /** What a manifest refers to that goes as well, and does not go as a part of what was named. */
  const subjectOf = (digest: Digest): Digest | undefined => {
    const subject = partsIn(seen, digest)?.subject
    return subject !== undefined && going.has(subject) && !tree.has(digest) ? subject : undefined
  }
  const along = tags.filter(({ belongsTo }) => belongsTo !== undefined)
  const tagged = new Set(along.map(({ digest }) => digest))
  const referrers = [...going].flatMap((digest) => {
    const subject = subjectOf(digest)
    return subject === undefined ? [] : [{ digest, subject }]
  })
  if (referrers.length > 0) yield 'a referrer goes'
  if (referrers.some(({ digest }) => !tagged.has(digest))) yield 'a referrer without a tag goes'
  if (referrers.some(({ subject }) => subjectOf(subject) !== undefined)) yield 'a referrer of a referrer goes'
  if (referrers.some(({ subject }) => tree.has(subject) && !roots.has(subject)))
    yield 'a referrer of a child goes'
  const named = along.filter(({ tag }) => prefixIn(tag) !== undefined)
  if (named.length < along.length) yield 'a tag on a referrer goes'
  if (named.length > 0) yield 'a tag goes by its name'
  if (named.some(({ tag, root }) => !tag.includes('.') && seen.read.get(root)?.madeAs === 'index'))
    yield 'a referrers index goes'
  if (along.some(({ belongsTo }) => belongsTo !== undefined && !tree.has(belongsTo)))
    yield 'something goes that is attached to what is attached'
}

function* whatStays(seen: Seen, { tree, holders }: Truth, plan: RepositoryPlan): Generator<string> {
  const going = new Set(plan.manifests.map(({ digest }) => prefixOf(digest)))
  const held = new Set([...holders.keys()].map(prefixOf))
  for (const { tag, digest, protected: guarded } of plan.remaining) {
    const subject = digest === undefined ? undefined : partsIn(seen, digest)?.subject
    const byName = prefixIn(tag)
    if (digest === undefined || guarded) continue
    // A referrer of what goes that carries a name of what stays.
    if (byName !== undefined && held.has(byName) && subject !== undefined && going.has(prefixOf(subject)))
      yield '… for its own name’s sake'
    if (byName === undefined || !going.has(byName)) continue
    yield 'a tag stays that belongs by its name to what goes'
    if ([...(holders.get(digest) ?? [])].some((other) => other !== tag)) yield '… for what it points to'
    else if ([...below(seen, [digest])].some((each) => holders.has(partsIn(seen, each)?.subject ?? digest)))
      yield '… for what refers to something that stays'
  }
  const kept = [...tree].filter((digest) => holders.has(digest))
  const referredTo = new Set([...holders.keys()].map((digest) => partsIn(seen, digest)?.subject))
  const signed = new Set(plan.remaining.map(({ tag }) => prefixIn(tag)))
  if (kept.some((digest) => referredTo.has(digest))) yield 'a child is kept with its referrers'
  if (kept.some((digest) => signed.has(prefixOf(digest)))) yield 'a child is kept with its signature'
}
