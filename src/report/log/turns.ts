import type { Log } from './log.js'

type Line = readonly [keyof Log, string]

/** The log of one piece of work among several that go on in parallel. */
export interface Turn {
  readonly log: Log
  /** Ends the turn: nothing more is logged. */
  readonly done: () => void
}

/**
 * Prints the logs of work that goes on in parallel one after the other, in the order in which the work began: groups do
 * not nest.
 */
export class Turns {
  readonly #log: Log
  readonly #waiting: { readonly lines: Line[]; done: boolean }[] = []

  constructor(log: Log) {
    this.#log = log
  }

  take(): Turn {
    const turn = { lines: [] as Line[], done: false }
    this.#waiting.push(turn)
    const keep = (how: keyof Log) => (text?: string) => void turn.lines.push([how, text ?? ''])
    return {
      log: {
        begin: keep('begin'),
        end: keep('end'),
        info: keep('info'),
        notice: keep('notice'),
        warning: keep('warning'),
        error: keep('error'),
        debug: keep('debug'),
      },
      done: () => {
        turn.done = true
        this.#print()
      },
    }
  }

  #print(): void {
    for (let first = this.#waiting[0]; first?.done === true; first = this.#waiting[0]) {
      for (const [how, text] of first.lines) this.#log[how](text)
      this.#waiting.shift()
    }
  }
}
