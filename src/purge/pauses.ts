import { WireError } from '../registry/errors.js'
import { retryAfter } from '../registry/retry-after.js'
import type { Response } from '../registry/send.js'
import { CURRENT_FOR } from '../registry/time.js'
import type { RepositoryPurge } from './repository-purge.js'

/** How often a request that changes state is sent if the response settles nothing. */
export const TRIES = 6

const FIRST_PAUSE = 250
const LONGEST_PAUSE = 60_000
/** Without a Retry-After a pause doubles at most this often. */
const MOST_DOUBLINGS = 16

/** @returns milliseconds to wait before the next try. @param tried how often the request was sent */
export function pauseBetween(tried: number): number {
  return FIRST_PAUSE * 2 ** tried
}

/** @returns milliseconds to wait after a response that settles nothing. @param tried how often the request was sent */
export function pauseAfter(answer: Response | WireError, tried: number, now: number): number {
  const after = answer instanceof WireError ? undefined : retryAfter(answer.headers.get('retry-after'), now)
  return Math.min(after ?? pauseBetween(tried), LONGEST_PAUSE)
}

/**
 * @param before how often the registry asked for a pause before
 * @returns milliseconds to wait if the registry asks for a pause, else undefined
 */
export function requestedPause(
  { tools: { client, clock } }: RepositoryPurge,
  answer: Response | WireError,
  before: number,
): number | undefined {
  if (answer instanceof WireError)
    return answer.failure === 'held' ? Math.max(CURRENT_FOR, client.heldFor) : undefined
  if (answer.status !== 429) return undefined
  return pauseAfter(answer, Math.min(before + 1, MOST_DOUBLINGS), clock.now())
}

/**
 * Waits as long as the registry asked to be left alone, in whatever response.
 *
 * @throws Stopped
 */
export async function waitForHold({ tools: { client, clock }, freshness }: RepositoryPurge): Promise<void> {
  for (let held = client.heldFor; held > 0 && !client.stop.aborted; held = client.heldFor) {
    await clock.sleep(held, client.stop)
    freshness.pauseEnded()
  }
  client.throwIfStopped()
}
