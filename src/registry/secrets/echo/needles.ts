/** Characters of the prefix by which needles are indexed. Shorter needles are ignored. */
const GRAM = 4
const SLOTS = 1 << 16

/**
 * Searches a text for many others (needles) at once. An index of their first four characters makes the time depend on
 * the length of the text, and hardly on the number of needles.
 */
export class Needles {
  readonly #slots = new Uint8Array(SLOTS)
  readonly #byGram = new Map<string, Set<string>>()
  /** How often each needle was added. */
  readonly #counts = new Map<string, number>()

  get size(): number {
    return this.#counts.size
  }

  /** Adds needles. Ignores those of fewer than four characters. */
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

  /** Removes needles. One that was added several times must be removed as often. */
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

  /** @returns whether the text contains a needle */
  isIn(text: string): boolean {
    if (this.#counts.size === 0 || text.length < GRAM) return false
    const slots = this.#slots
    // Computes each pair once: the second pair at one position is the first pair two positions later.
    let last = text.charCodeAt(2)
    let first = pairOf(text.charCodeAt(0), text.charCodeAt(1))
    let middle = pairOf(text.charCodeAt(1), last)
    for (let at = 0; at + GRAM <= text.length; at++) {
      const next = text.charCodeAt(at + GRAM - 1)
      const second = pairOf(last, next)
      const slot = slotOf(first, second)
      first = middle
      middle = second
      last = next
      if (slots[slot] === 0) continue
      for (const needle of this.#byGram.get(text.slice(at, at + GRAM)) ?? [])
        if (text.startsWith(needle, at)) return true
    }
    return false
  }
}

function slotAt(text: string, at: number): number {
  return slotOf(
    pairOf(text.charCodeAt(at), text.charCodeAt(at + 1)),
    pairOf(text.charCodeAt(at + 2), text.charCodeAt(at + 3)),
  )
}

const pairOf = (one: number, other: number): number => one * 31 + other

const slotOf = (first: number, second: number): number => (first * 961 + second) & (SLOTS - 1)
