import { Echo, tracesInBody, tracesInLine, type Traces } from './echo/echo.js'
import { formsOf } from './echo/forms.js'
import { Needles } from './echo/needles.js'
import type { Quoting } from './send.js'

/** Shorter ones would blank every digest that happens to hold them. */
const SHORTEST = 4
const SHORTEST_OF_WIRE = 8
const SHORTEST_UNLIKE_A_WORD = 20
/** Digests and media types, which stand in every log. */
const OURS = /^(?:sha(?:256|512):|application\/)/
const SHORTEST_MASKED_OF_WIRE = 20
/** Tokens of so many kinds and lives, and links. */
const MOST_OF_WIRE = 300
/** Nobody sends back as much in another form. */
const LONGEST_IN_ALL_FORMS = 4096
/** A digest without its algorithm, or a part of one. */
const HEX = /^[0-9a-f]{1,128}$/
/** Lines of a key that are shorter are its frame, or say nothing. */
const SHORTEST_LINE = 16
/** A storage's signed links are different for each blob: beyond so many only what follows is kept from being printed. */
const MOST_LINKS = 200
const SHORTEST_LINK_PART = 12
/** Texts of which it is known that they hold nothing: a report is written once a second, with the same texts. */
const MOST_CLEAN = 4096
const LONGEST_CLEAN = 500
/** Stands for a text that holds a secret in a form that cannot be taken out of it. */
const HIDDEN = '(a text that holds a credential is not shown)'
const NONE = (): boolean => false

/**
 * Everything of this run that may stand in no text: passwords, tokens, keys, signatures of links. Each is masked as soon
 * as it is known, and taken out of whatever is written.
 */
