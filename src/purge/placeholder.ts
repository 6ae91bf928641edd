import { sha256, type Digest } from '../oci/digest.js'
import { hashedBytes } from '../oci/manifest.js'
import { OCI_MANIFEST } from '../oci/mediatype.js'
import type { Tag } from '../oci/tag.js'
import type { PlannedTag } from '../plan/plan.js'
import { attempt, outcomeOf } from '../registry/attempt.js'
import { cacheOf } from '../registry/cached.js'
import { describe, isDenied, isGone, isUnknown, WireError } from '../registry/errors.js'
import { retryAfter } from '../registry/pace.js'
import type { Response } from '../registry/send.js'
import { emptyImage, emptyIndex, type Dummy } from './dummy.js'
import type { Work } from './work.js'

const TRIES = 6
const PAUSE = 250
const LONGEST_PAUSE = 60_000

/** A tag as it was before the placeholder took its place. */
interface Before {
  readonly tag: Tag
  readonly digest: Digest
  readonly mediaType: string
  readonly body: Uint8Array
  /** The placeholder was seen on it; else it may be on it. */
  seen: boolean
  /** What was answered to the PUT. */
  why: string
}

/** What a tag points at: a manifest with its bytes, nothing, or an answer that tells neither. */
type Pointing =
  | {
      readonly is: 'manifest'
      readonly digest: Digest
      readonly mediaType: string
      readonly body: Uint8Array
      /** The placeholder of this run: chance that nobody else has is written in it. */
      readonly ours: boolean
    }
  | { readonly is: 'nothing' }
  | { readonly is: 'unclear'; readonly why: string }

/**
 * Removes labels where no registry's endpoint does (2.x): puts a manifest that holds nothing on them, and deletes that
 * manifest by its digest, which takes the tags on it along and touches nothing else.
 *
 * Each tag is looked at immediately before, so that only a label which still stands on the expected manifest is taken.
 * Whatever is answered to a PUT, the placeholder is deleted afterwards; if that fails, every tag that is still on it is
 * put back as it was.
 *
 * @param tags that resolve
 * @returns what was not removed, in sentences
 * @throws Stopped when the run is to stop: what was begun is brought to an end first, as far as time allows
 */
export async function placeholder(work: Work, tags: readonly PlannedTag[]): Promise<string[]> {
  const { client, random, journal } = work.tools
  const problems: string[] = []
  const sent: Before[] = []
  const earlier = new Map(tags.map(({ tag }) => [tag, work.done.get(tag)]))
  let dummy = emptyIndex(random)
  work.placeholders.add(dummy.digest)
  intend(work, tags, dummy)
  journal.note(
    `This registry cannot delete a tag by name: a placeholder (${dummy.digest}) is put on the tag, and deleted by its digest`,
  )
  try {
    for (const planned of tags) {
      if (client.stop.aborted || work.denied) break
      let put = await place(work, planned, dummy, sent)
      if (put.is === 'invalid' && dummy.blobs.length === 0 && sent.length === 0) {
        dummy = emptyImage(random)
        work.placeholders.add(dummy.digest)
        journal.note(
          `The registry refuses an empty index (${put.why}): an image without content is used, ${dummy.digest}`,
        )
        intend(work, tags, dummy)
        const failed = await upload(work, dummy)
        if (client.stop.aborted) break
        put = failed === undefined ? await place(work, planned, dummy, sent) : { is: 'failed', why: failed }
      }
      if (put.is !== 'sent') problems.push(...settlePut(work, planned.tag, put))
    }
    problems.push(...(sent.length > 0 ? await takeAway(work, sent, dummy) : await cleanUp(work, dummy)))
  } catch (error) {
    for (const before of sent)
      if (work.done.get(before.tag) === earlier.get(before.tag)) recordUnknown(work, before, dummy)
    throw error
  }
  client.throwIfStopped()
  return problems
}

/** What came of a PUT. `sent`: the placeholder is, or may be, on the tag. */
type Put =
  | { readonly is: 'sent' | 'gone' }
  /** `invalid`: the registry does not take such a manifest. */
  | { readonly is: 'invalid' | 'moved' | 'denied' | 'failed'; readonly why: string }

