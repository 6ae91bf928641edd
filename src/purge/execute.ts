import { EMPTY_BLOBS, type Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import { planRepository, type PlannedContent, type Rules } from '../plan/plan.js'
import type { Reconsidered } from '../plan/reconsider.js'
import { describe, isGone, Stopped, WireError } from '../registry/errors.js'
import { each } from '../registry/limit.js'
import { ListError } from '../survey/tags.js'
import type { Survey, Target } from '../survey/facts.js'
import type { Item } from '../plan/item.js'
import { remove } from './remove.js'
import { settle, untag } from './untag.js'
import type { Work } from './work.js'

/** What a purge came to. With `refused` nothing was written. */
export interface Execution {
  readonly refused: readonly string[]
  /** What keeps the goal from being reached, in sentences. */
  readonly problems: readonly string[]
  /** The blobs were not tried, since what the tags need could not be known. */
  readonly halted: boolean
  /** Planned, but a tag needs it now. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
  /** Kept by the plan, but nobody needed it any more before the blobs: it went, too. */
  readonly released: ReadonlySet<Digest>
}

/** What the first look is judged by. */
export interface Case {
  readonly target: Target
  readonly survey: Survey
  readonly rules: Rules
}

/**
 * Carries out a plan: tags, then manifests from the roots down, then blobs, with a look at the tags before the first
 * write and another before the blobs (safety rule 6).
 *
 * @throws Stopped when the run is to stop; what was done stands in `work`
 */
export async function execute(work: Work, { target, survey, rules }: Case): Promise<Execution> {
  const before = await looking(() => work.lookAgain('named'))
  if (typeof before === 'string') return refusal([before])
  const changed = changes(work, before)
  const again = planRepository({ target, survey: { ...survey, ...work.facts } }, rules)
  const refused = [...changed, ...again.refusals]
  if (refused.length > 0) return refusal(refused)

  const left = new Map(before.left)
  const problems = await untagAndConfirm(work)
  if (!work.wrote && problems.length > 0) return refusal(problems)
  problems.push(...(await manifests(work, work.plan.manifests, left)))
  const last = await looking(() => work.lookAgain('all'))
  const unsure = typeof last === 'string' ? [last] : last.unsure
  if (typeof last === 'string' || unsure.length > 0) {
    problems.push(
      ...unsure.map((why) => `The blobs of ${work.plan.repository} were not deleted, since ${why}`),
    )
    return { refused: [], problems, halted: true, left, released: new Set() }
  }
  for (const [digest, tags] of last.left) left.set(digest, tags)
  const released = last.released.filter(({ digest }) => !EMPTY_BLOBS.has(digest))
  for (const { digest } of released)
    work.tools.recorder.note(`${digest} is needed by no tag any more, so it goes, too`)
  const content = released.map((kept): PlannedContent & { kind: string } => ({
    ...kept,
    named: false,
    gone: false,
  }))
  problems.push(
    ...(await manifests(
      work,
      content.filter(({ kind }) => kind === 'manifest'),
      left,
    )),
  )
  const more = content.filter(({ kind }) => kind === 'blob')
  problems.push(...(await blobs(work, [...work.plan.blobs, ...more], left)))
  for (const [digest, tags] of left) keep(work, digest, tags)
  return {
    refused: [],
    problems,
    halted: false,
    left,
    released: new Set(released.map(({ digest }) => digest)),
  }
}

function refusal(refused: readonly string[]): Execution {
  return { refused, problems: [], halted: false, left: new Map(), released: new Set() }
}

/** A look that fails is a reason not to go on, and no crash. */
export async function looking(look: () => Promise<Reconsidered>): Promise<Reconsidered | string> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof WireError && error.failure === 'cancelled') throw new Stopped()
    if (error instanceof ListError || error instanceof WireError) return error.message
    throw error
  }
}

/** What changed between the survey and the first write, so that the plan is of yesterday. */
function changes(work: Work, { moved, revived, unsure }: Reconsidered): string[] {
  const name = (tag: Tag): string => `${work.plan.repository}:${tag}`
  return [
    ...moved.map(
      ({ tag, digest }) => `${name(tag)} points at ${digest} now: it moved after it was planned. Run again`,
    ),
    ...revived.map((tag) => `${name(tag)} did not resolve when the plan was made, and does now. Run again`),
    ...unsure,
  ]
}

