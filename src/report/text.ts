const LONGEST_LINE = 4000

/** Control and format characters, line and paragraph separators: bidi marks and the BOM are among them. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/**
 * Makes one line of text harmless for a log that the runner reads for commands: it takes `::name::` at the start of a
 * line, after white space, and `##[name]` anywhere in one. What cannot be seen becomes visible.
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

/** As `plainLine`, for a text of our own that has line breaks: what came over the wire has none left in it. */
export function plain(text: string): string {
  return text.split('\n').map(plainLine).join('\n')
}

/** @returns text for Markdown, as code: nothing in it renders, not even a link. */
export function code(text: string): string {
  return `\`${plainLine(text).replaceAll('`', "'").replaceAll('|', '¦')}\``
}

/**
 * @returns a sentence of ours for Markdown, in which texts from elsewhere may stand: every sign that Markdown or HTML
 * acts on is escaped
 */
export function prose(text: string): string {
  return (
    plain(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
      // GitHub makes links of names, addresses and numbers even where they are escaped, but not of a digest.
      .replace(/\\#(?=\d)/g, '\\#&#8203;')
      .replace(/@(?!sha(?:256|512):)/g, '&#64;&#8203;')
      .replaceAll('@', '&#64;')
      .replaceAll('://', ':&#8203;//')
      .replace(/www\./gi, (found) => `${found.slice(0, 3)}&#8203;.`)
      .replaceAll('\n', '<br>')
  )
}

/** @returns `1 tag`, `2 tags` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** @returns bytes in the unit that reads best, or `?` where the size is not known. */
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

/** @returns the first `most` entries, and how many more there are. */
export function some(list: readonly string[], most: number): string {
  const rest = list.length - most
  return rest <= 0 ? list.join(', ') : `${list.slice(0, most).join(', ')} and ${rest} more`
}
