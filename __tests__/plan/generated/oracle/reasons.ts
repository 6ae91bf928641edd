import type { Digest } from '../../../../src/oci/digest.js'
import type { Tag } from '../../../../src/oci/tag.js'
import { partsIn } from './belonging.js'
import type { Truth } from './truth.js'
import type { Seen } from '../world/look.js'
import { isProtected, prefixIn, prefixOf, type Purge, type Question } from '../world/world.js'

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
  | 'twins'
  | 'shared'
  | 'deletion'

export interface Reasons {
  readonly reasons: ReadonlySet<Reason>
  /** What could not be read, and is passed over: tags, manifests, and manifests whose referrers cannot be listed. */
  readonly ignored: ReadonlySet<Tag | Digest>
}

type Known = Omit<Truth, keyof Reasons>

export function reasonsOf(target: Purge['target'], seen: Seen, question: Question, known: Known): Reasons {
  const { roots, tree, whole, image, holders, remaining, aliases } = known
  const { facts, read } = seen
  const { reasons, absent } = ofLabels(target, seen)
  for (const digest of target.digests) absent.add(digest)

  const asBlob = new Set<Digest>()
  for (const digest of whole.manifests) {
    const { blobs = [], written = [] } = partsIn(seen, digest) ?? {}
    for (const each of [...blobs, ...written]) asBlob.add(each)
  }
  for (const digest of whole.manifests) {
    // What is attached to the image and stays is not purged, so it may be whatever it likes.
    if (holders.has(digest) && !tree.has(digest)) continue
    const missing = facts.missing.get(digest)?.is
    if (read.get(digest)?.madeAs === 'unknown' || (partsIn(seen, digest)?.written ?? []).length > 0)
      reasons.add('unknown kind')
    if (missing === 'missing' && absent.has(digest) && target.blobs.length === 0) reasons.add('gone already')
    if ((missing === 'unreadable' || missing === 'lie') && !asBlob.has(digest))
      reasons.add('content unreadable')
  }
  if (target.blobs.some((digest) => read.has(digest))) reasons.add('manifest named as blob')

  const { refused, ignored } = blindSpots(seen, question, remaining, holders, whole.manifests)
  if (refused) reasons.add('remaining unreadable')
  if (aliases.size > 0) reasons.add('alias')
  // A tag straight on a named manifest is an alias of it; one that reaches it needs it.
  for (const digest of [...roots, ...target.blobs])
    if ([...(holders.get(digest) ?? [])].some((tag) => remaining.get(tag) !== digest))
      reasons.add('named and needed')

  // A digest that did not come as a manifest, and that is listed as a blob too, goes as a blob: nothing refers to those.
  const asManifest = [...whole.manifests].filter((digest) => read.has(digest) || !asBlob.has(digest))
  for (const digest of asManifest.filter((each) => image.has(each) && !holders.has(each))) {
    if (facts.referrersUnclear.has(digest)) reasons.add('referrer')
    for (const referrer of seen.referrers.get(digest) ?? [])
      if (facts.missing.has(referrer)) reasons.add('referrer')
  }
  if (question.twinsUnclear.length > 0) reasons.add('twins')
  const { sharedBlobs, deletion, dryRun } = question
  if (sharedBlobs === 'fail' && [...image].some((digest) => holders.has(digest))) reasons.add('shared')
  if (deletion !== 'on' && !(deletion === 'denied' && dryRun)) reasons.add('deletion')
  return { reasons, ignored }
}

/** What is wrong with the tags that were named, and the digests written beside those that are not there. */
export function ofLabels(
  target: Purge['target'],
  { facts }: Seen,
): { reasons: Set<Reason>; absent: Set<Digest> } {
  const reasons = new Set<Reason>()
  const absent = new Set<Digest>()
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
  return { reasons, absent }
}

/** What cannot be read of that which stays: whether that refuses, or what of it is passed over. */
export function blindSpots(
  { facts }: Seen,
  { protectedTags, unreadableTags }: Question,
  remaining: Iterable<readonly [Tag, unknown]>,
  holders: ReadonlyMap<Digest, ReadonlySet<Tag>>,
  image: ReadonlySet<Digest> = new Set(),
): { refused: boolean; ignored: Set<Tag | Digest> } {
  const ignored = new Set<Tag | Digest>()
  let refused = false
  const found = (what: Tag | Digest, passable: boolean): void => {
    if (passable && unreadableTags === 'ignore') ignored.add(what)
    else refused = true
  }
  const guarded = new Set([...remaining].flatMap(([tag]) => (isProtected(protectedTags, tag) ? [tag] : [])))
  // What belongs to the image by its name was to go with it, so it has to be known.
  const going = new Set([...image].filter((digest) => !holders.has(digest)).map(prefixOf))
  for (const [tag] of remaining) {
    const state = facts.tags.get(tag)?.is
    if (state === 'unreadable') found(tag, !guarded.has(tag) && !going.has(prefixIn(tag) ?? ''))
    if (state === 'lie' || (state === 'unknown' && guarded.has(tag))) refused = true
  }
  for (const [digest, { is }] of facts.missing) {
    const tags = holders.get(digest)
    if (tags === undefined) continue
    found(digest, is !== 'lie' && ![...tags].some((tag) => guarded.has(tag)))
  }
  for (const subject of facts.referrersUnclear.keys()) if (holders.has(subject)) found(subject, true)
  return { refused, ignored }
}
