import type { Repository } from '../../oci/reference.js'
import type { ControlFlaw } from '../../plan/flaw.js'
import type { Item } from '../../plan/item.js'
import type { ProofProblem } from '../../plan/problems/proof.js'
import type { Standing } from '../../plan/standing.js'
import type { RepositoryPurge } from '../../purge/repository-purge.js'

/**
 * @param told items whose problem is reported elsewhere
 * @param control why the controls of the newest round do not vouch for its 404s
 * @returns a problem for each item that is still served or inconclusive, and one for all that lack rounds
 */
export function unproven(
  standings: readonly Standing[],
  { plan, done }: Pick<RepositoryPurge, 'plan' | 'done'>,
  told: ReadonlySet<Item['name']>,
  control: ControlFlaw | undefined,
): ProofProblem[] {
  const { repository } = plan
  const problems: ProofProblem[] = []
  const lacking: Item[] = []
  for (const { item, verdict, finding } of standings) {
    if (verdict === 'gone' || verdict === 'unchecked' || told.has(item.name)) continue
    // A tag that was never removed is still served. The purge has reported why.
    const outcome = item.kind === 'tag' ? done.get(item.name)?.outcome : undefined
    if (outcome === 'failed' || outcome === 'kept') continue
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
    })
  return problems
}

/** Blobs that were named and were never there: a proof that they are gone shows nothing. */
export function blobsNeverThere({ plan, done }: Pick<RepositoryPurge, 'plan' | 'done'>): ProofProblem[] {
  const digests = plan.blobs.flatMap(({ digest, named }) =>
    named && done.get(digest)?.outcome === 'already-gone' ? [digest] : [],
  )
  return digests.length === 0 ? [] : [{ kind: 'blobs-never-there', repository: plan.repository, digests }]
}

/**
 * A replica that fails was not checked, although another one responded.
 *
 * @param lost the failures before each check that was answered only after some
 */
export function answeredAfterFailures(
  repository: Repository,
  lost: readonly (readonly string[])[],
): ProofProblem[] {
  if (lost.length === 0) return []
  const failures = [...new Set(lost.flat())].sort()
  return [{ kind: 'answered-after-failures', repository, checks: lost.length, failures }]
}
