import type { Repository } from '../../oci/reference.js'
import type { Item } from '../../plan/item.js'
import type { ProofProblem } from '../../plan/problems/proof.js'
import type { Standing } from '../../plan/standing.js'
import type { RepositoryPurge } from '../../purge/repository-purge.js'
import type { Rounds } from './rounds.js'

/**
 * @param reported items that have a problem already
 * @param flaws why the controls of the newest round do not confirm its 404s, and the last failure of any round
 * @returns a problem for each item that is still served or inconclusive, and one problem for all items that lack rounds
 */
export function unproven(
  standings: readonly Standing[],
  { plan, done }: Pick<RepositoryPurge, 'plan' | 'done'>,
  reported: ReadonlySet<Item['name']>,
  { controlFlaw: control, lastFlaw }: Pick<Rounds, 'controlFlaw' | 'lastFlaw'>,
): ProofProblem[] {
  const { repository } = plan
  const failedRoots = new Set<Item['name']>(
    plan.tags.flatMap(({ tag, root }) => (done.get(root)?.outcome === 'failed' ? [tag] : [])),
  )
  const problems: ProofProblem[] = []
  const lacking: Item[] = []
  for (const { item, verdict, finding } of standings) {
    if (verdict === 'gone' || verdict === 'unchecked' || reported.has(item.name)) continue
    // Skip an item that was not removed: the purge has reported why.
    const outcome = done.get(item.name)?.outcome
    if (outcome === 'failed' || (item.kind === 'tag' && outcome === 'kept')) continue
    if (outcome === 'with-manifest' && failedRoots.has(item.name)) continue
    const flaw = finding === undefined || finding.is === 'gone' ? undefined : finding.flaw
    if (verdict === 'present')
      problems.push({ kind: 'still-answers', repository, item, ...(flaw !== undefined && { flaw }) })
    else if (flaw === undefined) lacking.push(item)
    else problems.push({ kind: 'not-proven-gone', repository, item, flaw })
  }
  if (lacking.length > 0)
    problems.push({
      kind: 'too-few-rounds',
      repository,
      items: lacking,
      ...(control !== undefined && { control }),
      ...(control === undefined && lastFlaw !== undefined && { lastFlaw }),
    })
  return problems
}

/** Finds named blobs that did not exist before the run: a proof that they are gone shows nothing. */
export function blobsNeverThere({ plan, done }: Pick<RepositoryPurge, 'plan' | 'done'>): ProofProblem[] {
  const digests = plan.blobs.flatMap(({ digest, named }) =>
    named && done.get(digest)?.outcome === 'already-gone' ? [digest] : [],
  )
  return digests.length === 0 ? [] : [{ kind: 'blobs-never-there', repository: plan.repository, digests }]
}

/**
 * Warns if checks got a response only after failures: a replica that failed was not checked, although another responded.
 *
 * @param lost the failures of each check that got a response only after failures
 */
export function answeredAfterFailures(
  repository: Repository,
  lost: readonly (readonly string[])[],
): ProofProblem[] {
  if (lost.length === 0) return []
  const failures = [...new Set(lost.flat())].sort()
  return [{ kind: 'answered-after-failures', repository, checks: lost.length, failures }]
}

/**
 * Finds purged tags that the registry still lists although their manifest is gone: a push of the same manifest would bring
 * them back.
 */
export function stillListed({ plan, facts }: Pick<RepositoryPurge, 'plan' | 'facts'>): ProofProblem[] {
  const listed = new Set(facts.listed)
  const tags = plan.tags.flatMap(({ tag }) =>
    listed.has(tag) && facts.tags.get(tag)?.is === 'unknown' ? [tag] : [],
  )
  return tags.length === 0 ? [] : [{ kind: 'tags-still-listed', repository: plan.repository, tags }]
}
