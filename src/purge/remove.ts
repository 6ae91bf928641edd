import type { Tag } from '../oci/tag.js'
import {
  describe,
  errorEntries,
  hasCode,
  isDenied,
  isGone,
  isUnknown,
  isUnsupportedForTags,
  Stopped,
  WireError,
} from '../registry/errors.js'
import { retryAfter } from '../registry/pace.js'
import { ListError } from '../survey/tags.js'
import type { Response } from '../registry/send.js'
import type { Item } from '../plan/item.js'
import { saysAbsent } from './absent.js'
import type { Work } from './work.js'
import { attempt } from '../registry/attempt.js'

/** What one removal came to. `refused`: not now, perhaps after its parents; `unsupported`: never by this way. */
export type Removal =
  | { readonly is: 'deleted' | 'already-gone'; readonly detail?: string }
  | { readonly is: 'refused' | 'unsupported' | 'denied' | 'failed' | 'unknown'; readonly detail: string }
  /** A tag needs it now, or a tag points elsewhere now: it is somebody's and stays. */
  | { readonly is: 'needed'; readonly detail: string }

const TRIES = 6
const PAUSE = 250
/** Milliseconds that pass between a look and a DELETE anyway: after them, a look is no longer of just now. */
const SOON = 1_000
const LONGEST_PAUSE = 60_000

/**
 * Removes one item. A DELETE whose outcome is unknown (reset, time-out, 5xx) is looked up before it is sent again, and so
 * is one that had to wait, since a tag may have been pushed meanwhile (safety rule 12). Every pause comes before the
 * look, and the DELETE right after it. A registry that asks for patience has changed nothing, and gets it, for as long
 * as the run may last.
 *
 * @throws Stopped when the run is to stop and nothing is in flight any more
 */
export async function remove(work: Work, item: Item): Promise<Removal> {
  const { clock, client, journal } = work.tools
  let throttled = 0
  /** What an earlier DELETE of this item was answered with that does not say what became of it. */
  let unknown: string | undefined
  /** It was seen before its DELETE: only then does a 404 after one say that it was deleted. */
  let seen = item.kind === 'tag' || work.facts.manifests.has(item.name)
  for (let tried = 1; ;) {
    await waitForPatience(work)
    if (unknown !== undefined || work.waitedAt > work.lookedAt) {
      // Nothing is sent without knowing.
      let found = await lookUp(work, item)
      while (found.is === 'unclear' && ++tried <= TRIES) {
        await clock.sleep(PAUSE * 2 ** tried, client.stop)
        found = await lookUp(work, item)
      }
      if (found.is === 'needed') return { is: 'needed', detail: found.why }
      if (found.is === 'foreign')
        return {
          is: 'unknown',
          detail: `${unknown ?? 'it waited'}; the 404 after it does not come from the registry itself, so something in front of it may answer in its place`,
        }
      if (found.is === 'unclear') return { is: 'unknown', detail: unknown ?? 'it could not be looked at' }
      if (found.is === 'gone')
        return unknown === undefined
          ? { is: 'already-gone' }
          : seen
            ? { is: 'deleted', detail: `the DELETE was answered with ${unknown}, and it is gone` }
            : {
                is: 'already-gone',
                detail: `the DELETE was answered with ${unknown}; it is not there, and nothing shows that it was before`,
              }
      seen = true
      if (unknown !== undefined && tried > TRIES) return { is: 'failed', detail: unknown }
    } else if (clock.now() - (item.kind === 'tag' ? work.lookedAt : work.newestLook) >= SOON) {
      const found = await lookAtNew(work, item)
      if (found.is === 'needed') return { is: 'needed', detail: found.why }
      if (found.is === 'gone') return { is: 'already-gone' }
      if (found.is === 'unclear') {
        if (++tried > TRIES) return { is: 'failed', detail: 'it could not be looked at before its DELETE' }
        await clock.sleep(PAUSE * 2 ** tried, client.stop)
        continue
      }
    }
    const forbidden = work.forbids(item)
    if (forbidden !== undefined) return { is: 'needed', detail: forbidden }
    journal.about(work.plan.repository, item)
    if (item.kind !== 'tag') work.touched.add(item.name)
    const answer = await attempt(sendDelete(work, item, false)).catch((error: unknown) => {
      if (error instanceof Stopped)
        work.record({ item, outcome: 'unknown', detail: 'in flight when the run was stopped' })
      throw error
    })
    const pause = patience(work, answer, throttled)
    if (pause !== undefined) {
      throttled++
      await clock.sleep(pause, client.stop)
      if (clock.now() - work.lookedAt >= SOON) work.waitedAt = clock.now()
      continue
    }
    if (!(answer instanceof WireError)) {
      const removal = judge(answer, item)
      if (removal !== undefined) {
        if (removal.is === 'already-gone' && item.kind !== 'tag' && work.confirmed.has(item.name))
          work.differed = true
        return removal
      }
    }
    work.wrote = true
    unknown = answer instanceof WireError ? answer.message : describe(answer)
    tried++
    await clock.sleep(PAUSE * 2 ** (tried - 1), client.stop)
    work.waitedAt = clock.now()
  }
}

