import type { Digest } from '../oci/digest.js'
import { WireError } from '../registry/errors.js'
import { attempt } from '../registry/attempt.js'
import { each } from '../registry/limit.js'
import { sendDelete } from './remove.js'
import type { Work } from './work.js'

/**
 * Some registries (olareg) keep manifests among their blobs, where they answer after their own deletion. There each
 * needs a second DELETE; what came of it, the proof tells.
 *
 * They are found by asking for one of the manifests, and only where there is a referrers API, which distribution has
 * not: there a manifest answers as a blob only in a stale cache, and that is healed when it is seen.
 *
 * @param manifests that go, and that nobody needs
 */
export async function deleteMirrored(work: Work, manifests: readonly Digest[]): Promise<void> {
  const { client, capabilities, journal, width } = work.tools
  const { repository } = work.plan
  const deleted = manifests.filter((digest) => {
    const outcome = work.done.get(digest)?.outcome
    return outcome === 'deleted' || outcome === 'already-gone'
  })
  const [first] = deleted
  if (first === undefined || !(await capabilities.hasReferrersApi(repository))) return
  const response = await attempt(client.blob(repository, first, { purpose: 'look-up' }))
  if (response instanceof WireError || response.status !== 200) return
  journal.note('This registry keeps manifests among its blobs, too, so they are deleted there as well')
  journal.intend(
    repository,
    deleted.map((name) => ({ item: { kind: 'blob', name } })),
  )
  await each(deleted, width, async (name) => {
    if (client.stop.aborted) return
    journal.about(repository)
    await attempt(sendDelete(work, { kind: 'blob', name }, false))
  })
}
