import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Client } from '../registry/client.js'
import { describe, isGone, WireError } from '../registry/errors.js'

/**
 * Reads a blob whole, without keeping it, to find out the sha256 digest of its bytes. The registry's word for it, a
 * header, would be no proof.
 *
 * @param digest of the blob, by sha512
 * @returns the twin; neither where the blob is not there; or why it cannot be told
 * @throws WireError where the run is to stop
 */
export async function readTwin(
  client: Client,
  repository: Repository,
  digest: Digest,
): Promise<{ readonly twin?: Digest } | { readonly why: string }> {
  const what = `${repository}@${digest} is named by sha512, and registries serve such content under a sha256 digest, too. It`
  try {
    const response = await client.blobHash(repository, digest)
    if (isGone(response)) return {}
    if (response.status !== 200 || response.cut || response.hashes === undefined)
      return { why: `${what} could not be read to find that out: ${describe(response)}` }
    const { sha256, sha512 } = response.hashes
    return sha512 === digest ? { twin: sha256 } : { why: `${what} came with other bytes` }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return { why: `${what} could not be read to find that out: ${error.message}` }
  }
}
