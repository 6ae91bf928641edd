import type { Digest } from '../../oci/digest.js'
import type { Tag } from '../../oci/tag.js'
import type { Detail } from '../../plan/outcome.js'
import type { PlannedTag } from '../../plan/plan.js'
import { attempt, outcomeOf } from '../../registry/attempt.js'
import { rightFor, type Right } from '../../registry/auth/rights.js'
import { isDenied, WireError } from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'
import { pauseAfter, TRIES } from '../pauses.js'
import type { RepositoryPurge } from '../repository-purge.js'
import type { Dummy } from './dummy.js'
import { pointing } from './pointing.js'

/** A tag as it was before the placeholder replaced it. */
export interface Replaced {
  readonly tag: Tag
  readonly digest: Digest
  readonly mediaType: string
  readonly body: Uint8Array
  /** A check showed that it points to the placeholder. If false, it may or may not. */
  seen: boolean
  /** The response to the PUT. */
  answered: string
}

/** How a PUT of the placeholder ended. */
export type Put =
  /** The tag points to the placeholder, or may do so. */
  | { readonly is: 'sent' }
  /** The tag does not resolve. */
  | { readonly is: 'gone' }
  /** The registry does not accept such a manifest. */
  | { readonly is: 'invalid'; readonly answered: string }
  /** The user may not push. `right`: what is missing, if the registry's challenge tells. */
  | { readonly is: 'denied'; readonly answered: string; readonly right: Right | undefined }
  /** Somebody pushed the tag. */
  | { readonly is: 'moved'; readonly to: Digest }
  | { readonly is: 'failed'; readonly detail: Detail }

/**
 * Makes one tag point to the placeholder, if it still points to the expected manifest. Checks the tag to find out whether
 * the PUT worked, since its response does not prove that.
 *
 * @param sent receives the tag before the PUT is sent. The tag is removed again if it certainly points elsewhere
 * @throws Stopped
 */
export async function putOn(
  purge: RepositoryPurge,
  { tag, digest: expected }: PlannedTag,
  dummy: Dummy,
  sent: Replaced[],
): Promise<Put> {
  const { client, clock, journal } = purge.tools
  const { repository } = purge.plan
  for (let tried = 1; ; tried++) {
    await clock.sleep(client.heldFor, client.stop)
    const now = await pointing(purge, tag, dummy)
    if (now.is === 'nothing') return { is: 'gone' }
    if (now.is === 'unclear') return { is: 'failed', detail: { is: 'answered', answered: now.answered } }
    if (now.digest !== expected) return { is: 'moved', to: now.digest }
    const replaced: Replaced = { ...now, tag, seen: false, answered: '' }
    journal.about(repository, { kind: 'tag', name: tag })
    sent.push(replaced)
    const response = await attempt(client.putManifest(repository, tag, dummy.mediaType, dummy.body))
    const after = await pointing(purge, tag, dummy)
    replaced.answered = outcomeOf(response)
    replaced.seen = after.is === 'manifest' && after.ours
    const unchanged = after.is === 'manifest' && after.digest === expected
    const refusal = unchanged ? refusalOf(response) : undefined
    if (refusal !== undefined) {
      sent.pop()
      return refusal
    }
    purge.mayHaveWritten()
    const status = response instanceof WireError ? undefined : response.status
    // If the PUT succeeded but the tag still points to its manifest, a stale replica served the tag.
    const accepted = status !== undefined && status < 300
    if (!unchanged || accepted || tried === TRIES || client.stop.aborted) return { is: 'sent' }
    await clock.sleep(pauseAfter(response, tried, clock.now()), client.stop)
    sent.pop()
    // A registry that requests a pause has changed nothing.
    if (status === 429 || client.heldFor > 0) tried--
  }
}

/** @returns how the registry refused a PUT that did not change the tag; undefined if it did not refuse it */
function refusalOf(response: Response | WireError): Put | undefined {
  if (response instanceof WireError) return undefined
  const { status } = response
  if (status < 400 || status >= 500 || status === 408 || status === 429) return undefined
  const answered = outcomeOf(response)
  if (isDenied(response)) return { is: 'denied', answered, right: rightFor(response, 'push') }
  if ([400, 415, 422].includes(status)) return { is: 'invalid', answered }
  return { is: 'failed', detail: { is: 'answered', answered } }
}
