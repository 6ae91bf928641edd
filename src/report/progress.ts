import type { Counting, Progress } from '../registry/progress.js'

/** Work that is over sooner says so by itself. Milliseconds. */
const SOON = 3_000

interface Open {
  readonly what: string
  readonly total: number
  readonly since: number
  done: number
}

/** Keeps count of long work, and says how far it has come whenever it is asked to. */
export class Beats implements Progress {
  readonly #now: () => number
  readonly #say: (line: string) => void
  readonly #open = new Set<Open>()

  /**
   * @param now milliseconds, of whatever clock
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

  /** Says a line, if there is something that goes on for longer. */
  beat(): void {
    const parts = [...this.#open]
      .filter(({ since, total }) => total > 1 && this.#now() - since >= SOON)
      .map((each) => this.#tell(each))
    if (parts.length > 0) this.#say(parts.join('; '))
  }

  #tell({ what, total, since, done }: Open): string {
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
