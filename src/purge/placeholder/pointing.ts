import { sha256, type Digest } from '../../oci/digest.js'
import { hashedBytes } from '../../oci/manifest.js'
import { OCI_MANIFEST } from '../../oci/mediatype.js'
import type { Tag } from '../../oci/tag.js'
import { attempt } from '../../registry/attempt.js'
import { cacheOf } from '../../registry/cached.js'
import { describe, isGone, WireError } from '../../registry/errors.js'
import { FINISHING_READ } from '../../registry/reading.js'
import type { RepositoryPurge } from '../repository-purge.js'
import type { Dummy } from './dummy.js'

/** The target of a tag: a manifest with its bytes, or nothing. `unclear`: the response shows neither. */
export type Pointing =
  | {
      readonly is: 'manifest'
      readonly digest: Digest
      readonly mediaType: string
      readonly body: Uint8Array
      /** Whether it is the placeholder of this run. */
      readonly ours: boolean
    }
  | { readonly is: 'nothing' }
  | { readonly is: 'unclear'; readonly answered: string }

/** Reads the manifest that a tag points to. Continues if the run is stopped. @throws Stopped when the time is up */
export async function pointing(purge: RepositoryPurge, tag: Tag, { chance }: Dummy): Promise<Pointing> {
  const response = await attempt(purge.tools.client.manifest(purge.plan.repository, tag, FINISHING_READ))
  if (response instanceof WireError) return { is: 'unclear', answered: response.message }
  const cache = cacheOf(response)
  if (cache !== undefined) return { is: 'unclear', answered: `the response comes out of a cache (${cache})` }
  if (isGone(response)) return { is: 'nothing' }
  if (response.status !== 200 || response.cut) return { is: 'unclear', answered: describe(response) }
  const digest = sha256(hashedBytes(response.body) ?? response.body)
  const ours = Buffer.from(response.body).includes(chance)
  // A registry may store other bytes than it received. Then the placeholder has another digest.
  if (ours) purge.placeholders.add(digest)
  const mediaType =
    response.headers.get('content-type') ?? purge.facts.manifests.get(digest)?.mediaType ?? OCI_MANIFEST
  return { is: 'manifest', digest, mediaType, body: response.body, ours }
}
