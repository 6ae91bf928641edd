import { WireError } from './errors.js'
import { retryAfter } from './pace.js'
import type { Patience, Request, Response, Send } from './send.js'
import type { Clock, Random } from './time.js'

/** What one attempt came to. */
export type Attempt = Response | WireError

const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])
/**
 * How often something is sent that keeps failing. With six, and three answers in ten lost, one read in some 1,400 fails.
 * A look of the proof that fails is made up for by another round, so it is given up sooner.
 */
const ATTEMPTS: Readonly<Record<Patience, number>> = { read: 6, look: 4, once: 1 }
const FIRST_PAUSE = 200
const LONGEST_PAUSE = 10_000
const LONGEST_RETRY_AFTER = 120_000

/**
 * The policy, a pure function: whether something is sent again, and after which pause.
 *
 * "Too many requests" is no answer and no failure: it is asked again as long as the run may last. A reset is tried again
 * at once, once: a kept connection that the server closed looks so. What another try cannot change (name, refused
 * certificate, size) is not tried again.
 *
 * @param attempt what came
 * @param tried how many times it has been sent, 1 or more
 * @param patience of the request
 * @param now milliseconds since the epoch, for a Retry-After that is a date
 * @param random a number from 0 to 1, for jitter
 * @returns milliseconds to wait, or undefined to take the answer as it is
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
  const asked = retryAfter(attempt.headers.get('retry-after'), now)
  // "At once" is no pause, and what is asked without end must not go round without one.
  if (asked === undefined || asked === 0) return growing(tried, random)
  return Math.min(asked, LONGEST_RETRY_AFTER)
}

function growing(tried: number, random: number): number {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(tried - 1, 16)) * (0.5 + random / 2)
}

/**
 * Sends again by the policy. What changes something is never repeated here: its outcome has to be looked up first.
 *
 * @param send what to decorate
 * @param clock for the pauses, which end at once when the request's signal is aborted
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
      // Being put off is no failure, so it does not use up what failures may.
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

/** A probe names what does not exist, and a token is nobody's but ours. */
function changesNothing({ method, purpose }: Request): boolean {
  return method === 'GET' || method === 'HEAD' || purpose === 'probe' || purpose === 'token'
}
