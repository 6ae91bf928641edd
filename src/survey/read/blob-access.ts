import { EMPTY_BLOBS, matches, type Digest } from '../../oci/digest.js'
import { reach } from '../../oci/graph.js'
import type { Descriptor } from '../../oci/manifest.js'
import { keyOf, subjectKey, type Tag } from '../../oci/tag.js'
import { attempt, outcomeOf } from '../../registry/attempt.js'
import { meaningOf } from '../../registry/answers/classify.js'
import { describe, isGone, WireError } from '../../registry/errors.js'
import { each } from '../../registry/limit.js'
import type { Response } from '../../registry/send.js'
import { StorageError } from '../../registry/storage-error.js'
import type { BlobAccess, Facts, Target } from '../facts.js'
import type { Tools } from '../tools.js'
import { rootsOf } from './twins.js'

/** Blobs that fail before the others are no longer tried. */
const FAILURES = 3

/** The blobs to try. */
interface Candidates {
  readonly digests: readonly Digest[]
  /** Whether remaining tags need them. Otherwise they are purged, and may be gone already. */
  readonly remaining: boolean
}

/**
 * Finds out whether this runner can read the registry's blobs, by one GET that leaves a long body unread. The final check
 * of the remaining tags reads their blobs in the same way, so it would fail for the same reason. If nothing remains, it
 * reads a blob of the purged image.
 *
 * Sends further requests only if a blob is missing or its response is a failure.
 *
 * @param labels whether only labels are removed, so that everything remains
 * @returns undefined if there is no blob to try
 * @throws Stopped
 */
export async function readBlobAccess(
  tools: Pick<Tools, 'client' | 'width'>,
  facts: Facts,
  target: Target,
  labels: boolean,
): Promise<BlobAccess | undefined> {
  const { digests, remaining } = candidates(facts, target, labels)
  let missing: BlobAccess | undefined
  let closed: Closed | undefined
  let failed = 0
  for (let at = 0; at < digests.length;) {
    // One at a time until it is likely that many are missing.
    const batch = digests.slice(at, at + (at < FAILURES ? 1 : tools.width))
    at += batch.length
    const found = await each(batch, tools.width, (digest) => readOne(tools, facts, digest))
    for (const access of found) {
      if (access.is === 'open') return { is: 'open' }
      if (access.is === 'closed') {
        closed ??= access
        failed++
      } else missing = { ...access, tried: at, remaining }
    }
    if (closed !== undefined && (closed.why.is === 'unreachable' || failed >= FAILURES)) return closed
  }
  return closed ?? missing
}

/** @returns the blobs that remaining tags need, or those of the purged image if no tag remains */
function candidates(facts: Facts, target: Target, labels: boolean): Candidates {
  const asked = new Set(target.tags.map(({ tag }) => tag))
  const isPurged = (tag: Tag): boolean => !labels && asked.has(tag)
  const rootsWhere = (test: (tag: Tag, digest: Digest) => boolean): Digest[] =>
    [...facts.tags].flatMap(([tag, state]) =>
      state.is === 'resolved' && test(tag, state.digest) ? [state.digest] : [],
    )
  const purged = [...rootsWhere(isPurged), ...(labels ? [] : rootsOf(target))]
  const whole = reach(purged, facts, true).manifests
  const keys = new Set([...whole].map(keyOf))
  // What is attached to the image goes with it.
  const roots = rootsWhere(
    (tag, digest) => !isPurged(tag) && !whole.has(digest) && !keys.has(subjectKey(tag) ?? ''),
  )
  const remaining = inOrder(roots, facts)
  if (remaining.length > 0) return { digests: remaining, remaining: true }
  return { digests: inOrder(purged, facts), remaining: false }
}

/** The largest first, since some registries redirect only large blobs; then the smallest, since a storage may archive large ones. */
function inOrder(roots: readonly Digest[], facts: Facts): Digest[] {
  const blobs = new Map<Digest, Descriptor>()
  for (const digest of reach(roots, facts, false).manifests)
    for (const blob of facts.manifests.get(digest)?.blobs ?? [])
      if (!blob.foreign && !EMPTY_BLOBS.has(blob.digest)) blobs.set(blob.digest, blob)
  const sorted = [...blobs.values()]
    .sort((one, other) => (other.size ?? 0) - (one.size ?? 0) || (one.digest < other.digest ? -1 : 1))
    .map(({ digest }) => digest)
  const [largest, ...rest] = sorted
  const smallest = rest.pop()
  return [largest, smallest, ...rest].filter((digest) => digest !== undefined)
}

type Closed = Extract<BlobAccess, { readonly is: 'closed' }>
type Read =
  | { readonly is: 'open' }
  | Closed
  | { readonly is: 'missing'; readonly digest: Digest; readonly answered: string }

async function readOne(
  { client }: Pick<Tools, 'client'>,
  { repository }: Facts,
  digest: Digest,
): Promise<Read> {
  const response = await attempt(client.blob(repository, digest, { purpose: 'check-blob' }))
  if (response instanceof StorageError)
    return {
      is: 'closed',
      digest,
      why: { is: 'unreachable', storage: response.storage, reason: response.reason },
    }
  if (response instanceof WireError)
    return { is: 'closed', digest, why: { is: 'unanswered', message: response.message } }
  if (response.status === 200 && isWhole(digest, response)) return { is: 'open' }
  const answered = outcomeOf(response)
  return isGone(response) || response.status === 200
    ? { is: 'missing', digest, answered }
    : { is: 'closed', digest, why: whyClosed(response) }
}

/** A body that is cut off or has other bytes is as good as missing: its tag was broken before. */
function isWhole(digest: Digest, { cut, ended, body }: Response): boolean {
  return !cut && (ended === true || matches(digest, body))
}

function whyClosed(response: Response): Closed['why'] {
  const answered = describe(response)
  if (response.storage !== undefined) return { is: 'storage-refused', storage: response.storage, answered }
  const means = meaningOf('blob', response)
  if (means === 'foreign') return { is: 'foreign', answered }
  return { is: 'refused', answered, denied: means === 'forbidden' || means === 'unauthenticated' }
}
