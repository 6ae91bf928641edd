import { matches, parseDigest, sha256, type Digest } from '../../oci/digest.js'
import { hashedBytes, parseManifest, type Manifest } from '../../oci/manifest.js'
import type { Tag } from '../../oci/tag.js'
import { cacheOf } from '../../registry/cached.js'
import { describe, hasCode } from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'
import type { Missing } from '../facts.js'
import type { UnreadManifest } from '../problem.js'
import type { Pool } from './pool.js'

/** A manifest that was read. */
export interface Came {
  readonly is: 'came'
  readonly manifest: Manifest
  /** Another digest under which the registry may serve the same bytes. */
  readonly twin?: Digest
}

/** @returns whether the registry itself, and no cache, says that there is no such manifest */
export function isPlainlyUnknown(response: Response): boolean {
  return cacheOf(response) === undefined && response.status === 404 && hasCode(response, 'MANIFEST_UNKNOWN')
}

/**
 * Judges a response by status and by content: the bytes must hash to every digest under which they came.
 *
 * @param pool knows manifests that were parsed before, and takes in new ones
 */
export function judge(reference: Tag | Digest, response: Response, pool: Pool): Came | Missing {
  const cache = response.redirected ? undefined : cacheOf(response)
  // What came for a digest is hashed. What a tag points to now, and what is missing, only the registry knows.
  if (cache !== undefined && (response.status !== 200 || parseDigest(reference) === undefined))
    return unreadable({ is: 'cached', cache })
  if (response.status !== 200) return unreadable({ is: 'refused', answered: describe(response) })
  if (response.cut) return unreadable({ is: 'cut-off' })
  const bytes = hashedBytes(response.body)
  if (bytes === undefined) return unreadable({ is: 'unusable', flaw: { is: 'malformed-schema1' } })
  const own = sha256(bytes)
  // A signed text that does not hash is no lie of the registry: 2.x signs it anew at each read.
  const lie = bytes === response.body ? 'lie' : 'unreadable'
  const named = parseDigest(reference)
  if (named !== undefined && !matches(named, bytes))
    return { is: lie, why: { is: 'other-bytes', named, digest: own } }
  const header = response.headers.get('docker-content-digest')?.trim() ?? ''
  const stated = parseDigest(header)
  if (header !== '' && (stated === undefined || !matches(stated, bytes)))
    return { is: lie, why: { is: 'other-header' } }
  const type = response.headers.get('content-type') ?? ''
  // The same digest means the same bytes, which may have been parsed before. Signatures are not hashed with them.
  const whole = bytes === response.body
  const known = whole ? pool.manifest(named ?? own, type) : undefined
  const manifest = known ?? parseManifest(response.body, type, named)
  if ('unusable' in manifest) return unreadable({ is: 'unusable', flaw: manifest.unusable })
  const twin = [own, stated].find((digest) => digest !== undefined && digest !== manifest.digest)
  const kept = known === undefined && whole ? pool.keep(manifest, type) : manifest
  return { is: 'came', manifest: kept, ...(twin !== undefined && { twin }) }
}

function unreadable(why: UnreadManifest): Missing {
  return { is: 'unreadable', why }
}
