import type { Digest } from '../../oci/digest.js'
import type { LeftPlaceholder } from '../../plan/outcome.js'
import type { PurgeProblem } from '../../plan/problems/purge.js'
import { attempt, outcomeOf } from '../../registry/attempt.js'
import { isGone, isUnknown, WireError } from '../../registry/errors.js'
import { FINISHING_READ } from '../../registry/reading.js'
import type { Response } from '../../registry/send.js'
import { pauseAfter, TRIES } from '../pauses.js'
import type { RepositoryPurge } from '../repository-purge.js'
import type { Dummy } from './dummy.js'
import { endTag } from './end-tag.js'
import { deleteParts } from './parts.js'
import type { Replaced } from './put.js'

/**
 * Deletes the placeholder, which removes the tags on it and no other, and its blobs. If that fails, puts the tags back.
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
  // As long as the blobs of a placeholder are there, the entries of its tags name them.
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
    const answer = await attempt(client.deleteManifest(purge.plan.repository, digest, deleting))
    answered = outcomeOf(answer)
    if (isDeleted(answer)) return undefined
    const refused = !(answer instanceof WireError) && answer.status >= 400 && answer.status < 500
    // A DELETE with an unknown outcome is checked before it is sent again (safety rule 12).
    if (!refused && (await isAway(purge, digest))) {
      for (const { tag } of sent) purge.explained.add(tag)
      return undefined
    }
    const throttled = refused && answer.status === 429
    if (refused && !throttled) return { digest, answered }
    const pause = pauseAfter(answer, tried, clock.now())
    if (throttled && !client.stop.aborted) tried--
    await clock.sleep(pause, client.stop)
  }
  return { digest, answered }
}

function isDeleted(answer: Response | WireError): boolean {
  if (answer instanceof WireError) return false
  return (answer.status >= 200 && answer.status < 300) || isUnknown(answer)
}

async function isAway({ plan, tools }: RepositoryPurge, digest: Digest): Promise<boolean> {
  const response = await attempt(tools.client.manifest(plan.repository, digest, FINISHING_READ))
  return !(response instanceof WireError) && isGone(response)
}
