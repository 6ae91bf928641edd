export interface ParsedCommand {
  /** In lower case: the runner takes names in any. */
  readonly name: string
  /** Keys in lower case, for the same reason. */
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
  /** 1: `##[name k=v;k=v]message`, anywhere in a line. 2: `::name k=v,k=v::message`, at its start. */
  readonly version: 1 | 2
}

/** What the runner's platform calls white space. Not the same as JavaScript: U+0085 is in, U+FEFF is not. */
const SPACE = '[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const LEADING_SPACE = new RegExp(`^${SPACE}+`)
const OUTER_SPACE = new RegExp(`^${SPACE}+|${SPACE}+$`, 'g')

/** The escapes in the order in which the runner undoes them: the percent sign last, so that `%250A` stays `%0A`. */
const MESSAGE = { '%0D': '\r', '%0A': '\n', '%25': '%' }
const PROPERTY = { '%0D': '\r', '%0A': '\n', '%3A': ':', '%2C': ',', '%25': '%' }
const VERSION_1 = { '%3B': ';', '%0D': '\r', '%0A': '\n', '%5D': ']', '%25': '%' }

/** The command in a line, if there is one with a registered name. Characters are compared one by one. */
export function parseCommand(line: string, registered: ReadonlySet<string>): ParsedCommand | undefined {
  return parseVersion2(line, registered) ?? parseVersion1(line, registered)
}

function parseVersion2(line: string, registered: ReadonlySet<string>): ParsedCommand | undefined {
  const text = line.replace(LEADING_SPACE, '')
  if (!text.startsWith('::')) return undefined
  const end = text.indexOf('::', 2)
  if (end < 0) return undefined
  const { name, rest } = head(text.slice(2, end))
  if (!registered.has(name)) return undefined
  const properties = readProperties(rest.replace(OUTER_SPACE, ''), ',', PROPERTY)
  return { name, properties, message: unescaped(text.slice(end + 2), MESSAGE), version: 2 }
}

function parseVersion1(line: string, registered: ReadonlySet<string>): ParsedCommand | undefined {
  // Only the first opening counts: an unknown name in it makes the whole line text.
  const start = line.indexOf('##[')
  const end = start < 0 ? -1 : line.indexOf(']', start)
  if (end < 0) return undefined
  const { name, rest } = head(line.slice(start + 3, end))
  if (!registered.has(name)) return undefined
  const properties = readProperties(rest, ';', VERSION_1)
  return { name, properties, message: unescaped(line.slice(end + 1), VERSION_1), version: 1 }
}

function head(info: string): { name: string; rest: string } {
  const space = info.indexOf(' ')
  const name = space < 0 ? info : info.slice(0, space)
  return { name: lower(name), rest: space < 0 ? '' : info.slice(space + 1) }
}

/** Entries without a key or without a value are passed over; equal signs around the first one count once. */
function readProperties(
  text: string,
  separator: string,
  escapes: Readonly<Record<string, string>>,
): Record<string, string> {
  const properties = Object.create(null) as Record<string, string>
  for (const entry of text.split(separator)) {
    const [, key, value] = /^=*([^=]+)=+([^=][\s\S]*)$/.exec(entry) ?? []
    if (key !== undefined && value !== undefined) properties[lower(key)] = unescaped(value, escapes)
  }
  return properties
}

function unescaped(text: string, escapes: Readonly<Record<string, string>>): string {
  return Object.entries(escapes).reduce(
    (done, [escape, character]) => done.replaceAll(escape, character),
    text,
  )
}

/** ASCII only: no foreign letter becomes part of a command's name. */
export const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
