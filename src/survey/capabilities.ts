import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Client } from '../registry/client.js'
import { describe, errorEntries, hasCode, isDenied, isUnknown } from '../registry/errors.js'
import type { Response } from '../registry/send.js'
import type { Random } from '../registry/time.js'
import type { Deletion } from './facts.js'

const TIMEOUT = 60_000

/**
 * The probe: one DELETE of a random manifest digest and one of a random blob digest. They name nothing that exists, so
 * they change nothing, and their answers tell whether deletion is on and allowed. Distribution 3.0.0 deletes tags
 * although deletion is off (CVE-2026-41888), so this comes before any write.
 *
 * @returns what the registry said for manifests and for blobs
 * @throws WireError when no answer came
 */
export async function probe(
  client: Client,
  repository: Repository,
  random: Random,
): Promise<{ manifestDeletion: Deletion; blobDeletion: Deletion }> {
  const deleting = { purpose: 'probe', timeout: TIMEOUT } as const
  const [manifests, blobs] = await Promise.all([
    client.deleteManifest(repository, nothing(random), deleting),
    client.deleteBlob(repository, nothing(random), deleting),
  ])
  return { manifestDeletion: judge(manifests), blobDeletion: judge(blobs) }
}

function nothing(random: Random): Digest {
  return `sha256:${random.hex(32)}` as Digest
}

/** Yes is a 404 with a `*_UNKNOWN` code in a JSON body; nothing else is. */
function judge(response: Response): Deletion {
  const why = describe(response)
  if (isUnknown(response)) return { is: 'on' }
  if (isDenied(response)) return { is: 'denied', why }
  if (response.status === 405 || hasCode(response, 'UNSUPPORTED'))
    return { is: 'off', why, readOnly: errorEntries(response.body).length === 0 && readsOnly(response) }
  return { is: 'unclear', why }
}

/** Distribution in read-only mode has no DELETE route at all: 405 in plain text with `Allow: GET, HEAD`. */
function readsOnly(response: Response): boolean {
  const allow = response.headers.get('allow')
  return allow !== undefined && !allow.toUpperCase().includes('DELETE')
}
