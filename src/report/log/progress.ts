import type { Counting, Progress } from '../../registry/progress.js'

/** Milliseconds that work goes on before a line says how far it has come. */
const QUIET = 3_000

interface Open {
  readonly what: string
  readonly total: number
  readonly since: number
  done: number
}

/** Counts long work, and says at each beat how far it has come. */
export class ProgressMeter implements Progress {
  readonly #now: () => number
  readonly #say: (line: string) => void
  readonly #open = new Set<Open>()

  /**
   * @param now the time in milliseconds, from any clock
   * @param say takes a line
   */
  constructor(now: () => number, say: (line: string) => void) {
    this.#now = now
    this.#say = say
  }

  of(what: string, total: number): Counting {
    const open: Open = { what, total, since: this.#now(), done: 0 }
    this.#open.add(open)
    return { done: () => void open.done++, end: () => void this.#open.delete(open) }
  }

  /** Says a line if any work goes on for long. */
  beat(): void {
    const parts = [...this.#open]
      .filter(({ since, total }) => total > 1 && this.#now() - since >= QUIET)
      .map((each) => this.#describe(each))
    if (parts.length > 0) this.#say(parts.join('; '))
  }

  #describe({ what, total, since, done }: Open): string {
    const seconds = (this.#now() - since) / 1000
    const rate = done / seconds
    const left =
      done === 0 ? 'nothing yet' : `${figure(rate)} a second, about ${time((total - done) / rate)} left`
    return `${done} of ${total} ${what}, ${left}`
  }
}

function figure(rate: number): string {
  return rate >= 10 ? String(Math.round(rate)) : rate.toFixed(1)
}

function time(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
