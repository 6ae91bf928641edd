import { systemClock } from './system.js'

/** What is in flight when the run is stopped has this long, in milliseconds: GitHub ends the process after 7.5 s. */
const GRACE = 4_000

/** Hears what ends a run early: a signal, or the time limit. */
export class Stopper {
  readonly #stop = new AbortController()
  readonly #kill = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #rested = new AbortController()
  cancelled = false
  late = false

  /** No new work. */
  get stop(): AbortSignal {
    return this.#stop.signal
  }

  /** Nothing in flight either. */
  get kill(): AbortSignal {
    return this.#kill.signal
  }

  /** @param cancel aborted when somebody ends the run */
  hear(cancel: AbortSignal): void {
    const stop = (): void => {
      // After the end there is nothing left to stop.
      if (this.#rested.signal.aborted) return
      this.cancelled = true
      this.#begin()
    }
    if (cancel.aborted) stop()
    else cancel.addEventListener('abort', stop, { once: true })
  }

  /** @param ms after which the run stops by itself */
  limit(ms: number): void {
    void systemClock.sleep(ms, this.#rested.signal).then(() => {
      if (this.#rested.signal.aborted || this.cancelled) return
      this.late = true
      this.#begin()
    })
  }

  /** The run is over: no timer holds the process. */
  rest(): void {
    this.#rested.abort()
    clearTimeout(this.#timer)
    // Whatever an error left in flight must not hold the process, nor be tried again.
    this.#stop.abort()
    this.#kill.abort()
  }

  #begin(): void {
    this.#stop.abort()
    this.#timer ??= setTimeout(() => this.#kill.abort(), GRACE)
  }
}
