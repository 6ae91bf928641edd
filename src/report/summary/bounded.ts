/** Bytes kept free for the notes about what was left out. */
const NOTES = 16 * 1024

/** Lines up to a number of bytes. Lines that do not fit are counted. */
export class Bounded {
  readonly #lines: string[] = []
  readonly #most: number
  #size = 0
  #left = 0
  #notes = 0

  /** @param most bytes, with the notes about what was left out */
  constructor(most: number) {
    this.#most = most - NOTES
  }

  add(...lines: string[]): void {
    for (const line of lines) this.#take(line)
  }

  /** Adds the rows of one list, and a note about how many of them were left out, as long as there is room for it. */
  addAll(lines: readonly string[]): void {
    const before = this.#left
    for (const line of lines) this.#take(line)
    const left = this.#left - before
    const note = `\n… and ${left} more: see the report.`
    if (left === 0 || this.#notes + note.length > NOTES) return
    this.#notes += 2 * note.length
    this.#lines.push(note)
  }

  render(): string {
    const rest =
      this.#left === 0
        ? ''
        : `\n… ${this.#left} lines in all were left out here. The report has all of them.\n`
    return `${this.#lines.join('\n')}\n${rest}`
  }

  #take(line: string): void {
    const size = Buffer.byteLength(line) + 1
    if (this.#size + size > this.#most) this.#left++
    else {
      this.#size += size
      this.#lines.push(line)
    }
  }
}
