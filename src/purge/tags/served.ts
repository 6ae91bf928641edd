import type { Digest } from '../../oci/digest.js'
import { attempt, outcomeOf } from '../../registry/attempt.js'
import { isGone, WireError } from '../../registry/errors.js'
import type { RepositoryPurge } from '../repository-purge.js'

/** The log lines for a manifest whose tag was deleted. */
export interface RootNotes {
  readonly served: string
  readonly gone: string
}

/**
 * Requests a manifest by digest after its tag was deleted, and notes the result in the log.
 *
 * @param notes words that follow the digest
 * @returns whether it is still served
 * @throws Stopped
 */
export async function isServed(
  { plan, tools: { client, journal } }: RepositoryPurge,
  digest: Digest,
  notes: RootNotes,
): Promise<boolean> {
  const response = await attempt(client.manifest(plan.repository, digest, { purpose: 'look-up' }))
  const isRead = !(response instanceof WireError)
  const served = isRead && response.status === 200
  if (served) journal.note(`${digest} ${notes.served}`)
  else if (isRead && isGone(response)) journal.note(`${digest} ${notes.gone}`)
  else journal.note(`${digest} was requested by digest, and the response was ${outcomeOf(response)}`)
  return served
}
