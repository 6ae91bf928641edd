import { base32Of, base64Of, hexOf } from './encoded.js'
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
  readonly plain: readonly string[]
  readonly skeletons: readonly string[]
  readonly folded: readonly string[]
}

/**
 * Tells whether a text holds a secret in any form that a reader can undo. Both are compared in a normal form: escapes
 * undone, also several times over, white space and what cannot be seen taken out, case as it is; and encoded in
 * hex, base32 and both alphabets of base64, at each alignment, whatever separates the characters.
 */
export class Echo {
  readonly #plain = new Needles()
  /** Letters and digits. */
  readonly #skeletons = new Needles()
  /** Letters and digits in small letters. */
  readonly #folded = new Needles()

  add({ plain, skeletons, folded }: Traces): void {
    this.#plain.add(plain)
    this.#skeletons.add(skeletons)
    this.#folded.add(folded)
  }

  remove({ plain, skeletons, folded }: Traces): void {
    this.#plain.remove(plain)
    this.#skeletons.remove(skeletons)
    this.#folded.remove(folded)
  }

  /** @returns whether it holds one, or has so many readings that nobody can be sure */
  isIn(text: string, most?: number): boolean {
    const readings = readingsOf(text, most)
    return readings === undefined || readings.some((reading) => this.#isInReading(reading))
  }

  /** As `isIn`, for a line of this action: what stands there as a digest is one. */
  isInLine(line: string): boolean {
    return this.isIn(line.replace(DIGESTS, ' '), MOST_READINGS_OF_LINE)
  }

  #isInReading(text: string): boolean {
    if (this.#plain.isIn(text)) return true
    const compact = compacted(text)
    if (compact !== text && this.#plain.isIn(compact)) return true
    const collapsed = collapse(text)
    if (collapsed !== text && this.#plain.isIn(collapsed)) return true
    const skeleton = skeletonOf(compact)
    return (
      this.#skeletons.isIn(skeleton) ||
      this.#folded.isIn(skeletonOf(compact.replace(/0x/gi, '')).toLowerCase())
    )
  }
}

/** @returns what a secret is searched for by in the body of a foreign response, where a false alarm costs its text only */
export function tracesInBody(secret: string): Traces {
  if (secret.length > LONGEST_IN_ALL_FORMS)
    return { plain: [secret, compacted(secret)], skeletons: [], folded: [] }
  const readings = readingsOf(secret, MOST_READINGS_OF_SECRET) ?? [secret]
  const forms = [...new Set([...formsOf(secret), ...readings])]
  const compact = readings.map(compacted)
  return {
    plain: longer(SHORTEST, [...readings, ...readings.map(collapse), ...compact]),
    skeletons: [
      ...longer(SHORTEST_SKELETON, readings.map(skeletonOf)),
      ...longer(SHORTEST, forms.flatMap(base64Of)),
    ],
    folded: longer(SHORTEST, [...forms.flatMap(hexOf), ...forms.flatMap(base32Of)]),
  }
}

/**
 * @param isOurs tells what may stand in a line of this action, whatever secret it is a trace of
 * @returns what a secret is searched for by in a line of this action
 */
export function tracesInLine(secret: string, isOurs: (text: string) => boolean): Traces {
  const ofSome = (least: number, texts: readonly string[]): string[] =>
    longer(least, texts).filter((text) => !isOurs(text))
  if (secret.length > LONGEST_IN_ALL_FORMS)
    return { plain: [secret, compacted(secret)], skeletons: [], folded: [] }
  const readings = readingsOf(secret, MOST_READINGS_OF_SECRET) ?? [secret]
  const forms = [secret, Buffer.from(secret, 'utf8').toString('base64')]
  return {
    plain: [
      ...longer(SHORTEST, [secret]),
      ...longer(SHORTEST_IN_LINE, /\s/.test(secret) ? [collapse(secret)] : []),
      // Words of a sentence could make one up.
      ...ofSome(SHORTEST_IN_LINE, [compacted(secret), ...readings]).filter(
        (text) => !/^[A-Za-z]{1,19}$/.test(text),
      ),
    ],
    skeletons: ofSome(SHORTEST_IN_LINE, forms.flatMap(base64Of)),
    folded: [
      ...ofSome(SHORTEST_HEX_IN_LINE, forms.flatMap(hexOf)),
      ...ofSome(SHORTEST_BASE32_IN_LINE, forms.flatMap(base32Of)),
    ],
  }
}

function longer(least: number, texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text.length >= least)
}

/** White space to one blank each. */
function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Without white space, `+` for a blank, and whatever cannot be seen. */
function compacted(text: string): string {
  return text.replace(/[\s\p{C}\u034f\u115f\u1160\u17b4\u17b5\u3164\ufe00-\ufe0f\uffa0\ufffd+]+/gu, '')
}

/** Letters and digits of ASCII, the only ones that every form shares. */
function skeletonOf(text: string): string {
  return text.replace(/[^A-Za-z0-9]+/g, '')
}
