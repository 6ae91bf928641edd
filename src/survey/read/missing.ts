import type { Repository } from '../../oci/reference.js'
import { meaningOf } from '../../registry/answers/classify.js'
import { attempt } from '../../registry/attempt.js'
import { cacheOf } from '../../registry/cached.js'
import { WireError } from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'
import type { Capabilities } from '../capabilities.js'

/** @returns whether a response says that the registry, or a gateway in front of it, does not know a manifest */
export function isUnknown(response: Response): boolean {
  // Most responses are manifests, which need not be parsed for this.
  return response.status === 404 && ['unknown', 'perhaps-unknown'].includes(meaningOf('manifest', response))
}

/**
 * Finds out whether responses show that the registry does not know a manifest. MANIFEST_UNKNOWN shows it. Another code, such
 * as Harbor's NOT_FOUND, may be a gateway's, so it counts only if a manifest that never existed gets the same response.
 *
 * @param responses to several requests for the same manifest
 * @throws Stopped
 */
export async function isMissing(
  capabilities: Pick<Capabilities, 'isOwnAbsence'>,
  repository: Repository,
  responses: readonly Response[],
): Promise<boolean> {
  if (!responses.every((each) => cacheOf(each) === undefined && isUnknown(each))) return false
  if (responses.every((each) => meaningOf('manifest', each) === 'unknown')) return true
  for (const each of responses) {
    const own = await attempt(capabilities.isOwnAbsence(repository, each))
    if (own instanceof WireError || !own) return false
  }
  return true
}
