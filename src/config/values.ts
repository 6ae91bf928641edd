/** A value, or what is wrong with it. */
export type Parsed<T> = { readonly value: T } | { readonly wrong: string }

/** Trims ASCII white space, and no other: a BOM or a no-break space is a mistake that must be seen. */
export function trim(text: string): string {
  return text.replace(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, '')
}

/** @returns entries of a list: a line each, or commas outside `{}` and `[]`; no blanks, no lines that begin with `#`. */
export function list(text: string): string[] {
  const entries: string[] = []
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (trim(line).startsWith('#')) continue
    let depth = 0
    let entry = ''
    for (const sign of line) {
      if (sign === '{' || sign === '[') depth++
      if (sign === '}' || sign === ']') depth = Math.max(0, depth - 1)
      if (sign === ',' && depth === 0) {
        entries.push(entry)
        entry = ''
      } else entry += sign
    }
    entries.push(entry)
  }
  return entries.map(trim).filter((entry) => entry !== '')
}

/** The spellings of YAML 1.2's core schema. */
export function boolean(text: string): Parsed<boolean> {
  if (['true', 'True', 'TRUE'].includes(text)) return { value: true }
  if (['false', 'False', 'FALSE'].includes(text)) return { value: false }
  return { wrong: '`true` or `false` is accepted' }
}

/** A whole number in decimal within a range. */
export function whole(text: string, least: number, most: number): Parsed<number> {
  const value = /^(?:0|[1-9][0-9]{0,8})$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return { value }
  return { wrong: `a whole number from ${least} to ${most} is accepted` }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const LONGEST = 36_500 * 86_400_000

/** @returns milliseconds of a duration such as `500ms`, `90s`, `15m`, `36h` or `14d`. */
export function duration(text: string, zero: boolean): Parsed<number> {
  const [, digits, unit = ''] = /^(0|[1-9][0-9]{0,11})(ms|s|m|h|d)$/.exec(text) ?? []
  const value = digits === undefined ? Number.NaN : Number(digits) * (UNITS[unit] ?? Number.NaN)
  if (value > LONGEST) return { wrong: 'a duration of at most `36500d` is accepted' }
  if (Number.isNaN(value))
    return { wrong: 'a duration such as `0s`, `500ms`, `90s`, `15m`, `36h` or `14d` is accepted' }
  if (value === 0 && !zero) return { wrong: 'a duration of more than 0 is accepted' }
  return { value }
}

/** One of some words. */
export function word<T extends string>(text: string, words: readonly T[]): Parsed<T> {
  const value = words.find((each) => each === text)
  return value === undefined
    ? { wrong: `one of ${words.map((each) => `\`${each}\``).join(', ')} is accepted` }
    : { value }
}

const SHOWN = 200

/** @returns a value for a message: quoted, bounded, and without user and password of a URL. */
export function shown(value: string): string {
  const bare = withoutCredentials(value).replace(/^(\w+:\/\/)[^@]*:[^@]*$/, (whole, scheme: string) =>
    /:\d+$/.test(whole) ? whole : `${scheme}…`,
  )
  return JSON.stringify(bare.length > SHOWN ? `${bare.slice(0, SHOWN)}…` : bare)
}

/** @returns a value without what stands in front of an @ that no digest follows, as in `https://user:password@host`. */
export function withoutCredentials(value: string): string {
  return value
    .split('\n')
    .map((line) => {
      const last = line
        .replace(/@sha(?:256|512):[^,@]*/g, (found) => ' '.repeat(found.length))
        .lastIndexOf('@')
      if (last < 0) return line
      // A password may hold any sign, also a comma or a slash, so all before the last @ goes, but for the scheme.
      return `${/^[\w.+-]*:\/\//.exec(line)?.[0] ?? ''}***${line.slice(last)}`
    })
    .join('\n')
}
