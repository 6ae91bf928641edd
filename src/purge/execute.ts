import { EMPTY_BLOBS, type Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import { planRepository } from '../plan/decide.js'
import type { Rules } from '../plan/plan.js'
import type { Reconsidered } from '../plan/reconsider.js'
import { describe, isGone, Stopped, WireError } from '../registry/errors.js'
import { each } from '../registry/limit.js'
import type { Survey, Target } from '../survey/facts.js'
import { ListError } from '../survey/tags.js'
import { Stage } from './stage.js'
import { untag } from './untag.js'
import type { Work } from './work.js'

/** What a purge came to. With `refused` nothing was written. */
export interface Execution {
  readonly refused: readonly string[]
  /** What was answered otherwise than expected, in sentences. Whether it matters, the proof tells. */
  readonly problems: readonly string[]
  /** Planned, but a tag came to need it. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
}

/** What the first look is judged by. */
export interface Case {
  readonly target: Target
  readonly survey: Survey
  readonly rules: Rules
  /** The survey is not of just now: before the first write every tag is read again, not only the named ones. */
  readonly aged: boolean
}

/**
 * Carries out a plan: tags, then manifests from the roots down, then blobs, with a look at the tags before the first
 * write and another before the blobs (safety rule 6).
 *
 * @throws Stopped when the run is to stop; what was done stands in `work`
 */
export async function execute(work: Work, { target, survey, rules, aged }: Case): Promise<Execution> {
  const before = await looking(() => work.lookAgain(aged ? 'all' : 'named'))
  if (typeof before === 'string') return refusal([before])
  const again = planRepository({ target, survey: { ...survey, ...work.facts } }, rules)
  const refused = [...changes(work, before), ...again.refusals]
  if (refused.length > 0) return refusal(refused)

  const left = new Map(before.left)
  const goes = ({ digest }: { digest: Digest }): boolean => !left.has(digest)
  const problems = await untagAndConfirm(work)
  if (!work.wrote && problems.length > 0) return refusal(problems)

  const stage = new Stage(work, 'Delete manifest')
  for (const { digest } of work.plan.manifests.filter(({ gone }) => gone))
    work.record({ item: { kind: 'manifest', name: digest }, outcome: 'already-gone' })
  problems.push(
    ...(await stage.removeAll('manifest', work.plan.manifests.filter(({ gone }) => !gone).filter(goes))),
  )
  const last = await looking(() => work.lookAgain('all'))
  const unsure = typeof last === 'string' ? [last] : last.unsure
  if (typeof last === 'string' || unsure.length > 0) {
    stage.close()
    problems.push(
      ...unsure.map((why) => `The blobs of ${work.plan.repository} were not deleted, since ${why}`),
    )
    return { refused: [], problems, left }
  }
  for (const [digest, tags] of last.left) left.set(digest, tags)
  const released = last.released.filter(({ digest }) => !EMPTY_BLOBS.has(digest))
  work.release(released)
  const freed = new Set(released.map(({ digest }) => digest))
  problems.push(
    ...(await stage.removeAll(
      'manifest',
      work.plan.manifests.filter(({ digest }) => freed.has(digest)),
    )),
  )
  stage.close()

  const lastStage = new Stage(work, 'Delete blobs')
  problems.push(...(await lastStage.removeAll('blob', work.plan.blobs.filter(goes))))
  lastStage.close()
  for (const [digest, tags] of left) leave(work, digest, tags)
  return { refused: [], problems, left }
}

function refusal(refused: readonly string[]): Execution {
  return { refused, problems: [], left: new Map() }
}

/** A look that fails is a reason not to go on, and no crash. */
export async function looking(look: () => Promise<Reconsidered>): Promise<Reconsidered | string> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof ListError) return error.message
    return sayWhy(error)
  }
}

/** @returns why no answer came; a stop and a defect are thrown on */
function sayWhy(error: unknown): string {
  if (!(error instanceof WireError)) throw error
  if (error.failure === 'cancelled') throw new Stopped()
  return error.message
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

/** Deletes the tags, and shows by a GET of each digest why that is not enough. */
async function untagAndConfirm(work: Work): Promise<string[]> {
  const { client, recorder, width } = work.tools
  const { repository, tags } = work.plan
  for (const { tag, digest } of tags)
    if (digest === undefined) work.record({ item: { kind: 'tag', name: tag }, outcome: 'already-gone' })
  const roots = [...new Set(tags.flatMap(({ digest }) => digest ?? []))]
  if (roots.length === 0) return []
  const stage = new Stage(work, 'Delete tag')
  stage.open()
  const problems = await untag(work)
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
  stage.close()
  return problems
}

function leave(work: Work, digest: Digest, tags: readonly Tag[]): void {
  const kind = work.plan.blobs.some((blob) => blob.digest === digest) ? 'blob' : 'manifest'
  const before = work.done.get(digest)
  const detail = `needed by ${tags.join(', ')} now${before === undefined ? '' : `, after it was ${before.outcome}`}`
  work.record({ item: { kind, name: digest }, outcome: before?.outcome ?? 'kept', detail })
}
