import { base32Of, base64Of, hexOf, numbersOf } from './encoded.js'
import { formsOf } from './forms.js'
import { Needles } from './needles.js'
import { readingsOf } from './unescape.js'

/** Shorter ones stand in any text by chance. */
const SHORTEST = 4
/** Letters and digits alone, in a text of which only these are compared. */
const SHORTEST_SKELETON = 6
/** In lines of this action a shorter one could stand by chance: what it hides there is needed. */
const SHORTEST_IN_LINE = 8
const SHORTEST_HEX_IN_LINE = 16
const SHORTEST_BASE32_IN_LINE = 11
/** Nobody sends back as much in another form. */
const LONGEST_IN_ALL_FORMS = 4096
/** Readings of a line, which is short. */
const MOST_READINGS_OF_LINE = 32
/** Readings of a secret, which may hold what passes for an escape. */
const MOST_READINGS_OF_SECRET = 16
/** Digests that are written as ones: any secret of the wire could be made up to fit one. */
const DIGESTS = /sha(?:256|512):[0-9a-f]{12,}/g

/** What one secret is searched for by. */
export interface Traces {
  /** As it is, or with its white space collapsed. */
  readonly plain: readonly string[]
  /** Without white space, and what cannot be seen. */
  readonly compact: readonly string[]
  /** Letters and digits. */
  readonly skeletons: readonly string[]
  /** Letters and digits in small letters. */
  readonly folded: readonly string[]
}

/**
 * Tells whether a text holds a secret in any form that a reader can undo. Both are compared in a normal form: escapes
 * undone, also several times over, white space and what cannot be seen taken out, case as it is; and encoded in
 * hex, base32 and both alphabets of base64, at each alignment, whatever separates the characters.
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

  /** @returns whether it holds one, or has so many readings that nobody can be sure */
  isIn(text: string, most?: number): boolean {
    if (this.#plain.size + this.#folded.size === 0) return false
    const readings = readingsOf(text, most)
    // Lines that were broken at a width are broken in the middle of an escape as well.
    const joined = readingsOf(text.replace(/\s+/g, ''), most)
    if (readings === undefined || joined === undefined) return true
    return (
      readings.some((reading) => this.#isPlainly(reading) || this.#isApart(reading)) ||
      (joined.length > 1 && joined.some((reading) => this.#isApart(reading)))
    )
  }

  /** As `isIn`, for a line of this action: what stands there as a digest is one. */
  isInLine(line: string): boolean {
    return this.isIn(line.replace(DIGESTS, ' '), MOST_READINGS_OF_LINE)
  }

  #isPlainly(text: string): boolean {
    return this.#plain.isIn(text) || (/\s/.test(text) && this.#plain.isIn(collapse(text)))
  }

  /** Whatever stands between its characters. */
  #isApart(text: string): boolean {
    const compact = compacted(text)
    if (this.#compact.isIn(compact)) return true
    const skeleton = skeletonOf(compact)
    if (this.#skeletons.isIn(skeleton)) return true
    const numbers = /0x/i.test(compact) ? skeletonOf(compact.replace(/0x/gi, ' ')) : skeleton
    return this.#folded.isIn(numbers.toLowerCase())
  }
}

/** @returns what a secret is searched for by in the body of a foreign response, where a false alarm costs its text only */
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
 * @param isOurs tells what may stand in a line of this action, whatever secret it is a trace of
 * @returns what a secret is searched for by in a line of this action
 */
export function tracesInLine(secret: string, isOurs: (text: string) => boolean): Traces {
  if (secret.length > LONGEST_IN_ALL_FORMS) return tracesOfLong(secret)
  const ofSome = (least: number, texts: readonly string[]): string[] =>
    longer(least, texts).filter((text) => !isOurs(text))
  const readings = readingsOf(secret, MOST_READINGS_OF_SECRET) ?? [secret]
  const forms = [secret, Buffer.from(secret, 'utf8').toString('base64')]
  return {
    plain: [secret, ...ofSome(SHORTEST_IN_LINE, [...readings, collapse(secret)])],
    // Words of a sentence could make one up.
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

/** White space to one blank each. */
function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

const UNSEEN = /[\s\p{C}\u034f\u115f\u1160\u17b4\u17b5\u3164\ufe00-\ufe0f\uffa0\ufffd+]+/gu

/** Without white space, `+` for a blank, and whatever cannot be seen. */
function compacted(text: string): string {
  return /[^\0-\x7e]/.test(text) ? text.replace(UNSEEN, '') : text.replace(/[\0-\x20+]+/g, '')
}

/** Letters and digits of ASCII, the only ones that every form shares. */
function skeletonOf(text: string): string {
  return text.replace(/[^A-Za-z0-9]+/g, '')
}
