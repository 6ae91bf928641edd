import type { Verification } from './verification.js'

/**
 * Proves repositories that were purged, and of which what stays was read. Some registries bring a digest back where it is
 * read in another repository: so what one repository reads or deletes again undoes the proof of every other one that
 * shares a digest with it, and the two last questions come when all is proven.
 *
 * @throws Stopped
 */
export async function proveAll(all: readonly Verification[]): Promise<void> {
  for (let next = firstOpen(all); next !== undefined; next = firstOpen(all)) {
    const proving = next
    const disturbed = await proving.prove()
    if (!disturbed) continue
    for (const other of all) if (other !== proving && share(other, proving)) other.restart()
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

/** Whether one's images hold a digest that belongs to the other's. */
function share(one: Verification, other: Verification): boolean {
  const image = other.work.plan.image
  return [...one.work.plan.image].some((digest) => image.has(digest))
}
