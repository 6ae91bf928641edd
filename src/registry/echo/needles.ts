/** Characters by which texts are told apart at first. A shorter text is not searched for. */
const GRAM = 4
const SLOTS = 1 << 16

/**
 * Many texts that are searched for at once. The time of a search depends on the text that is searched, and hardly on
 * how many texts are searched for: each place is looked up by its first four characters.
 */
export class Needles {
  readonly #slots = new Uint8Array(SLOTS)
  readonly #byGram = new Map<string, Set<string>>()
  /** How often each text was added. */
  readonly #counts = new Map<string, number>()

  get size(): number {
    return this.#counts.size
  }

  /** Adds texts; those of fewer than four characters are left out. */
  add(texts: Iterable<string>): void {
    for (const text of texts) {
      if (text.length < GRAM) continue
      const count = this.#counts.get(text) ?? 0
      this.#counts.set(text, count + 1)
      if (count > 0) continue
      const gram = text.slice(0, GRAM)
      const known = this.#byGram.get(gram)
      if (known === undefined) this.#byGram.set(gram, new Set([text]))
      else known.add(text)
      this.#slots[slotAt(text, 0)] = 1
    }
  }

  /** Takes texts away that were added before, each once. */
  remove(texts: Iterable<string>): void {
    for (const text of texts) {
      const count = this.#counts.get(text)
      if (count === undefined) continue
      if (count > 1) {
        this.#counts.set(text, count - 1)
        continue
      }
      this.#counts.delete(text)
      this.#byGram.get(text.slice(0, GRAM))?.delete(text)
    }
  }

  /** @returns whether one of the texts stands in this one */
  isIn(text: string): boolean {
    if (this.#counts.size === 0) return false
    for (let at = 0; at + GRAM <= text.length; at++) {
      if (this.#slots[slotAt(text, at)] === 0) continue
      for (const needle of this.#byGram.get(text.slice(at, at + GRAM)) ?? [])
        if (text.startsWith(needle, at)) return true
    }
    return false
  }
}

function slotAt(text: string, at: number): number {
  const first = text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)
  const second = text.charCodeAt(at + 2) * 31 + text.charCodeAt(at + 3)
  return (first * 961 + second) & (SLOTS - 1)
}
