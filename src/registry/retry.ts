import { WireError } from './errors.js'
import type { Request, Response, Send } from './send.js'
import type { Clock, Random } from './time.js'

/** What one attempt came to. */
export type Attempt = Response | WireError

const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])
const ATTEMPTS = 4
/** A registry that says "too many requests" has answered nothing yet; it is asked more often before giving up. */
const ATTEMPTS_WHEN_THROTTLED = 10
const FIRST_PAUSE = 200
const LONGEST_PAUSE = 10_000
const LONGEST_RETRY_AFTER = 120_000

/**
 * The policy, a pure function: how long to wait before a read is sent again.
 *
 * A reset is tried again at once, once: a kept connection that the server closed looks so. What another try cannot
 * change (name, refused certificate, size) is not tried again.
 *
 * @param attempt what came
 * @param tried how many times it has been sent, 1 or more
 * @param now milliseconds since the epoch, for a Retry-After that is a date
 * @param random a number from 0 to 1, for jitter
 * @returns milliseconds to wait, or undefined to take the answer as it is
 */
export function pauseBefore(
  attempt: Attempt,
  tried: number,
  now: number,
  random: number,
): number | undefined {
  if (attempt instanceof WireError) {
    const passing =
      attempt.failure === 'timeout' ||
      (attempt.failure === 'network' && /^(?:ECONN|EPIPE|EAI_AGAIN|ETIMEDOUT|ERR_STREAM)/.test(attempt.code))
    if (!passing || tried >= ATTEMPTS) return undefined
    if (tried === 1 && attempt.code === 'ECONNRESET') return 0
    return growing(tried, random)
  }
  const throttled = attempt.status === 429
  if (!throttled && !attempt.cut && !TRANSIENT.has(attempt.status)) return undefined
  if (tried >= (throttled ? ATTEMPTS_WHEN_THROTTLED : ATTEMPTS)) return undefined
  const asked = retryAfter(attempt.headers.get('retry-after'), now)
  return asked === undefined ? growing(tried, random) : Math.min(asked, LONGEST_RETRY_AFTER)
}

/** @returns milliseconds of a Retry-After header in either form, or undefined. */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,6}$/.test(value.trim())) return Number(value.trim()) * 1000
  // Only what begins with a day's name: a parser of dates takes almost any number for one.
  const date = /^\s*[A-Za-z]{3}/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

function growing(tried: number, random: number): number {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tried - 1)) * (0.5 + random / 2)
}

/**
 * Sends reads again by the policy. What changes something is never repeated here: its outcome has to be looked up
 * first.
 *
 * @param send what to decorate
 * @param clock for the pauses, which end at once when the request's signal is aborted
 * @param random for jitter
 */
export function retrying(send: Send, clock: Clock, random: Random): Send {
  return async (request: Request) => {
    for (let tried = 1; ; tried++) {
      const attempt = await send(request).catch((error: unknown) => {
        if (error instanceof WireError) return error
        throw error
      })
      const pause =
        request.method !== 'GET' && request.method !== 'HEAD' && request.purpose !== 'probe'
          ? undefined
          : pauseBefore(attempt, tried, clock.now(), random.int(1000) / 1000)
      if (pause === undefined || request.signal.aborted) {
        if (attempt instanceof WireError) throw attempt
        return attempt
      }
      await clock.sleep(pause, request.signal)
    }
  }
}
