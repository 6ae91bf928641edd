import type { Survey } from '../../survey/facts.js'
import type { AccessProblem } from '../problems/access.js'

/**
 * Checks that the run can verify its result at the end (safety rule 1). A dry run is refused as well, since the real run
 * would be.
 */
export function access({
  repository,
  blobAccess: found,
}: Pick<Survey, 'repository' | 'blobAccess'>): AccessProblem[] {
  if (found?.is === 'closed') {
    const { digest, why } = found
    return [{ kind: 'blobs-unreadable', repository, digest, why }]
  }
  // Blobs that are to be purged may be gone already.
  if (found?.is !== 'missing' || !found.remaining) return []
  const { digest, tried, answered } = found
  return [{ kind: 'blobs-missing', repository, digest, tried, answered }]
}