export class Secrets {
  /** For what is quoted of a foreign response, at the place where it came in. */
  readonly quoting: Quoting = { body: (text) => this.#body(text), word: (text) => this.#word(text) }

  readonly #forms = new Set<string>()
  readonly #mask: (secret: string) => void
  readonly #digests = new Set<string>()
  readonly #words: string[] = []
  /** What each secret from the wire added, the oldest first. */
  readonly #wire: (() => void)[] = []
  #ordered: readonly string[] = []
  #links = 0

  /** Given secrets that are so short that they cannot be told from other text. */
  readonly #short: string[] = []
  readonly #exact = new Needles()
  readonly #inBodies = new Echo()
  readonly #inLines = new Echo()
  readonly #anyCase = new Needles()
  readonly #clean = new Set<string>()

  /** @param mask has the runner mask a text as well */
  constructor(mask: (secret: string) => void = () => undefined) {
    this.#mask = mask
  }

  /** Takes in a secret, in every form in which something may echo it. */
  add(secret: string): void {
    if (secret.length < SHORTEST) {
      if (secret === '' || this.#short.includes(secret)) return
      this.#short.push(secret)
      this.#inBodies.add(tracesInBody(secret))
      return
    }
    if (this.#forms.has(secret)) return
    this.#mask(secret)
    this.#keep(formsOf(secret))
    this.#trace(secret, tracesInBody(secret), tracesInLine(secret, NONE))
  }

  /**
   * Takes in what came over the wire as a secret, such as a token. A registry could name a word of ours, or a digest, to
   * have it blanked wherever it stands. So what looks like one is not taken for a secret, and the runner, which blanks
   * parts of words as well, is told only of what is long. Of many the latest are kept.
   */
  addFromWire(secret: string, shortestMasked = SHORTEST_MASKED_OF_WIRE): void {
    if (secret.length < SHORTEST_OF_WIRE || this.#forms.has(secret) || isWord(secret)) return
    if (this.#words.some((word) => word.includes(secret))) return
    if (HEX.test(secret)) {
      this.#digests.add(secret)
      this.#clean.clear()
      if (this.#digests.size > MOST_OF_WIRE) this.#digests.delete([...this.#digests][0] ?? '')
      return
    }
    if (secret.length >= shortestMasked) this.#mask(secret)
    const all = secret.length > LONGEST_IN_ALL_FORMS ? [secret] : formsOf(secret)
    const forms = all.filter((form) => !this.#forms.has(form))
    this.#keep(forms)
    const isOurs = (text: string): boolean =>
      isWord(text) || HEX.test(text) || this.#words.some((word) => word.includes(text))
    const forget = this.#trace(secret, tracesInBody(secret), tracesInLine(secret, isOurs))
    this.#wire.push(() => {
      for (const form of forms) this.#forms.delete(form)
      this.#exact.remove(forms)
      forget()
    })
    if (this.#wire.length > MOST_OF_WIRE) {
      this.#wire.shift()?.()
      this.#order()
    }
  }

  /** Has texts stay what they are, whatever comes over the wire: what the user wrote, such as the names of tags. */
  spare(words: readonly string[]): void {
    this.#words.push(...words)
  }

  #keep(forms: readonly string[]): void {
    const long = forms.filter((form) => form.length >= SHORTEST)
    for (const form of long) this.#forms.add(form)
    this.#exact.add(long)
    this.#order()
  }

  #order(): void {
    // The longest first: a pair in base64 holds more than the part of it that is a secret by itself.
    this.#ordered = [...this.#forms].sort((one, other) => other.length - one.length)
    this.#clean.clear()
  }

  /** @returns what has it forgotten again */
  #trace(secret: string, inBody: Traces, inLine: Traces): () => void {
    const anyCase = [secret.toLowerCase()]
    this.#inBodies.add(inBody)
    this.#inLines.add(inLine)
    this.#anyCase.add(anyCase)
    return () => {
      this.#inBodies.remove(inBody)
      this.#inLines.remove(inLine)
      this.#anyCase.remove(anyCase)
    }
  }

  /** Takes in a key in PEM form, line by line, also where its line breaks became blanks or `\\n` on the way here. */
  addPem(pem: string): void {
    for (const line of pem.split(/(?:-----[^-]*-----|\\[rn]|\s)+/))
      if (line.length >= SHORTEST_LINE) this.add(line)
  }

  /**
   * Takes in what a link may be signed with: its query, and each long value in it.
   *
   * @param link where a registry leads
   * @param asked what was asked for: what stands there, such as a digest, is no secret
   */
  addLink(link: URL, asked: URL): void {
    const query = link.search.slice(1)
    if (query === '') return
    for (const value of [query, ...link.searchParams.values()]) {
      const long = value.length >= SHORTEST_LINK_PART && !asked.href.includes(value)
      if (!long || this.#forms.has(value) || this.#links >= MOST_LINKS) continue
      this.#links++
      this.addFromWire(value, SHORTEST_LINK_PART)
    }
  }

  /**
   * @returns the text without secrets, also where it was cut, with a …, in the middle of one. A text that holds one in a
   *   form that nobody can cut out is not shown at all
   */
  redact(text: string): string {
    if (this.#ordered.length + this.#digests.size === 0 || this.#clean.has(text)) return text
    const exact = this.#withoutForms(text)
    if (this.#inLines.isInLine(exact)) return HIDDEN
    if (exact === text && text.length <= LONGEST_CLEAN) {
      if (this.#clean.size >= MOST_CLEAN) this.#clean.clear()
      this.#clean.add(text)
    }
    return exact
  }

  #withoutForms(text: string): string {
    const forms = this.#ordered
    // What looks like a digest is taken for one where it is written as one.
    const bare = [...this.#digests].reduce(
      (rest, hex) =>
        rest.includes(hex) ? rest.replace(new RegExp(`(?<!sha(?:256|512):)\\b${hex}\\b`, 'g'), '***') : rest,
      text,
    )
    const whole = this.#exact.isIn(bare)
      ? forms.reduce((rest, form) => rest.replaceAll(form, '***'), bare)
      : bare
    if (!whole.includes('…')) return whole
    const parts = whole.split('…')
    const cut = parts.slice(0, -1).map((part) => forms.reduce(withoutBeginning, part))
    return [...cut, parts.at(-1) ?? ''].join('…')
  }

  #body(text: string): string | undefined {
    if (this.#short.length > 0) return undefined
    if (this.#ordered.length + this.#digests.size === 0) return text
    const exact = this.#withoutForms(text)
    return this.#inBodies.isIn(exact) ? undefined : exact
  }

  #word(text: string): string | undefined {
    const small = text.toLowerCase()
    const holds =
      this.#short.some((secret) => small.includes(secret.toLowerCase())) ||
      this.#anyCase.isIn(small) ||
      this.#inBodies.isIn(text) ||
      this.#withoutForms(text) !== text
    return holds ? undefined : text
  }
}

/** @returns the text without the beginning of a secret at its end. */
function withoutBeginning(text: string, secret: string): string {
  for (let length = Math.min(secret.length - 1, text.length); length >= SHORTEST; length--)
    if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}***`
  return text
}

/** What may well stand in a sentence of this run. */
function isWord(text: string): boolean {
  const mixed = /[0-9]/.test(text) && /[A-Za-z]/.test(text)
  return /\s/.test(text) || OURS.test(text) || (text.length < SHORTEST_UNLIKE_A_WORD && !mixed)
}
