import { WireError } from '../errors.js'
import { retryAfter } from '../retry-after.js'
import type { Patience, Request, Response, Send } from '../send.js'
import type { Clock, Random } from '../time.js'

/** The result of one attempt. */
export type Attempt = Response | WireError

const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])
/**
 * Attempts at most. If three responses in ten are lost, one read in 1,400 fails after six attempts. The proof repeats a
 * failed check in its next round, so a check needs fewer attempts.
 */
const ATTEMPTS: Readonly<Record<Patience, number>> = { read: 6, check: 4, once: 1 }
const FIRST_PAUSE = 200
const LONGEST_PAUSE = 10_000
const LONGEST_RETRY_AFTER = 120_000

/**
 * Decides whether a request is retried, and after which pause.
 *
 * A 429 is retried until the request's time is over. The first reset is retried at once: the server has probably closed
 * a kept connection. Failures that another attempt cannot change (host name, refused certificate, size) are not retried.
 *
 * @param tried attempts so far, 1 or more
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
    const transient =
      (attempt.failure === 'timeout' && patience === 'read') ||
      (attempt.failure === 'network' && /^(?:ECONN|EPIPE|EAI_AGAIN|ETIMEDOUT|ERR_STREAM)/.test(attempt.code))
    if (!transient || tried >= ATTEMPTS[patience]) return undefined
    if (tried === 1 && attempt.code === 'ECONNRESET') return 0
    return growing(tried, random)
  }
  const throttled = attempt.status === 429
  if (!throttled && !attempt.cut && !TRANSIENT.has(attempt.status)) return undefined
  if (!throttled && tried >= ATTEMPTS[patience]) return undefined
  const requested = retryAfter(attempt.headers.get('retry-after'), now)
  // A pause is necessary, since a 429 is retried without limit.
  if (requested === undefined || requested === 0) return growing(tried, random)
  return Math.min(requested, LONGEST_RETRY_AFTER)
}

function growing(tried: number, random: number): number {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(tried - 1, 16)) * (0.5 + random / 2)
}

/**
 * Retries requests that change nothing. The caller must check the outcome of any other request before it repeats it.
 *
 * @param clock for the pauses. A pause ends when the request's signal is aborted
 * @param random for jitter
 * @param failed called with each attempt that got no response, or one that another attempt may change
 */
export function retrying(
  send: Send,
  clock: Clock,
  random: Random,
  failed: (request: Request, attempt: Attempt) => void = () => undefined,
): Send {
  return async (request: Request) => {
    let throttled = 0
    const lost: string[] = []
    for (let sent = 1; ; sent++) {
      const attempt = await send({ ...request, attempt: sent }).catch((error: unknown) => {
        if (error instanceof WireError) return error
        throw error
      })
      if (isFailure(attempt)) failed(request, attempt)
      const isThrottled = !(attempt instanceof WireError) && attempt.status === 429
      if (isThrottled) throttled++
      // A 429 is not a failure, so it does not count as an attempt.
      const tried = isThrottled ? throttled : sent - throttled
      const now = clock.now()
      const patience = changesNothing(request) ? request.patience : 'once'
      const pause = pauseBefore(attempt, tried, patience, now, random.int(1000) / 1000)
      const late = pause !== undefined && now + pause > (request.until ?? Infinity)
      if (pause === undefined || late || request.signal.aborted) {
        if (attempt instanceof WireError) throw attempt
        return lost.length > 0 ? { ...attempt, lost } : attempt
      }
      if (!isThrottled) lost.push(attempt instanceof WireError ? attempt.code : String(attempt.status))
      await clock.sleep(pause, request.signal)
    }
  }
}

function isFailure(attempt: Attempt): boolean {
  if (attempt instanceof WireError) return attempt.failure !== 'cancelled'
  return attempt.cut || TRANSIENT.has(attempt.status)
}

/** A probe names content that does not exist, and a token request changes nothing in the registry. */
function changesNothing({ method, purpose }: Request): boolean {
  return method === 'GET' || method === 'HEAD' || purpose === 'probe' || purpose === 'token'
}
