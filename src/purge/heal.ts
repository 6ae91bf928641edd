import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import { Stopped, WireError } from '../registry/errors.js'
import { looking, lookingWithin } from './looking.js'
import { onPlaceholder, placeholder } from './placeholder.js'
import type { Endpoint, Item } from '../plan/item.js'
import { sendDelete } from './remove.js'
import type { Work } from './work.js'
import { attempt } from '../registry/attempt.js'

/** At the most so many bursts; what still answers then is only watched. */
export const BURSTS = 8
const FIRST_BURST = 3
/** Milliseconds after which a look is no longer of just now. */
const SOON = 1_000

const NOTHING: Healing = { left: new Map(), movedTags: new Map(), unsure: [], problems: [], putOff: false }

/** Something that still answers, and where. A manifest that answers as a blob only is deleted as a blob. */
export interface Present {
  readonly item: Item
  readonly endpoint: Endpoint
}

/** What a burst came to. */
export interface Healing {
  /** A tag needs it now, so it was left, and will not go. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
  /** Named tags that are somebody's new push now, so they were left. */
  readonly movedTags: ReadonlyMap<Tag, Digest>
  /** Why nothing was deleted again. */
  readonly unsure: readonly string[]
  /** What went wrong while something was removed again. */
  readonly problems: readonly string[]
  /** The registry asked for patience before the burst was over. */
  readonly putOff: boolean
}

/**
 * Deletes again what is still served: a stale replica forgets a digest when it gets a DELETE itself. Several DELETEs in
 * a row, of a number that grows, since one DELETE and one look a round can alternate for ever behind a round-robin
 * balancer. Before that every tag is looked at anew: what one needs now is left (safety rule 9).
 *
 * @param work the purge that is being verified
 * @param present what still answers, and on which endpoint
 * @param burst how many bursts came before this one, from 0
 * @throws Stopped
 */
export async function heal(work: Work, present: readonly Present[], burst: number): Promise<Healing> {
  const tags = present.flatMap(({ item }) => (item.kind === 'tag' ? [item.name] : []))
  const seen = await looking(() => work.lookAgain('all', tags))
  if (typeof seen === 'string') return { ...NOTHING, unsure: [seen] }
  const movedTags = new Map(
    seen.moved.flatMap(({ tag, digest }) => (work.placeholders.has(digest) ? [] : [[tag, digest]])),
  )
  if (seen.unsure.length > 0) return { ...NOTHING, movedTags, unsure: seen.unsure }
  const mine = present.filter(({ item }) =>
    item.kind === 'tag' ? !movedTags.has(item.name) : !seen.left.has(item.name),
  )
  const placed = work.plan.way === 'placeholder' ? mine.filter(({ item }) => isLabel(work, item)) : []
  let putOff = false
  const { journal } = work.tools
  const { repository } = work.plan
  const again = mine.filter((each) => !placed.includes(each)).map(({ item }) => ({ item }))
  journal.intend(repository, again)
  // After a pause the look of above is old: what is left then waits for the next round.
  for (const each of mine)
    if (!placed.includes(each)) putOff ||= await deleteInARow(work, each, FIRST_BURST + burst)
  const problems = placed.length > 0 && !putOff ? await placeAgain(work, placed) : []
  journal.withdraw(repository)
  return { ...NOTHING, left: seen.left, movedTags, problems, putOff }
}

function isLabel({ plan }: Work, { kind, name }: Item): boolean {
  return kind === 'tag' && plan.tags.some(({ tag, onlyLabel }) => tag === name && onlyLabel !== undefined)
}

