import { WireError } from '../errors.js'
import { retryAfter } from '../retry-after.js'
import type { Patience, Request, Response, Send } from '../send.js'
import type { Clock, Random } from '../time.js'

/** The result of one attempt. */
export type Attempt = Response | WireError

const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])
/**
 * How often a request that fails is sent. With six attempts, and three responses in ten lost, one read in 1,400 fails.
 * The proof makes up for a failed check in its next round, so it needs fewer.
 */
const ATTEMPTS: Readonly<Record<Patience, number>> = { read: 6, check: 4, once: 1 }
const FIRST_PAUSE = 200
const LONGEST_PAUSE = 10_000
const LONGEST_RETRY_AFTER = 120_000

/**
 * Decides whether a request is retried, and after which pause.
 *
 * A 429 is retried as long as the run may last. The first reset is retried at once, since it is what a request gets on a
 * kept connection that the server has closed. Failures that another attempt cannot change (host name, refused
 * certificate, size) are not retried.
 *
 * @param tried how many times it has been sent, 1 or more
 * @param now milliseconds since the epoch, for a Retry-After that is a date
 * @param random a number from 0 to 1, for jitter
 * @returns milliseconds to wait, or undefined for no retry
 */
export function pauseBefore(
  attempt: Attempt,
  tried: number,
  patience: Patience,
  now: number,
  random: number,
): number | undefined {
  if (patience === 'once') return undefined
  if (attempt instanceof WireError) {
    const passing =
      (attempt.failure === 'timeout' && patience === 'read') ||
      (attempt.failure === 'network' && /^(?:ECONN|EPIPE|EAI_AGAIN|ETIMEDOUT|ERR_STREAM)/.test(attempt.code))
    if (!passing || tried >= ATTEMPTS[patience]) return undefined
    if (tried === 1 && attempt.code === 'ECONNRESET') return 0
    return growing(tried, random)
  }
  const throttled = attempt.status === 429
  if (!throttled && !attempt.cut && !TRANSIENT.has(attempt.status)) return undefined
  if (!throttled && tried >= ATTEMPTS[patience]) return undefined
  const requested = retryAfter(attempt.headers.get('retry-after'), now)
  // Never without a pause: a 429 is retried without limit.
  if (requested === undefined || requested === 0) return growing(tried, random)
  return Math.min(requested, LONGEST_RETRY_AFTER)
}

function growing(tried: number, random: number): number {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(tried - 1, 16)) * (0.5 + random / 2)
}

/**
 * Retries requests that change nothing. The outcome of any other request has to be checked before it is sent again.
 *
 * @param clock for the pauses, which end when the request's signal is aborted
 * @param random for jitter
 */
export function retrying(send: Send, clock: Clock, random: Random): Send {
  return async (request: Request) => {
    let throttled = 0
    const lost: string[] = []
    for (let sent = 1; ; sent++) {
      const attempt = await send({ ...request, attempt: sent }).catch((error: unknown) => {
        if (error instanceof WireError) return error
        throw error
      })
      const asksForPatience = !(attempt instanceof WireError) && attempt.status === 429
      if (asksForPatience) throttled++
      // A 429 is not a failure, so it does not count as an attempt.
      const tried = asksForPatience ? throttled : sent - throttled
      const now = clock.now()
      const patience = changesNothing(request) ? request.patience : 'once'
      const pause = pauseBefore(attempt, tried, patience, now, random.int(1000) / 1000)
      const late = pause !== undefined && now + pause > (request.until ?? Infinity)
      if (pause === undefined || late || request.signal.aborted) {
        if (attempt instanceof WireError) throw attempt
        return lost.length > 0 ? { ...attempt, lost } : attempt
      }
      if (!asksForPatience) lost.push(attempt instanceof WireError ? attempt.code : String(attempt.status))
      await clock.sleep(pause, request.signal)
    }
  }
}

/** A probe names something that does not exist, and a token request changes nothing in the registry. */
function changesNothing({ method, purpose }: Request): boolean {
  return method === 'GET' || method === 'HEAD' || purpose === 'probe' || purpose === 'token'
}
