import { WireError } from '../errors.js'
import { retryAfter } from '../retry-after.js'
import type { Purpose, Response, Send } from '../send.js'
import { CURRENT_FOR, type Clock, type Random } from '../time.js'

const FIRST_HOLD = 200
const LONGEST_HOLD = 10_000
/** Milliseconds. A longer Retry-After is reduced to this: some registries send a distant date by mistake. */
const LONGEST_RETRY_AFTER = 120_000
/** Writes that are safe only right after a check. They wait less than CURRENT_FOR. */
const FOLLOW_A_CHECK: ReadonlySet<Purpose> = new Set([
  'delete-tag',
  'delete-manifest',
  'delete-blob',
  'put-manifest',
  'put-placeholder',
])

/**
 * Decides how long to send no request to a host after one of its responses.
 *
 * @param strikes consecutive 429 responses, including this one
 * @param now milliseconds since the epoch, for a Retry-After that is a date
 * @param random a number from 0 to 1, for jitter
 * @returns milliseconds, 0 for no pause
 */
export function holdAfter(response: Response, strikes: number, now: number, random: number): number {
  const { status, headers } = response
  const requested = status === 429 || status >= 500 ? retryAfter(headers.get('retry-after'), now) : undefined
  if (requested !== undefined && requested > 0) return Math.min(requested, LONGEST_RETRY_AFTER)
  if (status !== 429) return 0
  return Math.min(LONGEST_HOLD, FIRST_HOLD * 2 ** Math.min(strikes - 1, 16)) * (0.5 + random / 2)
}

/** Pauses all requests to a host that requests a pause (429 or Retry-After). */
export class Pace {
  readonly #clock: Clock
  readonly #random: Random
  readonly #hosts = new Map<string, Host>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** @returns milliseconds until the pause of an origin ends, or 0 */
  heldFor(origin: string): number {
    return Math.max(0, (this.#hosts.get(origin)?.until ?? 0) - this.#clock.now())
  }

  /**
   * Starts a pause if the response requests one.
   *
   * @param sentAt when its request was sent, in milliseconds since the epoch
   */
  note(origin: string, response: Response, sentAt: number): void {
    const now = this.#clock.now()
    const host = this.#hosts.get(origin) ?? { until: 0, strikes: 0, struckAt: -1 }
    if (response.status === 429) {
      // Requests that were in flight together are one strike.
      if (sentAt >= host.struckAt) {
        host.strikes++
        host.struckAt = now
      }
    } else if (response.status < 500) host.strikes = 0
    const hold = holdAfter(response, Math.max(1, host.strikes), now, this.#random.int(1000) / 1000)
    host.until = Math.max(host.until, now + hold)
    this.#hosts.set(origin, host)
  }

  /**
   * Sends each request after the pause of its host.
   *
   * The returned Send throws a WireError `held` if the request may not wait that long.
   */
  decorate(send: Send): Send {
    return async (request) => {
      const { origin } = request.url
      const start = this.#clock.now()
      const late = (held: number): boolean => this.#clock.now() + held > (request.sendBy ?? Infinity)
      if (late(0)) throw new WireError(request, 'held', '0')
      for (let held = this.heldFor(origin); held > 0; held = this.heldFor(origin)) {
        const left = (request.until ?? Infinity) - this.#clock.now()
        const waited = this.#clock.now() - start
        const soon = waited + held < CURRENT_FOR || !FOLLOW_A_CHECK.has(request.purpose)
        if (held > left || late(held) || !soon) throw new WireError(request, 'held', String(Math.ceil(held)))
        await this.#clock.sleep(held, request.signal)
        if (request.signal.aborted) throw new WireError(request, 'cancelled', 'ABORTED')
      }
      const sentAt = this.#clock.now()
      const response = await send(request)
      this.note(origin, response, sentAt)
      return response
    }
  }
}

/** Times in milliseconds since the epoch. */
interface Host {
  until: number
  strikes: number
  struckAt: number
}
