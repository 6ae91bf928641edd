import { WireError } from './errors.js'
import type { Purpose, Response, Send } from './send.js'
import type { Clock, Random } from './time.js'

const FIRST_HOLD = 200
const LONGEST_HOLD = 10_000
/** A registry that asks for more is asked once in a while all the same: some send a date far off by mistake. */
const LONGEST_RETRY_AFTER = 120_000
/** These follow a look at what they may harm, and are not kept back for longer than SOON, in milliseconds. */
const FOLLOW_A_LOOK: ReadonlySet<Purpose> = new Set([
  'delete-tag',
  'delete-manifest',
  'delete-blob',
  'put-manifest',
  'put-placeholder',
])
const SOON = 1_000

/**
 * The policy, a pure function: for how long a whole host is left alone after one of its answers.
 *
 * @param response what came
 * @param strikes how many answers in a row asked for patience without saying how much, this one included
 * @param now milliseconds since the epoch, for a Retry-After that is a date
 * @param random a number from 0 to 1, for jitter
 * @returns milliseconds; 0 where the answer asks for nothing
 */
export function holdAfter(response: Response, strikes: number, now: number, random: number): number {
  const { status, headers } = response
  const asked = status === 429 || status >= 500 ? retryAfter(headers.get('retry-after'), now) : undefined
  if (asked !== undefined && asked > 0) return Math.min(asked, LONGEST_RETRY_AFTER)
  if (status !== 429) return 0
  return Math.min(LONGEST_HOLD, FIRST_HOLD * 2 ** Math.min(strikes - 1, 16)) * (0.5 + random / 2)
}

/** @returns milliseconds of a Retry-After header in either form (RFC 9110, 10.2.3), or undefined. */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,6}$/.test(value.trim())) return Number(value.trim()) * 1000
  // Only what begins with a day's name: a parser of dates takes almost any number for one.
  const date = /^\s*[A-Za-z]{3}/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** One clock for each host: who is asked for patience once, keeps all requests to that host back. */
export class Pace {
  readonly #clock: Clock
  readonly #random: Random
  readonly #hosts = new Map<string, Host>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** @returns milliseconds for which an origin is to be left alone, or 0 */
  heldFor(origin: string): number {
    return Math.max(0, (this.#hosts.get(origin)?.until ?? 0) - this.#clock.now())
  }

  /** Takes in an answer. @param sentAt when its request was sent */
  hear(origin: string, response: Response, sentAt: number): void {
    const now = this.#clock.now()
    const host = this.#hosts.get(origin) ?? { until: 0, strikes: 0, struckAt: -1 }
    if (response.status === 429) {
      // What was in flight together is one strike.
      if (sentAt >= host.struckAt) {
        host.strikes++
        host.struckAt = now
      }
    } else if (response.status < 500) host.strikes = 0
    const hold = holdAfter(response, Math.max(1, host.strikes), now, this.#random.int(1000) / 1000)
    host.until = Math.max(host.until, now + hold)
    this.#hosts.set(origin, host)
  }

  /** Sends when the host may be asked again. */
  decorate(send: Send): Send {
    return async (request) => {
      const { origin } = request.url
      const begun = this.#clock.now()
      const late = (held: number): boolean => this.#clock.now() + held > (request.sendBy ?? Infinity)
      if (late(0)) throw new WireError(request, 'held', '0')
      for (let held = this.heldFor(origin); held > 0; held = this.heldFor(origin)) {
        const left = (request.until ?? Infinity) - this.#clock.now()
        const waited = this.#clock.now() - begun
        const soon = waited + held < SOON || !FOLLOW_A_LOOK.has(request.purpose)
        if (held > left || late(held) || !soon) throw new WireError(request, 'held', String(Math.ceil(held)))
        await this.#clock.sleep(held, request.signal)
        if (request.signal.aborted) throw new WireError(request, 'cancelled', 'ABORTED')
      }
      const sentAt = this.#clock.now()
      const response = await send(request)
      this.hear(origin, response, sentAt)
      return response
    }
  }
}

/** How one host is to be treated. Times in milliseconds since the epoch. */
interface Host {
  until: number
  strikes: number
  struckAt: number
}