/** The host may be held back by what another request was answered with. @throws Stopped */
async function waitForPatience(work: Work): Promise<void> {
  const { clock, client } = work.tools
  for (let held = client.heldFor; held > 0 && !client.stop.aborted; held = client.heldFor) {
    await clock.sleep(held, client.stop)
    if (clock.now() - work.lookedAt >= SOON) work.waitedAt = clock.now()
  }
  client.throwIfStopped()
}

/** @returns milliseconds to wait where the registry asks for that, or undefined. @param before how often it did so already */
function patience({ tools }: Work, answer: Response | WireError, before: number): number | undefined {
  const { client, clock } = tools
  if (answer instanceof WireError)
    return answer.failure === 'held' ? Math.max(SOON, client.heldFor) : undefined
  if (answer.status !== 429) return undefined
  const asked = retryAfter(answer.headers.get('retry-after'), clock.now())
  return Math.min(LONGEST_PAUSE, asked ?? PAUSE * 2 ** Math.min(before + 1, 16))
}

/** Sends one DELETE. @param fresh on a connection of its own, so that another replica may take it */
export function sendDelete(work: Work, item: Item, fresh: boolean): Promise<Response> {
  const { client } = work.tools
  const { repository } = work.plan
  const { timeout } = work
  if (item.kind === 'tag' && work.plan.way === 'gitlab')
    return client.deleteTagReference(repository, item.name, { purpose: 'delete-tag', timeout, fresh })
  if (item.kind === 'tag')
    return client.deleteManifest(repository, item.name, { purpose: 'delete-tag', timeout, fresh })
  if (item.kind === 'manifest')
    return client.deleteManifest(repository, item.name, { purpose: 'delete-manifest', timeout, fresh })
  return client.deleteBlob(repository, item.name, { purpose: 'delete-blob', timeout, fresh })
}

/** Judges by status and code, since 405 alone has four meanings. @returns undefined where only a look tells */
function judge(response: Response, item: Item): Removal | undefined {
  const { status } = response
  const detail = describe(response)
  if (status >= 200 && status < 300)
    return errorEntries(response.body).length > 0 ? { is: 'deleted', detail } : { is: 'deleted' }
  if (isUnknown(response)) return { is: 'already-gone' }
  if (status === 401) return { is: 'denied', detail }
  if (item.kind === 'tag' && isUnsupportedForTags(response)) return { is: 'unsupported', detail }
  if (status === 405 && !hasCode(response, 'DENIED')) return { is: 'unsupported', detail }
  // Still referenced or still tagged: 405 DENIED (zot), 409 (GitLab), 412 (Harbor), 400 or 403 (others).
  if ([400, 405, 409, 412].includes(status) || isDenied(response)) return { is: 'refused', detail }
  return undefined
}

/** `foreign`: a 404 that is not the registry's own. */
type Found = { is: 'gone' | 'there' | 'unclear' | 'foreign' } | { is: 'needed'; why: string }

/**
 * Looks for what came since the newest look, where that is not of just now: hundreds of deletes take a while. A tag is
 * asked for itself; for content the list tells.
 */
async function lookAtNew(work: Work, item: Item): Promise<Found> {
  try {
    if (item.kind === 'tag') return tagNow(work, item.name, await work.tools.surveyor.tag(item.name))
    await work.lookedWithin(SOON)
    return { is: 'there' }
  } catch (error) {
    if (error instanceof ListError || error instanceof WireError) return { is: 'unclear' }
    throw error
  }
}

/** Finds out what an unknown outcome was, and whether the item may still be deleted. */
async function lookUp(work: Work, item: Item): Promise<Found> {
  const { client, surveyor } = work.tools
  const { repository } = work.plan
  const reading = { purpose: 'look-up', fresh: true } as const
  try {
    if (item.kind === 'tag') return tagNow(work, item.name, await surveyor.tag(item.name))
    const response =
      item.kind === 'manifest'
        ? await client.manifest(repository, item.name, reading)
        : await client.blob(repository, item.name, reading)
    if (isGone(response)) return { is: (await saysAbsent(work, item.kind, response)) ? 'gone' : 'foreign' }
    if (response.status !== 200) return { is: 'unclear' }
    await work.lookedSince(work.waitedAt)
    const why = work.forbids(item)
    return why === undefined ? { is: 'there' } : { is: 'needed', why }
  } catch (error) {
    if (error instanceof ListError || error instanceof WireError) return { is: 'unclear' }
    throw error
  }
}

function tagNow(work: Work, tag: Tag, state: Awaited<ReturnType<Work['tools']['surveyor']['tag']>>): Found {
  if (state.is === 'unknown') return { is: 'gone' }
  if (state.is !== 'resolved') return { is: 'unclear' }
  const planned = work.plan.tags.find((each) => each.tag === tag)
  if (planned?.digest === state.digest) return { is: 'there' }
  return { is: 'needed', why: `it points at ${state.digest} now, which somebody else pushed` }
}
