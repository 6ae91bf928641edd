import { Replicas } from '../../proof/replicas.js'
import type { Purged, Purging } from '../purge.js'
import type { Search } from '../search.js'
import { proveInOrder } from './order.js'
import { RepositoryProof } from './repository-proof.js'

/**
 * Proves the purge: checks the remaining tags of all repositories, searches other repositories, and then proves each one.
 *
 * @throws Stopped, and defects
 */
export async function proveAll(
  all: readonly Purged[],
  purging: Purging & { readonly search: Search },
): Promise<void> {
  const { journal, results, search } = purging
  try {
    const proofs = proofsOf(all, purging)
    for (const proof of proofs) await proof.checkRemaining()
    const forbidden = await search.forbids(
      all.map(({ purge }) => purge.plan),
      new Set(proofs.map(({ purge }) => purge.plan.repository)),
    )
    await proveInOrder(proofs)
    for (const proof of proofs) {
      const { repository } = proof.purge.plan
      const { proven, left, problems, warnings } = proof.conclude()
      for (const [digest, heldBy] of left) journal.left(repository, digest, heldBy)
      for (const problem of problems) journal.problem(problem, repository)
      for (const warning of warnings) journal.warn(warning, repository)
      results.end(repository, proven && !forbidden ? 'purged' : 'incomplete')
    }
  } finally {
    // If the run is stopped during a burst, withdraw the requests that it announced and did not send.
    for (const { purge } of all) journal.withdraw(purge.plan.repository)
  }
}

/** Leaves out repositories that were refused or failed: there is nothing to prove. */
function proofsOf(all: readonly Purged[], { settings, journal }: Purging): RepositoryProof[] {
  const replicas = new Replicas()
  const thoroughness = {
    attempts: settings.verifyAttempts,
    interval: settings.verifyInterval,
    timeout: settings.verifyTimeout,
  }
  return all.flatMap(({ purge, execution }) => {
    if (execution === undefined) return []
    if (purge.differed) replicas.noteDifference()
    const others = all.filter((other) => other.purge !== purge)
    const purged = others.flatMap((other) => [...other.purge.plan.manifests, ...other.purge.plan.blobs])
    const elsewhere = new Set(purged.map(({ digest }) => digest))
    return [new RepositoryProof(purge, execution, journal, { thoroughness, elsewhere, replicas })]
  })
}
