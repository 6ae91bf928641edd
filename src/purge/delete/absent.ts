import type { Digest } from '../../oci/digest.js'
import { absenceOf, sameAbsence } from '../../registry/absence.js'
import { attempt } from '../../registry/attempt.js'
import { cacheOf } from '../../registry/cached.js'
import { WireError } from '../../registry/errors.js'
import { FRESH_READ } from '../../registry/reading.js'
import type { Response } from '../../registry/send.js'
import type { RepositoryPurge } from '../repository-purge.js'

/**
 * Asks for a random digest, which never existed, and compares the responses. A gateway may return 404 in the registry's
 * place, to a GET and to a DELETE alike, so a 404 counts only if both responses say "absent" in the same way.
 *
 * @param response to a GET of a digest
 * @returns whether the registry itself says that the digest is absent
 * @throws Stopped
 */
export async function saysAbsent(
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
