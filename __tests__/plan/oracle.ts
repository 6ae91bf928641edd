import { parseDigest, type Digest } from '../../src/oci/digest.js'
import type { Tag } from '../../src/oci/tag.js'
import type { RepositoryPlan } from '../../src/plan/plan.js'
import type { Seen } from './survey.js'
import { isProtected, partsOf, type Purge, type Question } from './world.js'

/** The four blobs that hold nothing, computed elsewhere and written out here. */
const EMPTY: ReadonlySet<string> = new Set([
  'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4',
  'sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1',
])

/** Why a plan must be refused, in the words of the contract. */
export type Reason =
  | 'tag unknown'
  | 'tag unreadable'
  | 'tag elsewhere'
  | 'tag not listed'
  | 'unknown kind'
  | 'gone already'
  | 'content unreadable'
  | 'manifest named as blob'
  | 'remaining unreadable'
  | 'alias'
  | 'named and needed'
  | 'referrer'
  | 'shared'
  | 'deletion'

/** What must be so, worked out from the bytes alone. */
export interface Truth {
  /** Manifests at which the named tags and digests stand. */
  readonly roots: ReadonlySet<Digest>
  /** Manifests of the named images, roots and descendants. */
  readonly tree: ReadonlySet<Digest>
  /** All digests of the named images, the named blobs among them, but the well-known empty blobs. */
  readonly image: ReadonlySet<Digest>
  /** Which remaining tags need a digest. */
  readonly holders: ReadonlyMap<Digest, ReadonlySet<Tag>>
  /** Tags that stay, with what they point at. */
  readonly remaining: ReadonlyMap<Tag, Digest | undefined>
  readonly reasons: ReadonlySet<Reason>
  /** Tags under which the leak would stay pullable. */
  readonly aliases: ReadonlySet<Tag>
}

/**
 * Everything that a manifest needs, itself included: children at any depth, their referrers, configs, layers, and
 * whatever is written in a manifest of unknown kind. A worklist over raw bodies, and nothing else.
 *
 * @param spared referrers that are purged themselves, so that their subject does not need them
 * @returns all of it, and those of it that are needed as manifests
 */
function needsOf(seen: Seen, root: Digest, spared: ReadonlySet<Digest>): Needs {
  const needs = new Set<Digest>()
  const visited = new Set<Digest>()
  const open = [root]
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    needs.add(digest)
    const stored = seen.read.get(digest)
    if (visited.has(digest)) continue
    visited.add(digest)
    open.push(...[...(seen.referrers.get(digest) ?? [])].filter((each) => !spared.has(each)))
    if (stored === undefined) continue
    const { children, blobs, written } = partsOf(stored)
    for (const blob of blobs) needs.add(blob)
    open.push(...children, ...written)
  }
  return { all: needs, manifests: visited }
}

interface Needs {
  readonly all: ReadonlySet<Digest>
  readonly manifests: ReadonlySet<Digest>
}

/** @returns for each digest that any of these tags needs, which of them do. */
function holdersOf(
  seen: Seen,
  pointers: ReadonlyMap<Tag, Digest | undefined>,
  spared: ReadonlySet<Digest>,
  as: keyof Needs = 'all',
): Map<Digest, Set<Tag>> {
  const holders = new Map<Digest, Set<Tag>>()
  for (const [tag, at] of pointers) {
    if (at === undefined) continue
    for (const digest of needsOf(seen, at, spared)[as])
      holders.set(digest, (holders.get(digest) ?? new Set()).add(tag))
  }
  return holders
}

