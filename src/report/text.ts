const LONGEST_LINE = 4000

/** Control and format characters (with bidi marks and the BOM), line and paragraph separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/**
 * Makes one line of text harmless for a log in which the runner looks for commands: `::name::` at the start of a line,
 * after white space, and `##[name]` anywhere. Characters that cannot be seen become escapes.
 *
 * @param text any text, also from the wire
 * @returns a single line
 */
export function plainLine(text: string): string {
  const seen = text
    .replace(UNSEEN, (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
    .replaceAll('##[', '##\\[')
    .replace(/^(\s*)::/, '$1\\::')
  return seen.length > LONGEST_LINE ? `${seen.slice(0, LONGEST_LINE)}… (${seen.length} characters)` : seen
}

/** As `plainLine`, for a text of our own that has line breaks. Text from the wire has none left when it gets here. */
export function plain(text: string): string {
  return text.split('\n').map(plainLine).join('\n')
}

/** @returns text for Markdown, as code: nothing in it renders, not even a link */
export function code(text: string): string {
  return `\`${plainLine(text).replaceAll('`', "'").replaceAll('|', '¦')}\``
}

/**
 * @returns a sentence of ours for Markdown, with every character escaped that Markdown or HTML acts on, since it may
 * quote texts from elsewhere
 */
export function prose(text: string): string {
  return (
    plain(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
      // GitHub makes links of names, addresses and numbers even if they are escaped, but not of a digest.
      .replace(/\\#(?=\d)/g, '\\#&#8203;')
      .replace(/@(?!sha(?:256|512):)/g, '&#64;&#8203;')
      .replaceAll('@', '&#64;')
      .replaceAll('://', ':&#8203;//')
      .replace(/www\./gi, (found) => `${found.slice(0, 3)}&#8203;.`)
      .replaceAll('\n', '<br>')
  )
}

/** @returns the form of a word that fits the number, such as `is` or `are` */
export function plural(number: number, one: string, many: string): string {
  return number === 1 ? one : many
}

/** @returns `1 tag`, `2 tags`, and `2 repositories` with `many` */
export function count(number: number, noun: string, many = `${noun}s`): string {
  return `${number} ${plural(number, noun, many)}`
}

/** @returns bytes in the unit that reads best, or `?` if the size is unknown */
export function bytes(size: number | undefined | null): string {
  if (size === undefined || size === null) return '?'
  if (size < 1024) return `${size} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let value = size
  let unit = 'B'
  for (const next of units) {
    if (value < 1024) break
    value /= 1024
    unit = next
  }
  return `${value.toFixed(1)} ${unit}`
}

/** @returns the first `most` entries, and how many more there are */
export function some(list: readonly string[], most: number): string {
  const rest = list.length - most
  return rest <= 0 ? list.join(', ') : `${list.slice(0, most).join(', ')} and ${rest} more`
}

/** @returns the same JSON, with an escape for every character that acts on a terminal or cannot be seen */
export function escaped(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) =>
    sign === '\n'
      ? sign
      : [...Array(sign.length).keys()]
          .map((at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`)
          .join(''),
  )
}

const DAY = 86_400_000
const HOUR = 3_600_000
const MINUTE = 60_000

/** @returns a length of time in the unit that reads best, such as `14d`, `36h` or `5m` */
export function span(ms: number): string {
  if (ms < 0) return '0m'
  if (ms >= 3 * DAY) return `${Math.floor(ms / DAY)}d`
  if (ms >= 3 * HOUR) return `${Math.floor(ms / HOUR)}h`
  return ms >= MINUTE ? `${Math.floor(ms / MINUTE)}m` : `${Math.floor(ms / 1000)}s`
}
