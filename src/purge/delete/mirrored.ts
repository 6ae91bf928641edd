import type { Digest } from '../../oci/digest.js'
import { attempt } from '../../registry/attempt.js'
import { WireError } from '../../registry/errors.js'
import { each } from '../../registry/limit.js'
import type { RepositoryPurge } from '../repository-purge.js'
import { sendDelete } from './send.js'

/**
 * Deletes manifests as blobs as well. Some registries (olareg) store manifests among their blobs, and still serve them as
 * blobs after the manifest was deleted. The responses do not matter: the proof shows whether it worked.
 *
 * Requests one manifest as a blob to find out whether this is such a registry, and only if it has a referrers API.
 * Distribution has none. It serves a manifest as a blob only out of a stale cache, which the proof detects and heals.
 *
 * @param manifests deleted ones, which no tag needs
 */
export async function deleteMirrored(purge: RepositoryPurge, manifests: readonly Digest[]): Promise<void> {
  const { client, capabilities, journal, width } = purge.tools
  const { repository } = purge.plan
  const deleted = manifests.filter((digest) => {
    const outcome = purge.done.get(digest)?.outcome
    return outcome === 'deleted' || outcome === 'already-gone'
  })
  const [first] = deleted
  if (first === undefined || !(await capabilities.hasReferrersApi(repository))) return
  const response = await attempt(client.blob(repository, first, { purpose: 'look-up' }))
  if (response instanceof WireError || response.status !== 200) return
  journal.note('This registry stores manifests among its blobs, so they are deleted there as well')
  purge.intend(deleted.map((name) => ({ kind: 'blob', name })))
  await each(deleted, width, async (name) => {
    if (client.stop.aborted) return
    journal.about(repository)
    purge.mayHaveWritten()
    await attempt(sendDelete(purge, { kind: 'blob', name }, { fresh: false }))
  })
}