/** Works out what a plan for one repository must say. */
export function truthOf({ target }: Purge, seen: Seen, question: Question): Truth {
  const { facts } = seen
  const named = new Set(target.tags.map(({ tag }) => tag))
  const roots = new Set<Digest>(target.digests)
  for (const { tag, digest: pinned } of target.tags) {
    const state = facts.tags.get(tag)
    const root = pinned ?? (state?.is === 'resolved' ? state.digest : undefined)
    if (root !== undefined) roots.add(root)
  }
  const tree = new Set<Digest>()
  const content = new Set<Digest>(target.blobs)
  const open = [...roots]
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (tree.has(digest)) continue
    tree.add(digest)
    content.add(digest)
    const stored = seen.read.get(digest)
    if (stored === undefined) continue
    const { children, blobs, written } = partsOf(stored)
    for (const blob of blobs) content.add(blob)
    open.push(...children, ...written.filter((each) => seen.read.has(each)))
    for (const each of written) content.add(each)
  }
  const image = new Set([...content].filter((digest) => !EMPTY.has(digest)))

  const remaining = new Map<Tag, Digest | undefined>()
  for (const [tag, state] of facts.tags) {
    if (named.has(tag) || (state.is === 'unknown' && !facts.listed.includes(tag))) continue
    remaining.set(tag, state.is === 'resolved' ? state.digest : undefined)
  }
  const spared = new Set([...roots, ...target.blobs])
  const holders = holdersOf(seen, remaining, spared)
  const aliases = aliasesOf(seen, tree, holdersOf(seen, remaining, spared, 'manifests'), remaining)
  const known = { roots, tree, image, holders, remaining, aliases }
  return { ...known, reasons: reasonsOf(target, seen, question, known) }
}

function reasonsOf(
  target: Purge['target'],
  { facts, read, referrers }: Seen,
  { protectedTags, sharedBlobs, deletion, dryRun }: Question,
  { roots, tree, image, holders, remaining, aliases }: Omit<Truth, 'reasons'>,
): Set<Reason> {
  const reasons = new Set<Reason>()
  const absent = new Set<Digest>(target.digests)
  for (const { tag, digest: pinned } of target.tags) {
    const state = facts.tags.get(tag)
    if (state === undefined || state.is === 'unknown') {
      if (pinned === undefined) reasons.add('tag unknown')
      else absent.add(pinned)
    } else if (state.is !== 'resolved') {
      reasons.add('tag unreadable')
      if (pinned !== undefined) absent.add(pinned)
    } else if (pinned !== undefined && pinned !== state.digest) reasons.add('tag elsewhere')
    else if (!facts.listed.includes(tag)) reasons.add('tag not listed')
  }
  const asBlob = new Set<Digest>()
  for (const digest of tree) {
    const stored = read.get(digest)
    const { blobs = [], written = [] } = stored === undefined ? {} : partsOf(stored)
    for (const each of [...blobs, ...written]) asBlob.add(each)
  }
  for (const digest of tree) {
    const missing = facts.missing.get(digest)?.is
    const stored = read.get(digest)
    if (stored?.madeAs === 'unknown' || (stored !== undefined && partsOf(stored).written.length > 0))
      reasons.add('unknown kind')
    if (missing === 'missing' && absent.has(digest) && target.blobs.length === 0) reasons.add('gone already')
    if ((missing === 'unreadable' || missing === 'lie') && !asBlob.has(digest))
      reasons.add('content unreadable')
  }
  if (target.blobs.some((digest) => read.has(digest))) reasons.add('manifest named as blob')

  for (const tag of remaining.keys()) {
    const state = facts.tags.get(tag)?.is
    const guarded = isProtected(protectedTags, tag)
    if (state === 'unreadable' || state === 'lie' || (state === 'unknown' && guarded))
      reasons.add('remaining unreadable')
  }
  for (const digest of facts.missing.keys()) if (holders.has(digest)) reasons.add('remaining unreadable')

  if (aliases.size > 0) reasons.add('alias')
  const straight = new Set(remaining.values())
  for (const digest of [...roots, ...target.blobs])
    if (holders.has(digest) && !straight.has(digest)) reasons.add('named and needed')

  // A digest that did not come as a manifest, and that is listed as a blob too, goes as a blob: nothing refers to those.
  const asManifest = [...tree].filter((digest) => read.has(digest) || !asBlob.has(digest))
  const going = asManifest.filter((digest) => !holders.has(digest))
  for (const digest of going) {
    if ([...(referrers.get(digest) ?? [])].some((each) => !tree.has(each))) reasons.add('referrer')
    if ([...remaining.keys()].some((tag) => derivedFrom(tag) === digest)) reasons.add('referrer')
  }
  if (sharedBlobs === 'fail' && [...image].some((digest) => holders.has(digest))) reasons.add('shared')
  if (deletion !== 'on' && !(deletion === 'denied' && dryRun)) reasons.add('deletion')
  return reasons
}

