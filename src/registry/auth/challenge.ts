/** One challenge of a WWW-Authenticate header. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** By name in lower case. If a name is repeated, the first one counts. */
  readonly parameters: ReadonlyMap<string, string>
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y
const EQUALS = /[ \t]*=[ \t]*/y
const QUOTED = /"((?:[^"\\]|\\[^])*)"/y
const BLANKS = /[ \t]*/y
const SEPARATORS = /[ \t,]*/y

/**
 * Parses a WWW-Authenticate header, which may hold several challenges:
 *
 * ```
 * WWW-Authenticate = #challenge
 * challenge        = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
 * auth-param       = token BWS "=" BWS ( token / quoted-string )
 * ```
 *
 * (RFC 9110, 11.2, 11.3, 11.6.1.) Commas separate challenges as well as parameters. After a comma, a name with `=` and a
 * value is a parameter; anything else is the next challenge.
 *
 * @returns the challenges before the first syntax error
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
    // Skip a token68. No scheme that is supported here uses one.
    if (text.take(TOKEN68) !== undefined && !isParameter(header, start)) continue
    text.position = start
    if (!readParameters(text, parameters)) return challenges
  }
}

/** `a=` at the end of a list is a token68, not a parameter. */
function isParameter(header: string, start: number): boolean {
  const text = new Scanner(header, start)
  return text.take(TOKEN) !== undefined && text.take(EQUALS) !== undefined && text.value() !== undefined
}

/** @returns whether the rest can be parsed */
function readParameters(text: Scanner, parameters: Map<string, string>): boolean {
  for (;;) {
    const before = text.position
    const separator = text.take(SEPARATORS)
    if (text.ended) return true
    const name = text.take(TOKEN)
    if (name === undefined) return false
    if (text.take(EQUALS) === undefined) {
      // The next challenge starts here.
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

/** Reads a text token by token. */
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

  /** Consumes what the pattern matches here. */
  take(pattern: RegExp): string | undefined {
    return this.#match(pattern)?.[0]
  }

  /** Consumes a token or a quoted-string. @returns its text without quotes and backslashes */
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