/**
 * Puts the placeholder on one tag, if that still points where it should. Whether it worked is seen by a look at the tag,
 * whatever was answered.
 *
 * @param sent takes in the tag as soon as the placeholder may be on it
 */
async function place(
  work: Work,
  { tag, digest: expected }: PlannedTag,
  dummy: Dummy,
  sent: Before[],
): Promise<Put> {
  const { client, clock, journal } = work.tools
  const { repository } = work.plan
  for (let tried = 1; ; tried++) {
    await clock.sleep(client.heldFor, client.stop)
    const now = await pointing(work, tag, dummy)
    if (now.is === 'nothing') return { is: 'gone' }
    if (now.is === 'unclear') return { is: 'failed', why: now.why }
    if (now.digest !== expected) return { is: 'moved', why: pushed(now.digest) }
    const before: Before = { ...now, tag, seen: false, why: '' }
    journal.about(repository, { kind: 'tag', name: tag })
    sent.push(before)
    const answer = await attempt(client.putManifest(repository, tag, dummy.mediaType, dummy.body))
    const after = await pointing(work, tag, dummy)
    const why = outcomeOf(answer)
    const status = answer instanceof WireError ? undefined : answer.status
    before.why = why
    before.seen = after.is === 'manifest' && after.ours
    const same = after.is === 'manifest' && after.digest === expected
    const refused = status !== undefined && status >= 400 && status < 500 && ![408, 429].includes(status)
    if (refused && same) {
      // Neither the answer nor the tag says that anything was done.
      sent.pop()
      if (!(answer instanceof WireError) && isDenied(answer)) return { is: 'denied', why }
      return { is: [400, 415, 422].includes(status) ? 'invalid' : 'failed', why }
    }
    work.wrote = true
    // A tag that still shows its manifest after a success is shown by a replica that lags behind.
    const accepted = status !== undefined && status < 300
    if (!same || accepted || tried === TRIES || client.stop.aborted) return { is: 'sent' }
    await clock.sleep(pauseAfter(answer, tried, clock.now()), client.stop)
    sent.pop()
    // A registry that asks for patience has done nothing.
    if (status === 429 || client.heldFor > 0) tried--
  }
}

/** Deletes the placeholder and its blobs, which drops the tags on it and no other, or puts the tags back. */
async function takeAway(work: Work, sent: readonly Before[], dummy: Dummy): Promise<string[]> {
  const failed: string[] = []
  for (const digest of work.placeholders) {
    const why = await deletePlaceholder(work, digest, sent)
    if (why !== undefined) failed.push(`the placeholder ${digest} could not be deleted (${why})`)
  }
  // As long as the blobs of a placeholder are there, the entries of its tags name them.
  const left = failed.length === 0 ? await cleanUp(work, dummy) : []
  const problems: string[] = []
  for (const before of sent) problems.push(...(await settleSent(work, before, dummy, failed.join('; '))))
  if (problems.length === 0) problems.push(...failed.map((each) => `${each}; it holds nothing`))
  return [...problems, ...(failed.length === 0 ? left : await cleanUp(work, dummy))]
}

/** @param sent tags that may be on it @returns why it is still there, or undefined */
async function deletePlaceholder(
  work: Work,
  digest: Digest,
  sent: readonly Before[],
): Promise<string | undefined> {
  const { client, clock } = work.tools
  let why = ''
  for (let tried = 1; tried <= TRIES; tried++) {
    const deleting = { purpose: 'delete-placeholder', timeout: work.timeout } as const
    const answer = await attempt(client.deleteManifest(work.plan.repository, digest, deleting))
    why = outcomeOf(answer)
    const status = answer instanceof WireError ? undefined : answer.status
    if (status !== undefined && status >= 200 && status < 300) return undefined
    if (!(answer instanceof WireError) && isUnknown(answer)) return undefined
    const refused = status !== undefined && status >= 400 && status < 500
    // A DELETE with an unknown outcome is looked up before it is sent again (safety rule 12).
    if (!refused && (await isAway(work, digest))) {
      for (const { tag } of sent) work.explained.add(tag)
      return undefined
    }
    if (refused && status !== 429) return why
    const pause = pauseAfter(answer, tried, clock.now())
    if (status === 429 && !client.stop.aborted) tried--
    await clock.sleep(pause, client.stop)
  }
  return why
}

