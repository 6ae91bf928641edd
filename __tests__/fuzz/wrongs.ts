import { again } from './seeds.js'

/** Kinds of defects with an example each: one cause shows in hundreds of texts and runs. */
export class Wrongs {
  readonly #kinds = new Map<string, { example: string; times: number }>()

  /** @param wrongs sentences; what stands in front of a colon is the kind */
  add(number: number, wrongs: readonly string[]): void {
    for (const wrong of wrongs) {
      const kind = wrong.split(':')[0] ?? ''
      const known = this.#kinds.get(kind)
      if (known === undefined) this.#kinds.set(kind, { example: `${again(number)} ${wrong}`, times: 1 })
      else known.times++
    }
  }

  /** Each kind with its first example and how often it came. */
  get all(): string[] {
    return [...this.#kinds.values()].map(({ example, times }) => `${example} (${times} times)`)
  }
}
