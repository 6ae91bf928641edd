import type { Digest } from '../../oci/digest.js'
import type { LeftPlaceholder } from '../../plan/outcome.js'
import type { PurgeProblem } from '../../plan/problems/purge.js'
import { attempt, outcomeOf } from '../../registry/attempt.js'
import { isGone, WireError } from '../../registry/errors.js'
import { FINISHING_READ } from '../../registry/reading.js'
import { pauseAfter, TRIES } from '../pauses.js'
import type { RepositoryPurge } from '../repository-purge.js'
import { isDeleted } from './deleted.js'
import type { Dummy } from './dummy.js'
import { endTag } from './end-tag.js'
import { deleteParts } from './parts.js'
import type { Replaced } from './put.js'

/**
 * Deletes the placeholder, with the tags that point to it, and its blobs. If that fails, makes the tags point to their
 * manifests again.
 *
 * @throws Stopped
 */
export async function takeAway(
  purge: RepositoryPurge,
  sent: readonly Replaced[],
  dummy: Dummy,
): Promise<PurgeProblem[]> {
  const left: LeftPlaceholder[] = []
  for (const digest of purge.placeholders) {
    const remains = await deletePlaceholder(purge, digest, sent)
    if (remains !== undefined) left.push(remains)
  }
  // While a placeholder exists, the records of its tags name its blobs, so these are deleted last.
  const partsLeft = left.length === 0 ? await deleteParts(purge, dummy) : []
  const problems: PurgeProblem[] = []
  for (const replaced of sent) problems.push(...(await endTag(purge, replaced, dummy, left)))
  const { repository } = purge.plan
  if (problems.length === 0)
    problems.push(...left.map((each) => ({ kind: 'placeholder-left', repository, ...each }) as const))
  return [...problems, ...(left.length === 0 ? partsLeft : await deleteParts(purge, dummy))]
}

/**
 * Deletes one placeholder by its digest.
 *
 * @param sent tags that may point to it
 * @returns the placeholder with the last response if it is still there, else undefined
 */
async function deletePlaceholder(
  purge: RepositoryPurge,
  digest: Digest,
  sent: readonly Replaced[],
): Promise<LeftPlaceholder | undefined> {
  const { client, clock } = purge.tools
  const { timeout } = purge
  let answered = ''
  for (let tried = 1; tried <= TRIES; tried++) {
    const deleting = { purpose: 'delete-placeholder', timeout } as const
    const response = await attempt(client.deleteManifest(purge.plan.repository, digest, deleting))
    answered = outcomeOf(response)
    if (!(response instanceof WireError) && isDeleted('delete-manifest', response)) return undefined
    const refused = !(response instanceof WireError) && response.status >= 400 && response.status < 500
    // A DELETE with an unknown outcome is checked before it is sent again (safety rule 12).
    if (!refused && (await isGoneNow(purge, digest))) {
      for (const { tag } of sent) purge.explained.add(tag)
      return undefined
    }
    const throttled = refused && response.status === 429
    if (refused && !throttled) return { digest, answered }
    const pause = pauseAfter(response, tried, clock.now())
    if (throttled && !client.stop.aborted) tried--
    await clock.sleep(pause, client.stop)
  }
  return { digest, answered }
}

async function isGoneNow({ plan, tools }: RepositoryPurge, digest: Digest): Promise<boolean> {
  const response = await attempt(tools.client.manifest(plan.repository, digest, FINISHING_READ))
  return !(response instanceof WireError) && isGone(response)
}