/** @param failed why the placeholder is still there, or nothing */
async function settleSent(work: Work, before: Before, dummy: Dummy, failed: string): Promise<string[]> {
  const item = { kind: 'tag', name: before.tag } as const
  const name = `tag ${work.plan.repository}:${before.tag}`
  if (failed === '' && before.seen) {
    work.record({ item, outcome: 'deleted', via: 'placeholder' })
    return []
  }
  const now = await pointing(work, before.tag, dummy)
  if (failed === '' && now.is === 'nothing') {
    work.record({ item, outcome: 'deleted', via: 'placeholder' })
    return []
  }
  if (now.is === 'manifest' && !now.ours && now.digest !== before.digest) {
    work.record({ item, outcome: 'kept', via: 'placeholder', detail: pushed(now.digest) })
    return [`${name} was left: ${pushed(now.digest)}`]
  }
  if (now.is === 'manifest' && now.digest === before.digest) {
    const detail = failed === '' ? before.why : `${failed}; the tag points at ${before.digest} as before`
    work.record({ item, outcome: 'failed', via: 'placeholder', detail })
    return [`${name} was not removed: ${detail}`]
  }
  const back = await putBack(work, before, dummy)
  if (back === undefined) {
    const detail = `${failed === '' ? before.why : failed}; the tag was put back and points at ${before.digest} as before`
    work.record({ item, outcome: 'failed', via: 'placeholder', detail })
    return [`${name} was not removed: ${detail}`]
  }
  recordUnknown(work, before, dummy)
  return [
    `${name} may point at the placeholder ${dummy.digest}, which holds nothing, and could not be put back (${back}). Before, it pointed at ${before.digest}: tag that again, or run again with the tag alone, without a digest, to remove the label`,
  ]
}

/** Puts a tag back as it was, if it still points at the placeholder. @returns why that failed, or undefined */
async function putBack(work: Work, before: Before, dummy: Dummy): Promise<string | undefined> {
  const { client, clock } = work.tools
  const { repository } = work.plan
  let why = ''
  for (let tried = 1; tried <= TRIES; tried++) {
    let pause = PAUSE * 2 ** tried
    const now = await pointing(work, before.tag, dummy)
    if (now.is === 'manifest' && now.digest === before.digest) return undefined
    if (now.is === 'manifest' && !now.ours) return pushed(now.digest)
    why = now.is === 'unclear' ? now.why : 'it does not resolve'
    if (now.is === 'manifest') {
      const answer = await attempt(client.putManifest(repository, before.tag, before.mediaType, before.body))
      why = outcomeOf(answer)
      pause = pauseAfter(answer, tried, clock.now())
      if (!(answer instanceof WireError) && answer.status === 429 && !client.stop.aborted) tried--
    }
    await clock.sleep(pause, client.stop)
  }
  const last = await pointing(work, before.tag, dummy)
  return last.is === 'manifest' && last.digest === before.digest ? undefined : why
}

function recordUnknown(work: Work, { tag, digest }: Before, dummy: Dummy): void {
  work.record({
    item: { kind: 'tag', name: tag },
    outcome: 'unknown',
    via: 'placeholder',
    detail: onPlaceholder(dummy, digest),
  })
}

/** Tells the journal that these tags may be put on a placeholder. */
function intend({ plan, tools }: Work, tags: readonly PlannedTag[], dummy: Dummy): void {
  tools.journal.intend(
    plan.repository,
    tags.map(({ tag, digest }) => ({
      item: { kind: 'tag', name: tag },
      placeholder: onPlaceholder(dummy, digest),
    })),
  )
}

/** @returns what a report says of a tag that may point to a placeholder. @param before what it pointed to */
export function onPlaceholder(
  { digest, blobs }: Pick<Dummy, 'digest' | 'blobs'>,
  before: Digest | undefined,
): string {
  const parts = blobs.map((blob) => blob.digest).join(' and ')
  const named = parts === '' ? digest : `${digest} (of the blobs ${parts})`
  return `it may point at the placeholder ${named}, which holds nothing; before it pointed at ${before ?? 'nothing'}`
}

