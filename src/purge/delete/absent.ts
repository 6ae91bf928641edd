import type { Digest } from '../../oci/digest.js'
import { absenceOf, sameAbsence } from '../../registry/absence.js'
import { attempt } from '../../registry/attempt.js'
import { cacheOf } from '../../registry/cached.js'
import { WireError } from '../../registry/errors.js'
import { FRESH_READ } from '../../registry/reading.js'
import type { Response } from '../../registry/send.js'
import type { RepositoryPurge } from '../repository-purge.js'

/**
 * Checks whether a 404 comes from the registry itself, since a gateway may return 404 in its place. Requests a random
 * digest, which never existed. The 404 counts only if both responses are 404s of the same form.
 *
 * @param response the response to the GET of a digest
 * @returns whether the registry itself does not have the digest
 * @throws Stopped
 */
export async function isAbsent(
  { plan, tools: { client, random } }: RepositoryPurge,
  kind: 'manifest' | 'blob',
  response: Response,
): Promise<boolean> {
  const absence = absenceOf(response)
  if (absence === undefined || cacheOf(response) !== undefined) return false
  const never = `sha256:${random.hex(32)}` as Digest
  const other = await attempt(
    kind === 'manifest'
      ? client.manifest(plan.repository, never, FRESH_READ)
      : client.blob(plan.repository, never, FRESH_READ),
  )
  const expected = other instanceof WireError ? undefined : absenceOf(other)
  return expected !== undefined && sameAbsence(absence, expected)
}
