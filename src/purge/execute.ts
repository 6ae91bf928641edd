import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import { planRepository } from '../plan/decide.js'
import type { Case as PlanCase, PlannedTag, RepositoryPlan, Rules } from '../plan/plan.js'
import type { Reconsidered } from '../plan/reconsider.js'
import { describe, isGone, WireError } from '../registry/errors.js'
import { counted } from '../registry/progress.js'
import { removeAll, removeLabels } from './labels.js'
import { looking } from './looking.js'
import type { Execution } from './execution.js'
import { intendTags } from './intend.js'
import { deleteMirrored } from './mirrored.js'
import { Stage } from './stage.js'
import { untag } from './untag.js'
import { untouched } from './untouched.js'
import type { Work } from './work.js'
import { attempt } from '../registry/attempt.js'

/** Protected tags that are read again before the first write, at the most: globs can protect thousands. */
const FEW = 100

/** What the first look is judged by. */
export interface Case extends PlanCase {
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
export async function execute(work: Work, known: Case): Promise<Execution> {
  const first = await lookFirst(work, known)
  if (first.refused.length > 0) return refusal(first.refused)
  if (work.plan.manifests.length + work.plan.blobs.length === 0) return removeLabels(work)

  const left = new Map(first.left)
  const goes = ({ digest }: { digest: Digest }): boolean => !left.has(digest)
  const problems = await untagAndConfirm(work)
  if (!work.wrote && problems.length > 0) {
    if (await untouched(work)) return refusal(problems)
    work.wrote = true
  }

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
  work.release(last.released)
  intendTags(work, last.released.tags)
  problems.push(...(await untag(work, last.released.tags)))
  problems.push(...(await stage.removeAll('manifest', last.released.manifests)))
  await deleteMirrored(
    work,
    work.plan.manifests.filter(goes).map(({ digest }) => digest),
  )
  stage.close()

  const lastStage = new Stage(work, 'Delete blobs')
  problems.push(...(await lastStage.removeAll('blob', work.plan.blobs.filter(goes))))
  lastStage.close()
  for (const [digest, tags] of left) leave(work, digest, tags)
  return { refused: [], problems, left }
}

/**
 * Looks once more before the first write.
 *
 * @returns why nothing may be written, and what tags came to need
 */
async function lookFirst(
  work: Work,
  { rules, aged, ...known }: Case,
): Promise<Pick<Execution, 'refused' | 'left'>> {
  const guarded = work.plan.remaining.filter((each) => each.protected).map(({ tag }) => tag)
  const seen = await looking(() => work.lookAgain(aged ? 'all' : 'going', guarded.slice(0, FEW)))
  if (typeof seen === 'string') return refusal([seen])
  const again = planRepository({ ...known, survey: { ...known.survey, ...work.facts } }, rules)
  const refused = [
    ...changes(work, seen),
    ...displaced(work, { rules, ...known }),
    ...appeared(work.plan, again, seen),
    ...again.refusals,
  ]
  return { refused, left: seen.left }
}

/** What came to belong to the image since the plan was made: nobody has approved that they go. */
function appeared(before: RepositoryPlan, after: RepositoryPlan, { newcomers }: Reconsidered): string[] {
  const planned = new Set(before.tags.map(({ tag }) => tag))
  const names = new Map<string, Digest | undefined>()
  for (const { tag, belongsTo } of after.tags) if (!planned.has(tag)) names.set(`:${tag}`, belongsTo)
  for (const { tag, digest, subject } of newcomers)
    names.set(tag === undefined ? `@${digest}` : `:${tag}`, subject)
  return [...names].map(
    ([name, subject]) =>
      `${before.repository}${name} belongs to ${subject ?? 'the image'}, and was not there when the plan was made. Run again`,
  )
}

function refusal(refused: readonly string[]): Execution {
  return { refused, problems: [], left: new Map() }
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

/** Where so many of the newest are to stay, and one of them is gone, the next one has its place. */
function displaced({ plan, facts }: Work, { rules, selection }: Pick<Case, 'rules' | 'selection'>): string[] {
  if (selection === undefined || (rules.keepNewest ?? 0) === 0) return []
  const listed = new Set(facts.listed)
  return selection.unselected.flatMap(({ tag, digest }) =>
    digest === undefined || listed.has(tag)
      ? []
      : [
          `${plan.repository}:${tag} was counted for keep-newest when the plan was made, and is gone now. Run again`,
        ],
  )
}

/** Deletes the tags, and shows by a GET of each digest why that is not enough. */
async function untagAndConfirm(work: Work): Promise<string[]> {
  const { client, journal, width, progress } = work.tools
  const { repository, tags } = work.plan
  for (const { tag, digest } of tags)
    if (digest === undefined) work.record({ item: { kind: 'tag', name: tag }, outcome: 'already-gone' })
  const isLabel = ({ onlyLabel }: PlannedTag): boolean => onlyLabel !== undefined
  const labels = tags.filter((each) => isLabel(each) && each.digest !== undefined)
  const going = tags.filter((each) => !isLabel(each))
  const roots = [...new Set(going.flatMap(({ digest }) => digest ?? []))]
  if (roots.length + labels.length === 0) return []
  const stage = new Stage(work, 'Delete tag')
  stage.open()
  intendTags(work, [...going, ...labels])
  const problems = await untag(work, going)
  if (labels.length > 0) problems.push(...(await removeAll(work, labels)))
  await counted(progress, 'digests asked for', roots, width, async (digest) => {
    const response = await attempt(client.manifest(repository, digest, { purpose: 'look-up' }))
    if (response instanceof WireError) journal.note(`${digest} was asked for by digest: ${response.message}`)
    else if (response.status === 200) {
      work.confirmed.add(digest)
      journal.note(
        `${digest} is still there by digest: a tag is only a label, so the manifest and its blobs go next`,
      )
    } else if (isGone(response))
      journal.note(`${digest} no longer answers by digest: this registry drops it with its tag`)
    else journal.note(`${digest} was asked for by digest and answered with ${describe(response)}`)
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