/** Removes what was uploaded for the placeholder. Nobody else has these bytes. */
async function cleanUp(work: Work, { blobs }: Dummy): Promise<string[]> {
  const { client } = work.tools
  const { repository } = work.plan
  const problems: string[] = []
  for (const { digest } of blobs) {
    const deleting = { purpose: 'delete-placeholder', timeout: work.timeout } as const
    const answer = await attempt(client.deleteBlob(repository, digest, deleting))
    if (!(answer instanceof WireError) && (answer.status < 300 || isUnknown(answer))) continue
    const again = await attempt(client.deleteBlob(repository, digest, deleting))
    if (!(again instanceof WireError) && (again.status < 300 || isUnknown(again))) continue
    const why = outcomeOf(again)
    problems.push(
      `${repository}@${digest}, a part of the placeholder that holds nothing, was not removed again: ${why}`,
    )
  }
  return problems
}

/** @returns why the blobs of a placeholder could not be put there, or undefined */
async function upload(work: Work, { blobs }: Dummy): Promise<string | undefined> {
  const deletion = await work.tools.capabilities.blobDeletion(work.plan.repository)
  if (deletion.is !== 'on')
    return `the registry refuses an empty index, and would keep the blobs of an image without content: it answered the probe with ${deletion.why}`
  for (const { digest, body } of blobs) {
    work.tools.journal.about(work.plan.repository)
    work.wrote = true
    const answer = await attempt(work.tools.client.uploadBlob(work.plan.repository, digest, body))
    if (answer instanceof WireError) return answer.message
    if (answer.status !== 201) return `the upload of ${digest} was answered with ${describe(answer)}`
  }
  return undefined
}

function settlePut(work: Work, tag: Tag, put: Exclude<Put, { is: 'sent' }>): string[] {
  const item = { kind: 'tag', name: tag } as const
  const name = `tag ${work.plan.repository}:${tag}`
  if (!('why' in put)) {
    work.record({ item, outcome: 'already-gone' })
    return []
  }
  if (put.is === 'denied') work.denied = true
  work.record({
    item,
    outcome: put.is === 'moved' ? 'kept' : 'failed',
    via: 'placeholder',
    detail: put.why,
  })
  if (put.is === 'moved') return [`${name} was left: ${put.why}`]
  if (put.is === 'denied')
    return [
      `${name} was not removed: no permission to push a placeholder, the only way on this registry (${put.why}). The user needs the actions \`push\` and \`delete\` on ${work.plan.repository}`,
    ]
  return [`${name} was not removed: ${put.why}`]
}

function pushed(digest: Digest): string {
  return `it points at ${digest} now, which somebody else pushed`
}

async function pointing(work: Work, tag: Tag, { chance }: Dummy): Promise<Pointing> {
  const reading = { purpose: 'look-up', fresh: true, finish: true } as const
  const response = await attempt(work.tools.client.manifest(work.plan.repository, tag, reading))
  if (response instanceof WireError) return { is: 'unclear', why: response.message }
  const cache = cacheOf(response)
  if (cache !== undefined) return { is: 'unclear', why: `the response comes out of a cache (${cache})` }
  if (isGone(response)) return { is: 'nothing' }
  if (response.status !== 200 || response.cut) return { is: 'unclear', why: describe(response) }
  const digest = sha256(hashedBytes(response.body) ?? response.body)
  const ours = Buffer.from(response.body).includes(chance)
  // A registry may store other bytes than it was sent; that they are ours, chance tells.
  if (ours) work.placeholders.add(digest)
  const mediaType =
    response.headers.get('content-type') ?? work.facts.manifests.get(digest)?.mediaType ?? OCI_MANIFEST
  return { is: 'manifest', digest, mediaType, body: response.body, ours }
}

async function isAway(work: Work, digest: Digest): Promise<boolean> {
  const reading = { purpose: 'look-up', fresh: true, finish: true } as const
  const response = await attempt(work.tools.client.manifest(work.plan.repository, digest, reading))
  return !(response instanceof WireError) && isGone(response)
}

/** Milliseconds to wait after a response that settles nothing. @param tried how often the request was sent */
export function pauseAfter(answer: Response | WireError, tried: number, now: number): number {
  const after = answer instanceof WireError ? undefined : retryAfter(answer.headers.get('retry-after'), now)
  return Math.min(after ?? PAUSE * 2 ** tried, LONGEST_PAUSE)
}
