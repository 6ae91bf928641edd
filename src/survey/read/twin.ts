import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import { attempt, outcomeOf } from '../../registry/attempt.js'
import type { Client } from '../../registry/client.js'
import { isGone, WireError } from '../../registry/errors.js'
import type { TwinProblem } from '../problem.js'

/** The sha256 digest of a blob, or why it is unknown. */
export type Twin =
  | { readonly is: 'twin'; readonly digest: Digest }
  /** There is no such blob. */
  | { readonly is: 'gone' }
  | { readonly is: 'unclear'; readonly problem: TwinProblem }

/**
 * Reads a whole blob, without keeping it, to find out the sha256 digest of its bytes. A header with that digest would
 * prove nothing.
 *
 * @param digest of the blob, by sha512
 * @throws Stopped
 */
export async function readTwin(client: Client, repository: Repository, digest: Digest): Promise<Twin> {
  const response = await attempt(client.blobHash(repository, digest))
  if (!(response instanceof WireError)) {
    if (isGone(response)) return { is: 'gone' }
    const { hashes } = response
    if (response.status === 200 && !response.cut && hashes !== undefined)
      return hashes.sha512 === digest
        ? { is: 'twin', digest: hashes.sha256 }
        : { is: 'unclear', problem: { kind: 'twin-of-other-bytes', repository, digest } }
  }
  const answered = outcomeOf(response)
  return { is: 'unclear', problem: { kind: 'twin-unreadable', repository, digest, answered } }
}
