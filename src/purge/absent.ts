import type { Digest } from '../oci/digest.js'
import { absenceOf, sameAbsence } from '../registry/absence.js'
import { attempt } from '../registry/attempt.js'
import { cacheOf } from '../registry/cached.js'
import { WireError } from '../registry/errors.js'
import type { Response } from '../registry/send.js'
import type { Work } from './work.js'

/**
 * A gateway may answer 404 in the registry's place, to a GET and to a DELETE alike. So a 404 counts only if a random
 * digest, which never existed, is answered in the same way.
 *
 * @param response to a GET of a digest
 * @returns whether it is the registry itself that says that the digest is not there
 * @throws Stopped
 */
export async function saysAbsent(
  work: Work,
  kind: 'manifest' | 'blob',
  response: Response,
): Promise<boolean> {
  const { client, random } = work.tools
  const how = absenceOf(response)
  if (how === undefined || cacheOf(response) !== undefined) return false
  const never = `sha256:${random.hex(32)}` as Digest
  const reading = { purpose: 'look-up', fresh: true } as const
  const other = await attempt(
    kind === 'manifest'
      ? client.manifest(work.plan.repository, never, reading)
      : client.blob(work.plan.repository, never, reading),
  )
  const its = other instanceof WireError ? undefined : absenceOf(other)
  return its !== undefined && sameAbsence(how, its)
}
