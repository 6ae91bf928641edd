import { describe, isGone } from '../registry/errors.js'
import { each } from '../registry/limit.js'
import { counted } from '../registry/progress.js'
import type { PlannedTag } from '../plan/plan.js'
import { intendTags } from './intend.js'
import { asked } from './looking.js'
import type { Execution } from './outcome.js'
import { placeholder } from './placeholder.js'
import { remove } from './remove.js'
import { settle } from './settle.js'
import { Stage } from './stage.js'
import { untouched } from './untouched.js'
import type { Work } from './work.js'

/** A replica that lags behind must not look like harm. */
const LOOKS = 2

/**
 * Removes labels and nothing else (`scope: tag`), by the way that the survey found: the tag endpoint, GitLab's own, or a
 * placeholder. The manifests under them stay, and are asked for by digest to show it.
 *
 * @throws Stopped when the run is to stop; what was done stands in `work`
 */
export async function removeLabels(work: Work): Promise<Execution> {
  const { client, recorder, width } = work.tools
  const { repository, tags } = work.plan
  for (const { tag, digest } of tags)
    if (digest === undefined) work.record({ item: { kind: 'tag', name: tag }, outcome: 'already-gone' })
  const present = tags.filter(({ digest }) => digest !== undefined)
  if (present.length === 0) return { refused: [], problems: [], left: new Map() }

  const stage = new Stage(work, 'Delete tag')
  stage.open()
  intendTags(work, present)
  const problems = await removeAll(work, present)
  const roots = [...new Set(present.flatMap(({ digest }) => digest ?? []))]
  await each(roots, width, async (digest) => {
    const response = await asked(client.manifest(repository, digest, { purpose: 'look-up' }))
    if (typeof response === 'string') recorder.note(`${digest} was asked for by digest: ${response}`)
    else if (response.status === 200)
      recorder.note(`${digest} is still there by digest, as it should be: only the label went`)
    else if (isGone(response))
      recorder.note(`${digest} no longer answers by digest: this registry dropped it with its label`)
    else recorder.note(`${digest} was asked for by digest and answered with ${describe(response)}`)
  })
  stage.close()
  // Nothing was changed anywhere, so this is a refusal.
  return work.wrote || !(await untouched(work))
    ? { refused: [], problems, left: new Map() }
    : { refused: problems, problems: [], left: new Map() }
}

/** Removes labels. Takes the next way where the registry says of a real tag that it has not the one that the probe found. */
export async function removeAll(work: Work, present: readonly PlannedTag[]): Promise<string[]> {
  const { capabilities, recorder, width, progress } = work.tools
  const { repository, way } = work.plan
  if (way === 'placeholder') return placeholder(work, present)
  const problems: string[] = []
  const unsupported: { planned: PlannedTag; detail: string }[] = []
  let harm: string | undefined
  const one = async (planned: PlannedTag): Promise<void> => {
    if (work.denied || harm !== undefined) return
    const item = { kind: 'tag', name: planned.tag } as const
    const removal = await remove(work, item)
    if (removal.is === 'unsupported') unsupported.push({ planned, detail: removal.detail })
    else problems.push(...settle(work, item, removal))
  }
  // The first alone shows whether a registry takes the manifest along, and with it all the other tags on it.
  const [alone, ...rest] = present
  if (alone !== undefined) await one(alone)
  if (alone !== undefined && rest.length > 0) harm = await takenAlong(work, alone)
  await counted(progress, 'labels removed', rest, width, one)
  if (harm !== undefined) {
    for (const { tag } of rest)
      work.record({ item: { kind: 'tag', name: tag }, outcome: 'kept', detail: 'not tried' })
    return [...problems, harm]
  }
  const [first] = unsupported
  if (first === undefined) return problems
  const next =
    way === 'tag' ? await asked(capabilities.untaggingWithout(repository)) : 'there is no other way'
  const found = typeof next === 'string' || next.is === 'impossible' ? undefined : next.way
  if (found === undefined) {
    for (const { planned, detail } of unsupported)
      problems.push(...settle(work, { kind: 'tag', name: planned.tag }, { is: 'failed', detail }))
    return problems
  }
  recorder.note(`This registry cannot delete such a tag by name (${first.detail}), so the next way is taken`)
  work.plan = { ...work.plan, way: found }
  return [
    ...problems,
    ...(await removeAll(
      work,
      unsupported.map(({ planned }) => planned),
    )),
  ]
}

/** @returns what happened where the removal of a label took along what must stay, in a sentence; else undefined */
async function takenAlong(work: Work, { tag, digest }: PlannedTag): Promise<string | undefined> {
  if (digest === undefined || work.done.get(tag)?.outcome !== 'deleted') return undefined
  const { client } = work.tools
  const { repository } = work.plan
  const fresh = { purpose: 'look-up', fresh: true } as const
  for (let asks = 0; asks < LOOKS; asks++) {
    const response = await asked(client.manifest(repository, digest, fresh))
    if (typeof response === 'string' || !isGone(response)) return undefined
  }
  return `With the label ${repository}:${tag} this registry took its manifest ${digest} along, and every other tag on it. No further label was removed. Push that image again, and remove such labels by the registry's own means`
}
