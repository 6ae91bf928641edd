import type { StopReason } from '../engine.js'
import { systemClock } from '../system.js'

/** Milliseconds that requests in flight may take after the run is stopped. GitHub ends the process after 7.5 s. */
const GRACE = 4_000

/** Ends a run early: after a cancellation, or at the time limit. */
export class Stopper {
  readonly #stop = new AbortController()
  readonly #kill = new AbortController()
  readonly #over = new AbortController()
  #timer: NodeJS.Timeout | undefined

  /** @param cancel aborted when somebody cancels the run */
  constructor(cancel: AbortSignal) {
    const stop = (): void => this.#begin('cancelled')
    if (cancel.aborted) stop()
    else cancel.addEventListener('abort', stop, { once: true })
  }

  /** Aborted with a StopReason when no new work may begin. */
  get stop(): AbortSignal {
    return this.#stop.signal
  }

  /** Aborted when no request may be in flight any more. */
  get kill(): AbortSignal {
    return this.#kill.signal
  }

  /** Stops the run after this many milliseconds. */
  limit(ms: number): void {
    void systemClock.sleep(ms, this.#over.signal).then(() => this.#begin('timeout'))
  }

  /** Call it after the run: no timer then keeps the process alive, and no request in flight is retried. */
  rest(): void {
    this.#over.abort()
    clearTimeout(this.#timer)
    this.#stop.abort()
    this.#kill.abort()
  }

  #begin(reason: StopReason): void {
    if (this.#over.signal.aborted) return
    this.#stop.abort(reason)
    this.#timer ??= setTimeout(() => this.#kill.abort(), GRACE)
  }
}
