import type { Parsed } from '../../oci/parsed.js'

/** Trims only ASCII white space: a BOM or a no-break space is a mistake that the user must see. */
export function trim(text: string): string {
  return text.replace(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, '')
}

/**
 * Splits a list at line breaks, and at commas outside `{}` and `[]`. Empty entries and lines that begin with `#` are
 * left out.
 */
export function splitList(text: string): string[] {
  const entries: string[] = []
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (trim(line).startsWith('#')) continue
    let depth = 0
    let entry = ''
    for (const character of line) {
      if (character === '{' || character === '[') depth++
      if (character === '}' || character === ']') depth = Math.max(0, depth - 1)
      if (character === ',' && depth === 0) {
        entries.push(entry)
        entry = ''
      } else entry += character
    }
    entries.push(entry)
  }
  return entries.map(trim).filter((entry) => entry !== '')
}

/** Parses a boolean in the spellings of YAML 1.2's core schema. */
export function parseBoolean(text: string): Parsed<boolean> {
  if (['true', 'True', 'TRUE'].includes(text)) return { value: true }
  if (['false', 'False', 'FALSE'].includes(text)) return { value: false }
  return { wrong: 'write `true` or `false`' }
}

/** Parses a whole decimal number from `least` to `most`. */
export function parseInteger(text: string, least: number, most: number): Parsed<number> {
  const value = /^(?:0|[1-9][0-9]{0,8})$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return { value }
  return { wrong: `write a whole number from ${least} to ${most}` }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const LONGEST = 36_500 * 86_400_000

/**
 * Parses a duration such as `500ms`, `90s`, `15m`, `36h` or `14d`.
 *
 * @param zero whether 0 is accepted
 * @returns milliseconds
 */
export function parseDuration(text: string, zero: boolean): Parsed<number> {
  const [, digits, unit = ''] = /^(0|[1-9][0-9]{0,11})(ms|s|m|h|d)$/.exec(text) ?? []
  const value = digits === undefined ? Number.NaN : Number(digits) * (UNITS[unit] ?? Number.NaN)
  if (value > LONGEST) return { wrong: 'write a duration of at most `36500d`' }
  if (Number.isNaN(value))
    return { wrong: 'write a duration such as `0s`, `500ms`, `90s`, `15m`, `36h` or `14d`' }
  if (value === 0 && !zero) return { wrong: 'write a duration of more than 0' }
  return { value }
}

/** Parses one of several words. */
export function parseChoice<T extends string>(text: string, choices: readonly T[]): Parsed<T> {
  const value = choices.find((each) => each === text)
  return value === undefined
    ? { wrong: `write one of ${choices.map((each) => `\`${each}\``).join(', ')}` }
    : { value }
}

/** Characters of a value that a message quotes, at most. */
const LENGTH = 200

/** @returns a value for a message: quoted, cut to a bounded length, and without the user and password of a URL */
export function quoted(value: string): string {
  const bare = withoutCredentials(value).replace(/^(\w+:\/\/)[^@]*:[^@]*$/, (whole, scheme: string) =>
    /:\d+$/.test(whole) ? whole : `${scheme}…`,
  )
  return JSON.stringify(bare.length > LENGTH ? `${bare.slice(0, LENGTH)}…` : bare)
}

/**
 * Masks credentials as in `https://user:password@host`: on each line, all text before the last `@`, except an `@` before
 * a digest.
 */
export function withoutCredentials(value: string): string {
  return value
    .split('\n')
    .map((line) => {
      const last = line
        .replace(/@sha(?:256|512):[^,@]*/g, (found) => ' '.repeat(found.length))
        .lastIndexOf('@')
      if (last < 0) return line
      // A password may hold any character, even a comma or a slash, so only the scheme is kept.
      return `${/^[\w.+-]*:\/\//.exec(line)?.[0] ?? ''}***${line.slice(last)}`
    })
    .join('\n')
}
