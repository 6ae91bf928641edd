import type { Verification } from './verification.js'

/**
 * Proves repositories that were purged, and of which what stays was read. Some registries bring a digest back where it is
 * read in another repository: so what one repository reads or deletes again undoes the proof of every other one that
 * shares a digest with it, and the two last questions come when all is proven.
 *
 * @throws Stopped
 */
export async function proveAll(all: readonly Verification[]): Promise<void> {
  const waiting = [...all]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift() ?? firstOpen(all)) {
    const proving = next
    const disturbed = await proving.prove()
    if (!disturbed) continue
    for (const other of all) if (other !== proving && touches(proving, other)) other.restart()
  }
  const proven = all.filter((each) => each.proven)
  for (const each of proven) await each.askAsManifests()
  const back: (() => Promise<void>)[] = []
  for (const each of proven) {
    const digests = await each.askByRange()
    back.push(() => each.deleteOnceMore(digests))
  }
  for (const deleteAgain of back) await deleteAgain()
}

function firstOpen(all: readonly Verification[]): Verification | undefined {
  return all.find((each) => each.open)
}

/** Whether what one repository purges is anywhere in the other one, be it purged there or read as what stays. */
function touches(other: Verification, { work }: Verification): boolean {
  const purged = new Set([...work.plan.manifests, ...work.plan.blobs].map(({ digest }) => digest))
  const { plan, facts } = other.work
  for (const digest of plan.image) if (purged.has(digest)) return true
  for (const { digest, blobs } of facts.manifests.values())
    if (purged.has(digest) || blobs.some((blob) => purged.has(blob.digest))) return true
  return false
}
