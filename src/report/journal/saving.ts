import type { Clock } from '../../registry/time.js'
import type { ReportFile } from './file.js'

/** Milliseconds between two writes, unless one is due at once. */
const BETWEEN = 1_000

/** Writes a file that follows a value: at once if it must, else at most once a second. */
export class Saving {
  readonly #file: ReportFile
  readonly #clock: Clock
  readonly #render: () => string
  #writtenAt = 0
  /** Ends the wait for the next write. */
  #waiting: AbortController | undefined

  /** @param render makes the text of the file */
  constructor(file: ReportFile, clock: Clock, render: () => string) {
    this.#file = file
    this.#clock = clock
    this.#render = render
  }

  get path(): string {
    return this.#file.path
  }

  /** Writes the file now. @throws JournalError */
  now(): void {
    this.#waiting?.abort()
    this.#waiting = undefined
    this.#file.write(this.#render())
    this.#writtenAt = this.#clock.now()
  }

  /** Writes the file now if it exists. @returns why that failed */
  tryNow(): Error | undefined {
    if (!this.#file.exists) return undefined
    try {
      this.now()
      return undefined
    } catch (error) {
      this.#writtenAt = this.#clock.now()
      return error as Error
    }
  }

  /** Writes the file when a second has passed since the last write. A failure is left to a later write. */
  soon(): void {
    if (!this.#file.exists) return
    const left = this.#writtenAt + BETWEEN - this.#clock.now()
    if (left <= 0) this.tryNow()
    else if (this.#waiting === undefined) {
      const waiting = new AbortController()
      this.#waiting = waiting
      void this.#clock.sleep(left, waiting.signal).then(() => {
        if (!waiting.signal.aborted) this.tryNow()
      })
    }
  }
}
