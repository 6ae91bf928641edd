import type { Digest } from '../../../../src/oci/digest.js'
import type { Tag } from '../../../../src/oci/tag.js'
import { belonging, needsOf, partsIn, twinsOf, type Belonging, type Pointers } from './belonging.js'
import { reasonsOf, type Reasons } from './reasons.js'
import type { Seen } from '../world/look.js'
import { isProtected, type Purge, type Question } from '../world/world.js'

/** The four blobs that hold nothing, computed elsewhere and written out here. */
const EMPTY: ReadonlySet<string> = new Set([
  'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4',
  'sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1',
])

/** What must be so, worked out from the bytes alone. */
export interface Truth extends Reasons {
  /** Manifests at which the named tags and digests stand. */
  readonly roots: ReadonlySet<Digest>
  /** Manifests of the named images, roots and descendants, without what is attached to them. */
  readonly tree: ReadonlySet<Digest>
  /** All that belongs to what was named. */
  readonly whole: Belonging
  /** All digests of that, the named blobs among them, but the well-known empty blobs. */
  readonly image: ReadonlySet<Digest>
  /** Which remaining tags need a digest. */
  readonly holders: ReadonlyMap<Digest, ReadonlySet<Tag>>
  /** Tags that go, with what they stand for: the named ones, and those that belong to what goes. */
  readonly going: Pointers
  /** Tags that stay, with what they point to. */
  readonly remaining: ReadonlyMap<Tag, Digest | undefined>
  /** Tags under which the leak would stay pullable. */
  readonly aliases: ReadonlySet<Tag>
}

/** Works out what a plan for one repository must say. */
export function truthOf({ target }: Purge, seen: Seen, question: Question): Truth {
  const { facts } = seen
  const going = new Map<Tag, Digest>()
  for (const { tag, digest: pinned } of target.tags) {
    const state = facts.tags.get(tag)
    const root = pinned ?? (state?.is === 'resolved' ? state.digest : undefined)
    if (root !== undefined) going.set(tag, root)
  }
  const roots = new Set<Digest>([...target.digests, ...going.values()])
  const spared = new Set([...roots, ...target.blobs].flatMap((each) => [each, ...twinsOf(seen, each)]))

  const named = new Set(target.tags.map(({ tag }) => tag))
  const remaining = new Map<Tag, Digest | undefined>()
  const pointers = new Map<Tag, Digest>()
  for (const [tag, state] of facts.tags) {
    if (named.has(tag) || (state.is === 'unknown' && !facts.listed.includes(tag))) continue
    remaining.set(tag, state.is === 'resolved' ? state.digest : undefined)
    if (state.is === 'resolved') pointers.set(tag, state.digest)
  }
  const fixed = new Set([...pointers.keys()].filter((tag) => isProtected(question.protectedTags, tag)))
  const whole = belonging(seen, roots, pointers, fixed, spared)
  for (const tag of whole.tags) {
    remaining.delete(tag)
    going.set(tag, pointers.get(tag) as Digest)
  }
  const tree = treeOf(seen, roots)
  const { holders } = whole
  const known = { roots, tree, whole, image: imageOf(seen, whole, target.blobs), holders, going, remaining }
  const aliases = aliasesOf(seen, known, spared)
  return { ...known, aliases, ...reasonsOf(target, seen, question, { ...known, aliases }) }
}

/** All digests of some content, but the well-known empty blobs. */
export function imageOf(seen: Seen, { manifests, blobs }: Belonging, more: readonly Digest[]): Set<Digest> {
  const named = more.flatMap((digest) => [digest, ...twinsOf(seen, digest)])
  return new Set([...manifests, ...blobs, ...named].filter((digest) => !EMPTY.has(digest)))
}

function treeOf(seen: Seen, roots: ReadonlySet<Digest>): Set<Digest> {
  const tree = new Set<Digest>()
  const open = [...roots]
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (tree.has(digest)) continue
    tree.add(digest)
    const { children = [], written = [] } = partsIn(seen, digest) ?? {}
    open.push(...twinsOf(seen, digest), ...children, ...written.filter((each) => seen.read.has(each)))
  }
  return tree
}

/** A tag straight on a manifest of the named images, or one that needs another manifest with the same config. */
function aliasesOf(
  seen: Seen,
  { tree, whole, remaining }: Pick<Truth, 'tree' | 'whole' | 'remaining'>,
  spared: ReadonlySet<Digest>,
): Set<Tag> {
  const configs = new Set<Digest>()
  for (const digest of tree) {
    const { config, subject } = partsIn(seen, digest) ?? {}
    const isReferrer = subject !== undefined && whole.manifests.has(subject)
    if (config !== undefined && !EMPTY.has(config) && !isReferrer) configs.add(config)
  }
  const aliases = new Set<Tag>()
  for (const [tag, at] of remaining) {
    if (at === undefined) continue
    const others = [...needsOf(seen, [at], spared).manifests].filter((digest) => !tree.has(digest))
    const same = others.some((digest) => configs.has(partsIn(seen, digest)?.config ?? ('' as Digest)))
    if (tree.has(at) || same) aliases.add(tag)
  }
  return aliases
}
