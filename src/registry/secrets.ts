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

/**
 * Everything of this run that may stand in no text: passwords, tokens, keys, signatures of links. Each is masked as soon
 * as it is known, and taken out of whatever is written.
 */
export class Secrets {
  readonly #forms = new Set<string>()
  readonly #mask: (secret: string) => void
  readonly #digests = new Set<string>()
  readonly #words: string[] = []
  /** The forms of each secret from the wire, the oldest first. */
  readonly #wire: string[][] = []
  #ordered: readonly string[] = []
  #links = 0

  /** @param mask has the runner mask a text as well */
  constructor(mask: (secret: string) => void = () => undefined) {
    this.#mask = mask
  }

  /** Takes in a secret, in every form in which something may echo it. */
  add(secret: string): void {
    if (secret.length < SHORTEST || this.#forms.has(secret)) return
    this.#mask(secret)
    this.#keep(formsOf(secret))
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
      if (this.#digests.size > MOST_OF_WIRE) this.#digests.delete([...this.#digests][0] ?? '')
      return
    }
    if (secret.length >= shortestMasked) this.#mask(secret)
    const all = secret.length > LONGEST_IN_ALL_FORMS ? [secret] : formsOf(secret)
    const forms = all.filter((form) => !this.#forms.has(form))
    this.#wire.push(forms)
    if (this.#wire.length > MOST_OF_WIRE)
      for (const form of this.#wire.shift() ?? []) this.#forms.delete(form)
    this.#keep(forms)
  }

  /** Has texts stay what they are, whatever comes over the wire: what the user wrote, such as the names of tags. */
  spare(words: readonly string[]): void {
    this.#words.push(...words)
  }

  #keep(forms: readonly string[]): void {
    for (const form of forms) if (form.length >= SHORTEST) this.#forms.add(form)
    // The longest first: a pair in base64 holds more than the part of it that is a secret by itself.
    this.#ordered = [...this.#forms].sort((one, other) => other.length - one.length)
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

  /** @returns the text without secrets, also where it was cut, with a …, in the middle of one. */
  redact(text: string): string {
    const forms = this.#ordered
    if (forms.length + this.#digests.size === 0) return text
    // What looks like a digest is taken for one where it is written as one.
    const bare = [...this.#digests].reduce(
      (rest, hex) => rest.replace(new RegExp(`(?<!sha(?:256|512):)\\b${hex}\\b`, 'g'), '***'),
      text,
    )
    const whole = forms.reduce((rest, form) => rest.replaceAll(form, '***'), bare)
    const parts = whole.split('…')
    const cut = parts.slice(0, -1).map((part) => forms.reduce(withoutBeginning, part))
    return [...cut, parts.at(-1) ?? ''].join('…')
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

/** In how many ways something may write a secret that sends it back. */
function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret, 'utf8').toString('base64')
  // Half of a surrogate pair, which an environment can hold, cannot be written in a URL.
  const whole = secret.toWellFormed()
  const inUrl = encodeURIComponent(whole)
  return [
    secret,
    secret.replace(/=+$/, ''),
    base64,
    base64.replace(/=+$/, ''),
    inUrl,
    inUrl.replace(/%[0-9A-F]{2}/g, (sign) => sign.toLowerCase()),
    inUrl.replaceAll('%20', '+'),
    new URLSearchParams({ x: whole }).toString().slice(2),
    encodeURI(whole),
    // As a URL's path writes it: only what must not stand there is encoded.
    whole.replace(/[^\x21-\x7e]+|["<>`#?{}^]/g, (sign) => encodeURIComponent(sign)),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ]
}