/** Labels that came back, where they go by a placeholder only. One that shows the placeholder itself is deleted with it. */
async function placeAgain(work: Work, present: readonly Present[]): Promise<string[]> {
  const names = new Set(present.map(({ item }) => item.name))
  const { client, journal } = work.tools
  const shown = new Set(work.plan.tags.map(({ tag }) => pointsAt(work, tag)))
  for (const digest of work.placeholders) {
    if (!shown.has(digest)) continue
    journal.intend(
      work.plan.repository,
      work.plan.tags
        .filter(({ tag }) => pointsAt(work, tag) === digest)
        .map(({ tag, digest: before }) => ({
          item: { kind: 'tag', name: tag },
          placeholder: onPlaceholder({ digest, blobs: [] }, before),
        })),
    )
    journal.about(work.plan.repository)
    const deleting = { purpose: 'delete-placeholder', timeout: work.timeout, fresh: true } as const
    await attempt(client.deleteManifest(work.plan.repository, digest, deleting))
  }
  // One that could not be removed in the first place is not taken again: each try puts it at risk.
  const back = work.plan.tags.filter(
    ({ tag, digest }) =>
      names.has(tag) && work.done.get(tag)?.outcome === 'deleted' && pointsAt(work, tag) === digest,
  )
  return back.length > 0 ? placeholder(work, back) : []
}

function pointsAt(work: Work, tag: Tag): Digest | undefined {
  const state = work.facts.tags.get(tag)
  return state?.is === 'resolved' ? state.digest : undefined
}

/**
 * A 404 means that this replica does not have it, and a 500 may have worked: the burst goes on either way.
 *
 * @returns whether the registry asked for patience, which ends it
 */
async function deleteInARow(work: Work, { item, endpoint }: Present, times: number): Promise<boolean> {
  const { client, journal } = work.tools
  const answers: string[] = []
  let putOff = false
  journal.about(work.plan.repository, item)
  if (item.kind !== 'tag') work.touched.add(item.name)
  work.wrote = true
  const named: Item =
    item.kind === 'manifest' && endpoint === 'blobs' ? { kind: 'blob', name: item.name } : item
  for (let sent = 0; sent < times && !putOff; sent++) {
    client.throwIfStopped()
    const why = await whyKept(work, item, SOON)
    if (why !== undefined) {
      answers.push(`left, since ${why}`)
      break
    }
    const answer = await attempt(sendDelete(work, named, true)).catch((error: unknown) => {
      if (error instanceof Stopped)
        work.record({ item, outcome: 'unknown', detail: 'in flight when the run was stopped' })
      throw error
    })
    putOff = answer instanceof WireError ? answer.failure === 'held' : answer.status === 429
    answers.push(answer instanceof WireError ? answer.code : String(answer.status))
  }
  const worked = answers.some((answer) => answer.startsWith('2'))
  const outcome = worked ? 'deleted' : (work.done.get(item.name)?.outcome ?? 'failed')
  const { way } = work.plan
  const via = item.kind === 'tag' && way !== undefined ? { via: way } : {}
  work.record({
    item,
    outcome,
    ...via,
    detail: `deleted again ${answers.length} times in a row: ${answers.join(' ')}`,
  })
  return putOff
}

/**
 * Looks for what came since the newest look, if that is older than `age` milliseconds: a burst can take a while.
 *
 * @returns why the item must not be deleted now
 * @throws Stopped
 */
async function whyKept(work: Work, item: Item, age: number): Promise<string | undefined> {
  if (item.kind === 'tag') return undefined
  const old = work.tools.clock.now() - work.newestLook >= age
  const failure = old ? await lookingWithin(work, age) : undefined
  return failure ?? work.forbids(item)
}

/**
 * Deletes blobs once more, as the very last thing of a run. The tags are read right before it: somebody may have pushed
 * such a blob meanwhile. What came of it is not looked up, since reading is what brought the blobs back.
 *
 * @returns why some were left, a sentence each
 * @throws Stopped
 */
export async function deleteOnceMore(work: Work, digests: readonly Digest[]): Promise<string[]> {
  const { journal } = work.tools
  const { repository } = work.plan
  const items = digests.map((name): Item => ({ kind: 'blob', name }))
  const problems: string[] = []
  journal.intend(
    repository,
    items.map((item) => ({ item })),
  )
  for (const [at, item] of items.entries()) {
    const why = await whyKept(work, item, at === 0 ? 0 : SOON)
    if (why === undefined) await deleteInARow(work, { item, endpoint: 'blobs' }, 1)
    else problems.push(`${repository}@${item.name} was left: ${why}`)
  }
  journal.withdraw(repository)
  return problems
}
