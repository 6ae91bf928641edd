import type { RepositoryProof } from './repository-proof.js'

/** The proof of one repository, with the members that `proveInOrder` needs. */
export type Proof = Pick<
  RepositoryProof,
  'purge' | 'proven' | 'open' | 'prove' | 'restart' | 'checkAsManifests' | 'checkByRange' | 'deleteOnceMore'
>

/**
 * Proves repositories that were purged and whose remaining tags were checked. Some registries bring a digest back when it
 * is read in another repository. So if the proof of one repository reads or deletes something, it restarts the proof of
 * every other repository that shares a digest with it. The final checks come when every repository is proven.
 *
 * @throws Stopped
 */
export async function proveInOrder(all: readonly Proof[]): Promise<void> {
  const waiting = [...all]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift() ?? firstOpen(all)) {
    const proving = next
    const disturbed = await proving.prove()
    if (!disturbed) continue
    for (const other of all) if (other !== proving && touches(proving, other)) other.restart()
  }
  const proven = all.filter((each) => each.proven)
  for (const each of proven) await each.checkAsManifests()
  const back: (() => Promise<void>)[] = []
  for (const each of proven) {
    const digests = await each.checkByRange()
    back.push(() => each.deleteOnceMore(digests))
  }
  for (const deleteAgain of back) await deleteAgain()
}

function firstOpen(all: readonly Proof[]): Proof | undefined {
  return all.find((each) => each.open)
}

/** Whether two repositories share a digest that one of them purges. The other may purge it as well, or keep it. */
function touches(other: Proof, { purge }: Proof): boolean {
  const purged = new Set([...purge.plan.manifests, ...purge.plan.blobs].map(({ digest }) => digest))
  const { plan, facts } = other.purge
  for (const digest of plan.image) if (purged.has(digest)) return true
  for (const { digest, blobs } of facts.manifests.values())
    if (purged.has(digest) || blobs.some((blob) => purged.has(blob.digest))) return true
  return false
}
