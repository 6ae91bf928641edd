/** Shorter ones would blank every digest that happens to hold them. */
const SHORTEST = 4
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
    const base64 = Buffer.from(secret, 'utf8').toString('base64')
    const forms = [
      secret,
      secret.replace(/=+$/, ''),
      base64,
      base64.replace(/=+$/, ''),
      encodeURIComponent(wellFormed(secret)),
      JSON.stringify(secret).slice(1, -1),
    ]
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
    const values = [query, ...link.searchParams.values()]
    for (const value of values) {
      if (value.length < SHORTEST_LINK_PART || asked.href.includes(value) || this.#links >= MOST_LINKS)
        continue
      if (!this.#forms.has(value)) this.#links++
      this.add(value)
    }
  }

  /** @returns the text without secrets, also where it was cut, with a …, in the middle of one. */
  redact(text: string): string {
    const forms = this.#ordered
    if (forms.length === 0) return text
    const whole = forms.reduce((rest, form) => rest.replaceAll(form, '***'), text)
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

/** Half of a surrogate pair, which an environment can hold, cannot be written in a URL. */
function wellFormed(text: string): string {
  return text.toWellFormed()
}
