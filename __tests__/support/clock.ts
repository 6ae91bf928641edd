interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

export interface FakeClockOptions {
  /** Where time begins, in milliseconds since the epoch. */
  readonly start?: number
  /** Time moves by itself to the next sleeper's hour when nothing else goes on. On by default. */
  readonly autoAdvance?: boolean
  /** Whether something goes on that the clock cannot see, e.g. requests under way; time stands still meanwhile. */
  readonly busy?: () => boolean
}

/** So many turns of the event loop must pass in which nobody falls asleep or wakes up before time moves by itself. */
const QUIET_TURNS = 10

/** A clock for tests in one process: hours pass in no time, and in the right order. */
export class FakeClock {
  readonly #autoAdvance: boolean
  readonly #busy: () => boolean
  readonly #sleepers = new Set<Sleeper>()
  #time: number
  #tracked = 0
  #stirred = 0
  #watching = false

  constructor({
    start = Date.UTC(2026, 5, 1),
    autoAdvance = true,
    busy = () => false,
  }: FakeClockOptions = {}) {
    this.#time = start
    this.#autoAdvance = autoAdvance
    this.#busy = busy
  }

  now(): number {
    return this.#time
  }

  /** How many are asleep. */
  sleeping(): number {
    return this.#sleepers.size
  }

  /** Resolves when time has moved on by `ms`, or at once when the signal is or becomes aborted. Never rejects. */
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return
    await new Promise<void>((done) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper)
        this.#stirred += 1
        signal?.removeEventListener('abort', wake)
        done()
      }
      const sleeper = { due: this.#time + Math.max(ms, 0), wake }
      this.#sleepers.add(sleeper)
      this.#stirred += 1
      signal?.addEventListener('abort', wake)
      this.#watch()
    })
  }

  /** Moves time by `ms`, waking each sleeper at its own hour; one that falls asleep again on the way is woken again. */
  async advance(ms: number): Promise<void> {
    const end = this.#time + ms
    for (;;) {
      const next = this.#next()
      if (next === undefined || next.due > end) break
      await this.#wake(next)
    }
    this.#time = end
  }

  /** Time stands still while this work goes on: it would else run past deadlines that the work meets easily. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.#tracked += 1
    try {
      return await work
    } finally {
      this.#tracked -= 1
      this.#stirred += 1
    }
  }

  #next(): Sleeper | undefined {
    let first: Sleeper | undefined
    for (const sleeper of this.#sleepers) if (first === undefined || sleeper.due < first.due) first = sleeper
    return first
  }

  async #wake(sleeper: Sleeper): Promise<void> {
    this.#time = Math.max(this.#time, sleeper.due)
    sleeper.wake()
    // Whoever woke must have done what it does before time goes on.
    for (let turn = 0; turn < QUIET_TURNS; turn += 1) await turnOfTheLoop()
  }

  #watch(): void {
    if (!this.#autoAdvance || this.#watching) return
    this.#watching = true
    void this.#moveWhenQuiet().finally(() => {
      this.#watching = false
    })
  }

  async #moveWhenQuiet(): Promise<void> {
    while (this.#sleepers.size > 0) {
      const before = this.#stirred
      let quiet = true
      for (let turn = 0; turn < QUIET_TURNS && quiet; turn += 1) {
        await turnOfTheLoop()
        quiet = before === this.#stirred && this.#tracked === 0 && !this.#busy()
      }
      const next = this.#next()
      if (quiet && next !== undefined) await this.#wake(next)
    }
  }
}

const turnOfTheLoop = (): Promise<void> => new Promise((done) => setImmediate(done))
