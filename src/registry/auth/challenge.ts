/** One challenge of a WWW-Authenticate header. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** Names in lower case; where one stands twice, the first counts. */
  readonly parameters: ReadonlyMap<string, string>
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y
const EQUALS = /[ \t]*=[ \t]*/y
const QUOTED = /"((?:[^"\\]|\\[^])*)"/y
const BLANKS = /[ \t]*/y
const SEPARATORS = /[ \t,]*/y

/**
 * Reads a WWW-Authenticate header, in which several challenges may stand, also from several header lines:
 *
 * ```
 * WWW-Authenticate = #challenge
 * challenge        = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
 * auth-param       = token BWS "=" BWS ( token / quoted-string )
 * ```
 *
 * (RFC 9110, 11.2, 11.3, 11.6.1.) Commas separate challenges as well as parameters, so what follows a comma is a
 * parameter where an `=` and a value come after its name, else the next challenge.
 *
 * @returns the challenges up to the first thing that is none: nothing is guessed
 */
export function parseChallenges(header: string): Challenge[] {
  const text = new Scanner(header)
  const challenges: Challenge[] = []
  for (;;) {
    text.take(SEPARATORS)
    const scheme = text.take(TOKEN)
    if (scheme === undefined) return challenges
    const parameters = new Map<string, string>()
    challenges.push({ scheme: scheme.toLowerCase(), parameters })
    text.take(BLANKS)
    if (text.ended) continue
    const start = text.position
    // A scheme without a comma behind it, such as `Basic realm=x`, or credentials-like text, which no scheme here has.
    if (text.take(TOKEN68) !== undefined && !isParameter(header, start)) continue
    text.position = start
    if (!readParameters(text, parameters)) return challenges
  }
}

/** `a=` at the end of a list is a token68 by the grammar, and nothing else can be made of it. */
function isParameter(header: string, start: number): boolean {
  const text = new Scanner(header, start)
  return text.take(TOKEN) !== undefined && text.take(EQUALS) !== undefined && text.value() !== undefined
}

/** @returns whether the rest can be read */
function readParameters(text: Scanner, parameters: Map<string, string>): boolean {
  for (;;) {
    const before = text.position
    const separator = text.take(SEPARATORS)
    if (text.ended) return true
    const name = text.take(TOKEN)
    if (name === undefined) return false
    if (text.take(EQUALS) === undefined) {
      // The next challenge begins here.
      text.position = before
      return separator?.includes(',') === true
    }
    const value = text.value()
    if (value === undefined) return false
    const key = name.toLowerCase()
    if (!parameters.has(key)) parameters.set(key, value)
    text.take(BLANKS)
    if (!text.ended && !text.at(',')) return false
  }
}

/** Reads a text piece by piece. */
class Scanner {
  readonly #text: string
  position: number

  constructor(text: string, position = 0) {
    this.#text = text
    this.position = position
  }

  get ended(): boolean {
    return this.position >= this.#text.length
  }

  at(sign: string): boolean {
    return this.#text.startsWith(sign, this.position)
  }

  /** @returns what the pattern matches here, or undefined */
  take(pattern: RegExp): string | undefined {
    return this.#match(pattern)?.[0]
  }

  /** token / quoted-string, of which the quotes and backslashes are taken off. */
  value(): string | undefined {
    return this.at('"') ? this.#match(QUOTED)?.[1]?.replace(/\\([^])/g, '$1') : this.take(TOKEN)
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.position
    const found = pattern.exec(this.#text)
    if (found === null) return undefined
    this.position = pattern.lastIndex
    return found
  }
}