async function untagAndConfirm(work: Work): Promise<string[]> {
  const { client, recorder, width } = work.tools
  const { repository, tags } = work.plan
  if (!tags.some(({ digest }) => digest !== undefined)) {
    for (const { tag } of tags) work.record({ item: { kind: 'tag', name: tag }, outcome: 'already-gone' })
    return []
  }
  recorder.begin(repository, 'Delete tag')
  const problems = await untag(work)
  const roots = [...new Set(tags.flatMap(({ digest }) => digest ?? []))]
  await each(roots, width, async (digest) => {
    const response = await client.manifest(repository, digest, { purpose: 'look-up' }).catch(sayWhy)
    if (typeof response === 'string') recorder.note(`${digest} was asked for by digest: ${response}`)
    else if (response.status === 200)
      recorder.note(
        `${digest} is still there by digest: a tag is only a label, so the manifest and its blobs go next`,
      )
    else if (isGone(response))
      recorder.note(`${digest} no longer answers by digest: this registry drops it with its tag`)
    else recorder.note(`${digest} was asked for by digest and answered with ${describe(response)}`)
  })
  recorder.end(repository, 'Delete tag', `${summary(work, 'tag')}`)
  return problems
}

/** What merely informs the log must not end the purge. */
function sayWhy(error: unknown): string {
  if (!(error instanceof WireError)) throw error
  if (error.failure === 'cancelled') throw new Stopped()
  return error.message
}

async function manifests(
  work: Work,
  planned: readonly PlannedContent[],
  left: ReadonlyMap<Digest, readonly Tag[]>,
): Promise<string[]> {
  const items = planned.filter(({ digest }) => !left.has(digest))
  for (const { digest } of items.filter(({ gone }) => gone))
    work.record({ item: { kind: 'manifest', name: digest }, outcome: 'already-gone' })
  const levels = Map.groupBy(
    items.filter(({ gone }) => !gone),
    ({ level }) => level,
  )
  const ordered = [...levels].sort(([one], [other]) => one - other).map(([, content]) => content)
  return removeAll(work, 'Delete manifest', 'manifest', ordered)
}

async function blobs(
  work: Work,
  planned: readonly PlannedContent[],
  left: ReadonlyMap<Digest, readonly Tag[]>,
): Promise<string[]> {
  const items = planned.filter(({ digest }) => !left.has(digest) && !EMPTY_BLOBS.has(digest))
  return removeAll(work, 'Delete blobs', 'blob', items.length === 0 ? [] : [items])
}

/** Removes wave after wave; what was refused is tried again after everything else, as long as that helps. */
async function removeAll(
  work: Work,
  step: 'Delete manifest' | 'Delete blobs',
  kind: 'manifest' | 'blob',
  waves: readonly (readonly PlannedContent[])[],
): Promise<string[]> {
  if (waves.length === 0) return []
  const { recorder, width } = work.tools
  const { repository } = work.plan
  const problems: string[] = []
  recorder.begin(repository, step)
  let refused: { item: Item; detail: string }[] = []
  const one = async (item: Item): Promise<void> => {
    if (work.denied) return
    const removal = await remove(work, item)
    if (removal.is === 'refused') refused.push({ item, detail: removal.detail })
    else problems.push(...settle(work, item, removal))
  }
  for (const wave of waves) await each(wave, width, ({ digest }) => one({ kind, name: digest }))
  while (refused.length > 0 && !work.denied) {
    const again = refused
    refused = []
    for (const { item } of again) await one(item)
    if (refused.length === again.length) break
  }
  for (const { item, detail } of refused) problems.push(...settle(work, item, { is: 'failed', detail }))
  recorder.end(repository, step, summary(work, kind))
  return problems
}

function keep(work: Work, digest: Digest, tags: readonly Tag[]): void {
  const kind = work.plan.blobs.some((blob) => blob.digest === digest) ? 'blob' : 'manifest'
  work.record({ item: { kind, name: digest }, outcome: 'kept', detail: `needed by ${tags.join(', ')} now` })
}

function summary(work: Work, kind: Item['kind']): string {
  const counts = new Map<string, number>()
  for (const { item, outcome } of work.done.values())
    if (item.kind === kind) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  const words = {
    deleted: 'deleted',
    'already-gone': 'gone already',
    'with-manifest': 'left to go with the manifest',
    kept: 'kept',
    failed: 'not deleted',
    unknown: 'unknown',
  }
  return Object.entries(words)
    .flatMap(([outcome, word]) => (counts.has(outcome) ? [`${counts.get(outcome)} ${word}`] : []))
    .join(', ')
}
