import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Facts } from '../survey/facts.js'
import type { RepositoryPlan } from './plan.js'
import type { Outdated } from './problems/plan.js'
import type { Newcomer, Reconsidered } from './reconsider.js'

/** A plan, and the results of the check before its first write. */
export interface Check {
  readonly plan: RepositoryPlan
  /** The plan as it would be made now. */
  readonly again: RepositoryPlan
  readonly seen: Reconsidered
  readonly facts: Pick<Facts, 'listed'>
}

/** Finds changes between the survey and the first write. If there is one, nothing may be written. */
export function outdated({ plan, again, seen, facts }: Check): Outdated[] {
  const { repository } = plan
  return [
    ...seen.moved.map(({ tag, digest }) => ({ kind: 'tag-moved', repository, tag, digest }) as const),
    ...seen.revived.map((tag) => ({ kind: 'tag-revived', repository, tag }) as const),
    ...seen.unsure,
    ...countedGone(plan, facts),
    ...appeared(plan, again, seen.newcomers),
  ]
}

/** If a tag that counted for `keep-newest` is gone, the next image takes its place. */
function countedGone(
  { repository, selection, tags }: RepositoryPlan,
  facts: Pick<Facts, 'listed'>,
): Outdated[] {
  const known = new Set([...facts.listed, ...tags.map(({ tag }) => tag)])
  return (selection?.counted ?? [])
    .filter((tag) => !known.has(tag))
    .map((tag) => ({ kind: 'counted-tag-gone', repository, tag }))
}

/** Finds tags and manifests that were attached to the image after the plan was made: the user did not approve them. */
function appeared(
  { repository, tags }: RepositoryPlan,
  again: RepositoryPlan,
  newcomers: readonly Newcomer[],
): Outdated[] {
  const planned = new Set(tags.map(({ tag }) => tag))
  const found = new Map<Tag | Digest, Outdated>()
  for (const { tag, belongsTo } of again.tags)
    if (!planned.has(tag)) found.set(tag, newcomer(repository, { tag }, belongsTo))
  for (const { tag, digest, subject } of newcomers)
    found.set(tag ?? digest, newcomer(repository, tag === undefined ? { digest } : { tag }, subject))
  return [...found.values()]
}

function newcomer(
  repository: Repository,
  name: Extract<Outdated, { kind: 'newcomer' }>['name'],
  subject: Digest | undefined,
): Outdated {
  return { kind: 'newcomer', repository, name, ...(subject !== undefined && { subject }) }
}
