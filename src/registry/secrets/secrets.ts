import { Echo, tracesInBody, tracesInLine, type Traces } from './echo/echo.js'
import { formsOf } from './echo/forms.js'
import { Needles } from './echo/needles.js'
import type { Quoting } from '../send.js'

/** Characters. A shorter secret would hide every digest that contains it by chance. */
const SHORTEST = 4
const SHORTEST_OF_WIRE = 8
const SHORTEST_UNLIKE_A_WORD = 20
/** Digests and media types, which every log shows. */
const OURS = /^(?:sha(?:256|512):|application\/)/
const SHORTEST_MASKED_OF_WIRE = 20
/** Secrets from the network that are kept, at most. */
const MOST_OF_WIRE = 300
/** Characters. No response repeats a longer secret in another form. */
const LONGEST_IN_ALL_FORMS = 4096
/** A digest without its algorithm, or part of one. */
const HEX = /^[0-9a-f]{1,128}$/
/** Characters. A shorter line of a key is only its frame, or harmless. */
const SHORTEST_LINE = 16
/**
 * Parts of signed links that are kept, at most: a storage signs a different link for each blob. More are not necessary,
 * since no message shows the query of a URL.
 */
const MOST_LINKS = 200
const SHORTEST_LINK_PART = 12
/** Texts without secrets that are remembered, at most. The report is written once a second with mostly the same texts. */
const MOST_CLEAN = 4096
const LONGEST_CLEAN = 500
/** Replaces a whole text that holds a secret in a form that cannot be removed. */
const HIDDEN = '(a text that holds a credential is not shown)'
const NONE = (): boolean => false

/**
 * The secrets of a run: passwords, tokens, keys, signatures of links. It makes the runner mask each secret as soon as it
 * is known, and removes secrets from every text that the run writes.
 */
export class Secrets {
  /** Removes secrets from quotes of a response. Use it before a text is cut or folded. */
  readonly quoting: Quoting = { body: (text) => this.#body(text), word: (text) => this.#word(text) }

  readonly #forms = new Set<string>()
  readonly #mask: (secret: string) => void
  readonly #digests = new Set<string>()
  readonly #words: string[] = []
  /** A function for each secret from the network, oldest first, that removes the secret. */
  readonly #wire: (() => void)[] = []
  #ordered: readonly string[] = []
  #links = 0

  /** Secrets so short that they may occur in any text by chance. */
  readonly #short: string[] = []
  readonly #exact = new Needles()
  readonly #inBodies = new Echo()
  readonly #inLines = new Echo()
  readonly #anyCase = new Needles()
  readonly #clean = new Set<string>()

  /** @param mask makes the runner mask a text in the log */
  constructor(mask: (secret: string) => void = () => undefined) {
    this.#mask = mask
  }

  /** Adds a secret from the user, in every form in which a response may repeat it. */
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
   * Adds a secret from the network, such as a token. A hostile registry could send a word of this action's messages or a
   * digest as a token, to hide it everywhere. So a text that looks like a word or a digest is not added. The runner, which
   * masks parts of words too, masks only long secrets. Only the latest secrets are kept.
   *
   * @param shortestMasked characters; the runner masks no shorter secret
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

  /** Protects texts of the user, such as names of tags: a secret from the network must not hide them. */
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
    // The longest first: a short form may be part of a longer one, which would then not be removed whole.
    this.#ordered = [...this.#forms].sort((one, other) => other.length - one.length)
    this.#clean.clear()
  }

  /** @returns a function that removes the traces again */
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

  /** Adds secrets of the user. Keys may be in PEM form. */
  addAll(secrets: readonly string[]): void {
    for (const secret of secrets)
      if (secret.includes('-----BEGIN')) this.addPem(secret)
      else this.add(secret)
  }

  /** Adds a key in PEM form, line by line, even if its line breaks were replaced by blanks or `\\n`. */
  addPem(pem: string): void {
    for (const line of pem.split(/(?:-----[^-]*-----|\\[rn]|\s)+/))
      if (line.length >= SHORTEST_LINE) this.add(line)
  }

  /**
   * Adds the possible signatures of a link: its query, and each long value in the query.
   *
   * @param requested the URL that was requested. Parts of it, such as a digest, are not secret
   */
  addLink(link: URL, requested: URL): void {
    const query = link.search.slice(1)
    if (query === '') return
    for (const value of [query, ...link.searchParams.values()]) {
      const long = value.length >= SHORTEST_LINK_PART && !requested.href.includes(value)
      if (!long || this.#forms.has(value) || this.#links >= MOST_LINKS) continue
      this.#links++
      this.addFromWire(value, SHORTEST_LINK_PART)
    }
  }

  /**
   * @returns the text without secrets. Also removes the beginning of a secret before an …, which marks a cut. If the text
   *   holds a secret in a form that cannot be removed, returns a sentence instead that says so
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
    // After its algorithm, such a text is a digest and is shown.
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
    const lower = text.toLowerCase()
    const holds =
      this.#short.some((secret) => lower.includes(secret.toLowerCase())) ||
      this.#anyCase.isIn(lower) ||
      this.#inBodies.isIn(text) ||
      this.#withoutForms(text) !== text
    return holds ? undefined : text
  }
}

/** @returns the text without the beginning of a secret at its end */
function withoutBeginning(text: string, secret: string): string {
  for (let length = Math.min(secret.length - 1, text.length); length >= SHORTEST; length--)
    if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}***`
  return text
}

/** @returns whether a message of this action may contain the text */
function isWord(text: string): boolean {
  const mixed = /[0-9]/.test(text) && /[A-Za-z]/.test(text)
  return /\s/.test(text) || OURS.test(text) || (text.length < SHORTEST_UNLIKE_A_WORD && !mixed)
}
