import { WireError } from '../registry/errors.js'
import { retryAfter } from '../registry/retry-after.js'
import type { Response } from '../registry/send.js'
import { CURRENT_FOR } from '../registry/time.js'
import type { RepositoryPurge } from './repository-purge.js'

/** How often to send a request that changes state if no response is conclusive. */
export const TRIES = 6

const FIRST_PAUSE = 250
const LONGEST_PAUSE = 60_000
/** Without a Retry-After a pause doubles at most this often. */
const MOST_DOUBLINGS = 16

/** @returns milliseconds to wait before the next try. @param tried how often the request was sent */
export function pauseBetween(tried: number): number {
  return FIRST_PAUSE * 2 ** tried
}

/** @returns milliseconds to wait after a response that is not conclusive. @param tried how often the request was sent */
export function pauseAfter(response: Response | WireError, tried: number, now: number): number {
  const after =
    response instanceof WireError ? undefined : retryAfter(response.headers.get('retry-after'), now)
  return Math.min(after ?? pauseBetween(tried), LONGEST_PAUSE)
}

/**
 * @param before how often the registry requested a pause before
 * @returns milliseconds to wait if the registry requests a pause, else undefined
 */
export function requestedPause(
  { tools: { client, clock } }: RepositoryPurge,
  response: Response | WireError,
  before: number,
): number | undefined {
  if (response instanceof WireError)
    return response.failure === 'held' ? Math.max(CURRENT_FOR, client.heldFor) : undefined
  if (response.status !== 429) return undefined
  return pauseAfter(response, Math.min(before + 1, MOST_DOUBLINGS), clock.now())
}

/**
 * Waits as long as the registry requested in any response.
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
