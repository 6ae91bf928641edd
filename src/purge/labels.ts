import { describe, isGone, WireError } from '../registry/errors.js'
import { each } from '../registry/limit.js'
import { counted } from '../registry/progress.js'
import type { PlannedTag } from '../plan/plan.js'
import { intendTags } from './intend.js'
import type { Execution } from './execution.js'
import { placeholder } from './placeholder.js'
import { remove } from './remove.js'
import { Retention } from './retention.js'
import { settle } from './settle.js'
import { Stage } from './stage.js'
import { untouched } from './untouched.js'
import type { Work } from './work.js'
import { attempt } from '../registry/attempt.js'

/** A replica that lags behind must not look like harm. */
const LOOKS = 2

/**
 * Removes labels and nothing else (`scope: tag`), by the way that the survey found: the tag endpoint, GitLab's own, or a
 * placeholder. The manifests under them stay, and are asked for by digest to show it.
 *
 * @throws Stopped when the run is to stop; what was done stands in `work`
 */
export async function removeLabels(work: Work): Promise<Execution> {
  const { client, journal, width } = work.tools
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
    const response = await attempt(client.manifest(repository, digest, { purpose: 'look-up' }))
    if (response instanceof WireError) journal.note(`${digest} was asked for by digest: ${response.message}`)
    else if (response.status === 200)
      journal.note(`${digest} is still there by digest, as it should be: only the label went`)
    else if (isGone(response))
      journal.note(`${digest} no longer answers by digest: this registry dropped it with its label`)
    else journal.note(`${digest} was asked for by digest and answered with ${describe(response)}`)
  })
  stage.close()
  // Nothing was changed anywhere, so this is a refusal.
  return work.wrote || !(await untouched(work))
    ? { refused: [], problems, left: new Map() }
    : { refused: problems, problems: [], left: new Map() }
}

/**
 * Removes labels. Takes the next way where the registry says of a real tag that it has not the one that the probe found.
 *
 * A label goes only after its manifest was made to outlive it, since some registries delete a manifest with its last tag
 * (see Retention), and may do so when a placeholder takes the tag. Distribution 2.x does not.
 */
export async function removeAll(
  work: Work,
  present: readonly PlannedTag[],
  retention = new Retention(work),
): Promise<string[]> {
  const { capabilities, journal, width, progress } = work.tools
  const { repository, way } = work.plan
  const problems: string[] = []
  const leave = ({ tag }: PlannedTag, why: string): void => {
    problems.push(...settle(work, { kind: 'tag', name: tag }, { is: 'needed', detail: why }))
  }
  if (way === 'placeholder') {
    if (capabilities.keepsUntagged(repository)) return placeholder(work, present)
    const free: PlannedTag[] = []
    for (const planned of present) {
      const retained = await retention.keep(planned)
      if (retained.is === 'free') free.push(planned)
      else leave(planned, retained.why)
    }
    return free.length === 0 ? problems : [...problems, ...(await placeholder(work, free))]
  }
  const unsupported: { planned: PlannedTag; detail: string }[] = []
  let harm: string | undefined
  const one = async (planned: PlannedTag): Promise<void> => {
    if (work.denied || harm !== undefined) return
    const item = { kind: 'tag', name: planned.tag } as const
    const retained = await retention.keep(planned)
    if (retained.is === 'bound') {
      leave(planned, retained.why)
      return
    }
    const removal = await remove(work, item)
    if (removal.is === 'unsupported') unsupported.push({ planned, detail: removal.detail })
    else problems.push(...settle(work, item, removal))
  }
  // One at a time until the registry has shown whether it deletes a manifest with a label, and all other tags on it.
  const rest = mostTelling(present, retention)
  for (let alone = rest.shift(); alone !== undefined; alone = rest.shift()) {
    await one(alone)
    if (work.denied || unsupported.length > 0) break
    const { tag, digest } = alone
    if (work.done.get(tag)?.outcome === 'kept') continue
    if (rest.length > 0) harm = await takenAlong(work, alone, retention)
    if (harm !== undefined || rest.every((each) => each.digest !== digest)) break
  }
  await counted(progress, 'labels removed', rest, width, one)
  if (harm !== undefined) {
    for (const { tag } of rest)
      work.record({ item: { kind: 'tag', name: tag }, outcome: 'kept', detail: 'not tried' })
    return [...problems, harm]
  }
  const [first] = unsupported
  if (first === undefined) return problems
  const next = way === 'tag' ? await attempt(capabilities.untaggingWithout(repository)) : undefined
  const found =
    next === undefined || next instanceof WireError || next.is === 'impossible' ? undefined : next.way
  if (found === undefined) {
    for (const { planned, detail } of unsupported)
      problems.push(...settle(work, { kind: 'tag', name: planned.tag }, { is: 'failed', detail }))
    return problems
  }
  journal.note(`This registry cannot delete such a tag by name (${first.detail}), so the next way is taken`)
  work.plan = { ...work.plan, way: found }
  return [
    ...problems,
    ...(await removeAll(
      work,
      unsupported.map(({ planned }) => planned),
      retention,
    )),
  ]
}

/** Sorts labels: those whose removal shows most of what the registry does come first, those on one digest in a row. */
function mostTelling(labels: readonly PlannedTag[], retention: Retention): PlannedTag[] {
  const groups = [...Map.groupBy(labels, ({ digest }) => digest)].map(([digest, group]) => ({
    group,
    staysTagged: digest !== undefined && !retention.losesLastTag(digest),
  }))
  groups.sort(
    (one, other) =>
      Number(one.staysTagged) - Number(other.staysTagged) || one.group.length - other.group.length,
  )
  return groups.flatMap(({ group }) => group)
}

/** @returns what happened where the removal of a label took along what must stay, in a sentence; else undefined */
async function takenAlong(
  work: Work,
  { tag, digest }: PlannedTag,
  retention: Retention,
): Promise<string | undefined> {
  if (digest === undefined || work.done.get(tag)?.outcome !== 'deleted') return undefined
  const { client } = work.tools
  const { repository } = work.plan
  const fresh = { purpose: 'look-up', fresh: true } as const
  for (let asks = 0; asks < LOOKS; asks++) {
    const response = await attempt(client.manifest(repository, digest, fresh))
    if (response instanceof WireError || !isGone(response)) return undefined
  }
  const whyNot = retention.whyNot(digest)
  const push =
    whyNot === undefined
      ? ", and remove such labels by the registry's own means"
      : `. Pushing it by its digest, which would have kept it, failed (${whyNot}): allow the user to push to ${repository}`
  return `With the label ${repository}:${tag} this registry took its manifest ${digest} along, and every other tag on it. No further label was removed. Push that image again${push}`
}
