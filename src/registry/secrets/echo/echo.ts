import { base32Of, base64Of, hexOf, numbersOf } from './encoded.js'
import { formsOf } from './forms.js'
import { Needles } from './needles.js'
import { readingsOf } from './unescape.js'

/** Characters. A shorter trace may occur in any text by chance. */
const SHORTEST = 4
/** Characters of a trace that consists of letters and digits only. */
const SHORTEST_SKELETON = 6
/** Characters. A shorter trace may occur in a line of this action by chance, and must not hide the line. */
const SHORTEST_IN_LINE = 8
const SHORTEST_HEX_IN_LINE = 16
const SHORTEST_BASE32_IN_LINE = 11
/** Characters. No response repeats a longer secret in another form. */
const LONGEST_IN_ALL_FORMS = 4096
/** Readings of a line, at most. */
const MOST_READINGS_OF_LINE = 32
/** Readings of a secret, at most. A secret may contain characters that look like an escape. */
const MOST_READINGS_OF_SECRET = 16
/** Digests with their algorithm. A hostile registry could send part of a digest as a secret. */
const DIGESTS = /sha(?:256|512):[0-9a-f]{12,}/g

/** The texts by which one secret is found. */
export interface Traces {
  /** The secret unchanged, and with its white space collapsed. */
  readonly plain: readonly string[]
  /** Without white space and invisible characters. */
  readonly compact: readonly string[]
  /** Letters and digits only. */
  readonly skeletons: readonly string[]
  /** Letters and digits only, in lower case. */
  readonly folded: readonly string[]
}

/**
 * Finds secrets in texts, in any form that a reader could decode. Compares normal forms: texts without escapes (even
 * nested ones), white space and invisible characters. Also finds secrets in hex, base32 and both alphabets of base64, at
 * each alignment, with any separators between the characters.
 */
export class Echo {
  readonly #plain = new Needles()
  readonly #compact = new Needles()
  readonly #skeletons = new Needles()
  readonly #folded = new Needles()

  add({ plain, compact, skeletons, folded }: Traces): void {
    this.#plain.add(plain)
    this.#compact.add(compact)
    this.#skeletons.add(skeletons)
    this.#folded.add(folded)
  }

  remove({ plain, compact, skeletons, folded }: Traces): void {
    this.#plain.remove(plain)
    this.#compact.remove(compact)
    this.#skeletons.remove(skeletons)
    this.#folded.remove(folded)
  }

  /** @returns whether the text holds a secret, or has too many readings to exclude it */
  isIn(text: string, most?: number): boolean {
    if (this.#plain.size + this.#folded.size === 0) return false
    const readings = readingsOf(text, most)
    // A line break may have split an escape.
    const joined = readingsOf(text.replace(/\s+/g, ''), most)
    if (readings === undefined || joined === undefined) return true
    if (readings.some((reading) => this.#isPlainly(reading))) return true
    // Most readings differ only in their white space.
    const apart = new Set([...readings, ...(joined.length > 1 ? joined : [])].map(compacted))
    return [...apart].some((compact) => this.#isApart(compact))
  }

  /** Like `isIn`, for a line of this action. Ignores digests. */
  isInLine(line: string): boolean {
    return this.isIn(line.replace(DIGESTS, ' '), MOST_READINGS_OF_LINE)
  }

  #isPlainly(text: string): boolean {
    return this.#plain.isIn(text) || (/\s/.test(text) && this.#plain.isIn(collapse(text)))
  }

  /** Ignores separators between the characters of a secret. */
  #isApart(compact: string): boolean {
    if (this.#compact.isIn(compact)) return true
    const skeleton = skeletonOf(compact)
    if (this.#skeletons.isIn(skeleton)) return true
    const numbers = /0x/i.test(compact) ? skeletonOf(compact.replace(/0x/gi, ' ')) : skeleton
    return this.#folded.isIn(numbers.toLowerCase())
  }
}

/** @returns the traces of a secret in the body of a response. A false match only hides the text of the body */
export function tracesInBody(secret: string): Traces {
  if (secret.length > LONGEST_IN_ALL_FORMS) return tracesOfLong(secret)
  const readings = readingsOf(secret, MOST_READINGS_OF_SECRET) ?? [secret]
  const forms = [...new Set([...formsOf(secret), ...readings])]
  return {
    plain: longer(SHORTEST, [...readings, ...readings.map(collapse)]),
    compact: longer(SHORTEST, readings.map(compacted)),
    skeletons: [
      ...longer(SHORTEST_SKELETON, readings.map(skeletonOf)),
      ...longer(SHORTEST, forms.flatMap(base64Of)),
    ],
    folded: longer(
      SHORTEST,
      [hexOf, base32Of, numbersOf].flatMap((encode) => forms.flatMap(encode)),
    ),
  }
}

/**
 * @param isOurs returns whether a line of this action may contain the text. Such a text is not used as a trace
 * @returns the traces of a secret in a line of this action
 */
export function tracesInLine(secret: string, isOurs: (text: string) => boolean): Traces {
  if (secret.length > LONGEST_IN_ALL_FORMS) return tracesOfLong(secret)
  const ofSome = (least: number, texts: readonly string[]): string[] =>
    longer(least, texts).filter((text) => !isOurs(text))
  const readings = readingsOf(secret, MOST_READINGS_OF_SECRET) ?? [secret]
  const forms = [secret, Buffer.from(secret, 'utf8').toString('base64')]
  return {
    plain: [secret, ...ofSome(SHORTEST_IN_LINE, [...readings, collapse(secret)])],
    // Two words of a sentence could together form a short trace.
    compact: ofSome(SHORTEST_IN_LINE, readings.map(compacted)).filter(
      (text) => !/^[A-Za-z]{1,19}$/.test(text),
    ),
    skeletons: ofSome(SHORTEST_IN_LINE, forms.flatMap(base64Of)),
    folded: [
      ...ofSome(SHORTEST_HEX_IN_LINE, [...forms.flatMap(hexOf), ...forms.flatMap(numbersOf)]),
      ...ofSome(SHORTEST_BASE32_IN_LINE, forms.flatMap(base32Of)),
    ],
  }
}

function tracesOfLong(secret: string): Traces {
  return { plain: [secret], compact: [compacted(secret)], skeletons: [], folded: [] }
}

function longer(least: number, texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text.length >= least)
}

/** Replaces white space by single blanks. */
function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

const UNSEEN = /[\s\p{C}\u034f\u115f\u1160\u17b4\u17b5\u3164\ufe00-\ufe0f\uffa0\ufffd+]+/gu

/** Removes white space, `+` (a blank in URLs) and invisible characters. */
function compacted(text: string): string {
  return /[^\0-\x7e]/.test(text) ? text.replace(UNSEEN, '') : text.replace(/[\0-\x20+]+/g, '')
}

/** Keeps only ASCII letters and digits, which every form keeps. */
function skeletonOf(text: string): string {
  return text.replace(/[^A-Za-z0-9]+/g, '')
}