/** A tag straight on a manifest of the image, or one that needs another manifest with the same config. */
function aliasesOf(
  { read }: Seen,
  tree: ReadonlySet<Digest>,
  holders: Truth['holders'],
  remaining: Truth['remaining'],
): Set<Tag> {
  const aliases = new Set<Tag>()
  for (const [tag, at] of remaining) if (at !== undefined && tree.has(at)) aliases.add(tag)
  const configOf = (digest: Digest): Digest | undefined => {
    const stored = read.get(digest)
    return stored && partsOf(stored).config
  }
  const configs = new Set([...tree].flatMap((digest) => configOf(digest) ?? []))
  for (const digest of read.keys()) {
    const config = configOf(digest)
    if (config === undefined || EMPTY.has(config) || !configs.has(config) || tree.has(digest)) continue
    for (const tag of holders.get(digest) ?? []) aliases.add(tag)
  }
  return aliases
}

/** @returns the digest to which a tag belongs by its name: the referrers tag, or one of cosign's. */
export function derivedFrom(tag: string): Digest | undefined {
  const [, hex] = /^sha256-(\w{64})(|\.sig|\.att|\.sbom)$/.exec(tag) ?? []
  return parseDigest(`sha256:${hex}`)
}

/** What a later look at the tags must mean for a plan that is under way. */
export function truthLater(
  seen: Seen,
  plan: RepositoryPlan,
  { tree }: Truth,
): { left: Map<Digest, Set<Tag>>; released: Set<Digest>; sure: boolean } {
  const { facts } = seen
  const planned = new Map(plan.tags.map((each) => [each.tag, each.digest]))
  const pointers = new Map<Tag, Digest>()
  let sure = true
  for (const [tag, state] of facts.tags) {
    if (state.is === 'unreadable' || state.is === 'lie') sure = false
    const known = plan.remaining.find((each) => each.tag === tag)
    if (state.is === 'unknown' && known?.protected === true) sure = false
    // Still listed, though its manifest is unknown now: a replica lags behind, so what it needed is still needed.
    if (state.is === 'unknown' && facts.listed.includes(tag) && known?.digest !== undefined)
      pointers.set(tag, known.digest)
    const before = plan.remaining.find((each) => each.tag === tag)?.digest
    // Listed and unknown, though it resolved before: some replica lags behind, and what it needed is still needed.
    if (state.is === 'unknown' && before !== undefined && facts.listed.includes(tag))
      pointers.set(tag, before)
    if (state.is !== 'resolved') continue
    if (planned.has(tag) && planned.get(tag) === state.digest) continue
    pointers.set(tag, state.digest)
  }
  const spared = new Set(plan.manifests.flatMap(({ digest, named }) => (named ? [digest] : [])))
  const holders = holdersOf(seen, pointers, spared)
  for (const digest of facts.missing.keys()) if (holders.has(digest)) sure = false
  const going = [...plan.manifests, ...plan.blobs].map(({ digest }) => digest)
  // What something outside of the image refers to is not released: that would be left without what it belongs to.
  const signed = new Set([...pointers.keys()].map(derivedFrom))
  for (const [subject, all] of seen.referrers)
    if ([...all].some((each) => !tree.has(each))) signed.add(subject)
  return {
    left: new Map(going.flatMap((digest) => (holders.has(digest) ? [[digest, holders.get(digest)!]] : []))),
    released: new Set(
      plan.kept.map(({ digest }) => digest).filter((digest) => !holders.has(digest) && !signed.has(digest)),
    ),
    sure,
  }
}
