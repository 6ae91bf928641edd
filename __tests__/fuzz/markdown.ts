import { unseenIn } from './unseen.js'

/** The one link of ours, and the two phrases in bold. */
const LINK = /^\[run\]\(https:\/\/github\.com\/[\w./-]+\)/
const BOLD = /^\*\*\d+ digests? (?:of the image STILL SERVED|EXPOSED)\*\*/
/** An escape that stands for one sign, and for none that Markdown or HTML acts on once more. */
const ENTITY = /^&(?:amp|lt|gt|quot|#\d{1,7});/
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }
const PUNCTUATION = /^[!-/:-@[-`{-~]$/
/** Signs that act on nobody by themselves. */
const PLAIN = /^[^\\`&<[\]*_~#|]+/
/** What would begin a block of its own at the start of a line or of an entry. */
const BLOCK = /^(?:[ \t]|[-+*>=~#|[]|\d{1,9}[.)](?:\s|$)|`{3})/
/** Links that GitHub makes of plain text, and what it makes of names and numbers even where they are escaped. */
const AUTOMATIC: readonly (readonly [RegExp, string])[] = [
  [/(?:https?|ftp):\/\//i, 'an address'],
  [/www\./i, 'an address'],
  [/[\w.+-]@[\w-]+\.\w/, 'an address of mail'],
  [/(?:^|\W)@[a-z0-9]/i, 'a mention'],
  [/(?:^|[^\w&])#\d/, 'a reference to an issue'],
]

/**
 * What a page makes of a job summary beyond the headings, tables, lists and code that this action means to write. It
 * knows only the few forms in which a summary is written, and takes whatever else acts on a reader for somebody else's.
 */
export function rendered(markdown: string): string[] {
  const found = unseenIn(markdown).map((line) => `something unseen: ${line}`)
  let columns: number | undefined
  for (const line of markdown.split('\n')) {
    const report = (what: string): void => void found.push(`${what}: ${JSON.stringify(line.slice(0, 500))}`)
    if (!line.startsWith('|')) columns = undefined
    if (line === '' || /^\|(?: --- \|)+$/.test(line)) continue
    const parts = line.startsWith('|') ? cellsOf(line) : [contentOf(line)]
    if (line.startsWith('|') && parts.length !== (columns ??= parts.length)) report('another number of cells')
    if (!line.startsWith('|') && BLOCK.test(parts[0] ?? '') && !BOLD.test(parts[0] ?? '')) report('a block')
    for (const part of parts) for (const what of acting(part)) report(what)
  }
  return found
}

function contentOf(line: string): string {
  return line.replace(/^(?:#{2,3} |- |\d+\. )/, '')
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\| | \|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())
}

/** What acts in one line, read as Markdown reads it: code first, then escapes, then all the rest. */
function acting(text: string): string[] {
  const found: string[] = []
  let visible = ''
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at)
    const sign = rest[0] as string
    const word = PLAIN.exec(rest)?.[0]
    if (word !== undefined) {
      visible += word
      at += word.length
      continue
    }
    const length = taken(rest)
    if (sign === '`' && length === undefined) found.push('a backtick that ends nowhere')
    // What stands in code acts on nobody, and is no neighbour of what stands beside it.
    if (sign === '`') visible += '\0'
    else if (sign === '\\' && length === 2) visible += rest[1]
    else if (sign === '&' && length !== undefined) visible += decoded(rest.slice(1, length - 1))
    else if (length === undefined && '\\&<[]*_~#|'.includes(sign)) found.push(`a bare ${sign}`)
    else if (length === undefined) visible += sign
    else visible += ' '
    at += length ?? 1
  }
  for (const [pattern, what] of AUTOMATIC) if (pattern.test(visible)) found.push(what)
  return found
}

/** The length of what stands at the start and may stand there: code, an escape, a thing of ours. */
function taken(rest: string): number | undefined {
  if (rest.startsWith('`')) {
    const fence = /^`+/.exec(rest)?.[0] ?? ''
    const end = [...rest.matchAll(/`+/g)].slice(1).find(([run]) => run.length === fence.length)
    return end === undefined ? undefined : end.index + fence.length
  }
  if (rest.startsWith('\\')) return PUNCTUATION.test(rest[1] ?? '') ? 2 : undefined
  return [ENTITY, LINK, BOLD, /^<br>/].map((form) => form.exec(rest)?.[0].length).find((length) => length)
}

function decoded(entity: string): string {
  return entity.startsWith('#') ? String.fromCodePoint(Number(entity.slice(1))) : (NAMED[entity] ?? '')
}
