import type { Digest } from '../../../src/oci/digest.js'
import type { RepositoryPlan } from '../../../src/plan/plan.js'
import { attachedIn, LEAST_ATTACHED } from './attached.js'
import type { Truth } from './oracle/truth.js'
import type { Seen } from './world/look.js'
import { EMPTIES } from './world/write.js'
import { partsOf, prefixIn, type Purge } from './world/world.js'

/** The smallest shares of repositories with which the properties above say something. */
export const LEAST: Readonly<Record<string, number>> = {
  'carried out': 0.25,
  'carried out, and something is kept': 0.12,
  'carried out, and a child manifest is kept': 0.06,
  refused: 0.3,
  index: 0.2,
  'nested index': 0.05,
  'attestation child': 0.05,
  'shared child': 0.15,
  'shared blob': 0.3,
  'empty blob': 0.1,
  'unknown kind': 0.1,
  'missing child': 0.005,
  'referrers API': 0.3,
  'dangling tag': 0.05,
  'tag by the name of a digest': 0.05,
  'several targets': 0.2,
  'several repositories': 0.2,
  'refused: alias': 0.08,
  'refused: named and needed': 0.05,
  'refused: remaining unreadable': 0.02,
  'refused: content unreadable': 0.004,
  'refused: referrer': 0.006,
  'refused: twins': 0.008,
  'refused: shared': 0.05,
  'refused: deletion': 0.02,
  'refused: unknown kind': 0.03,
  'something is passed over': 0.02,
  'an API that lies': 0.02,
  ...LEAST_ATTACHED,
}

/** What a made-up repository and its plan have in them. */
export function* traitsOf(
  { world, target }: Purge,
  seen: Seen,
  truth: Truth,
  plan: RepositoryPlan,
): Generator<string> {
  const { read } = seen
  const { tree, image, holders, reasons } = truth
  const childrenOf = (digest: Digest): readonly Digest[] => {
    const stored = read.get(digest)
    return stored === undefined ? [] : partsOf(stored).children
  }
  const children = [...tree].flatMap(childrenOf)
  const runs = plan.refusals.length === 0 && plan.tags.length + plan.manifests.length + plan.blobs.length > 0
  const held = [...image].filter((digest) => holders.has(digest))
  if (runs) yield 'carried out'
  if (runs && held.length > 0) yield 'carried out, and something is kept'
  if (runs && held.some((digest) => tree.has(digest))) yield 'carried out, and a child manifest is kept'
  if (plan.refusals.length > 0) yield 'refused'
  if (children.length > 0) yield 'index'
  if (children.some((child) => !read.has(child))) yield 'missing child'
  if ([...tree].some((digest) => read.get(digest)?.body.includes('attestation-manifest')))
    yield 'attestation child'
  if ([...tree].some((digest) => EMPTIES.some((empty) => read.get(digest)?.body.includes(empty))))
    yield 'empty blob'
  if ([...plan.remaining].some(({ digest }) => digest === undefined)) yield 'dangling tag'
  if ([...world.tags.keys()].some((tag) => prefixIn(tag) !== undefined)) yield 'tag by the name of a digest'
  if (children.some((child) => childrenOf(child).length > 0)) yield 'nested index'
  if (held.some((digest) => tree.has(digest))) yield 'shared child'
  if (held.some((digest) => !tree.has(digest))) yield 'shared blob'
  if ([...read.values()].some(({ madeAs }) => madeAs === 'unknown')) yield 'unknown kind'
  if (target.tags.length + target.digests.length + target.blobs.length > 1) yield 'several targets'
  if (world.referrersApi) yield 'referrers API'
  if (runs) yield* attachedIn(seen, truth, plan)
  if (plan.ignored.size > 0) yield 'something is passed over'
  if (world.referrersApi && world.lies.size > 0) yield 'an API that lies'
  for (const reason of reasons) yield `refused: ${reason}`
}
