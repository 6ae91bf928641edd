/** One link of a Link header (RFC 8288). */
export interface Link {
  readonly target: string
  /** Relation types in lower case; undefined if the link has none. */
  readonly rel: readonly string[] | undefined
  /** Names of the other parameters, in lower case. */
  readonly others: readonly string[]
}

/** A target without angle brackets must look like a URL. */
const BARE = /^(?:https?:\/\/[^\s<>"']+|[^\s<>"':]*[/?][^\s<>"']*)$/i
/** The start of the parameters of such a target. A `;` may also be part of the URL. */
const PARAMETERS = /;\s*(?=(?:rel|rev|title\*?|type|anchor|hreflang|media)\s*=)|;\s+|;$/i
/** A comma that ends a link: the next link or the end of the header follows it. */
const NEXT_LINK = /^,\s*(?=$|<|https?:\/\/|[/?]|,)/i
/** Like `NEXT_LINK`, for a target without brackets, which may hold commas itself. */
const NEXT_BARE = /,(?:\s+|\s*(?=$|<|https?:\/\/))/i

/**
 * Parses a Link header. Accepts some forms that RFC 8288 does not allow, if their meaning is clear: a target without angle
 * brackets (Cloudflare's serverless-registry), a value without quotes (olareg) or in single quotes.
 *
 * @returns the links, or undefined if any part of the header is not understood
 */
export function parseLinks(header: string): Link[] | undefined {
  const links: Link[] = []
  for (let rest = header.trim(); rest !== '';) {
    if (rest.startsWith(',')) {
      rest = rest.slice(1).trimStart()
      continue
    }
    const target = rest.startsWith('<') ? bracketed(rest) : bare(rest)
    if (target === undefined) return undefined
    const parameters = parseParameters(target.rest)
    if (parameters === undefined) return undefined
    links.push({ target: target.text, rel: parameters.rel, others: parameters.others })
    rest = parameters.rest
  }
  return links
}

interface Target {
  readonly text: string
  readonly rest: string
}

function bracketed(text: string): Target | undefined {
  const end = text.indexOf('>')
  const target = text.slice(1, end)
  if (end < 0 || target.includes('<')) return undefined
  return { text: target.trim(), rest: text.slice(end + 1).trimStart() }
}

function bare(text: string): Target | undefined {
  const comma = text.search(NEXT_BARE)
  const parameter = text.search(PARAMETERS)
  const ends = [comma, parameter].filter((at) => at >= 0)
  const end = ends.length === 0 ? text.length : Math.min(...ends)
  const target = text.slice(0, end).trim()
  return BARE.test(target) ? { text: target, rest: text.slice(end) } : undefined
}

interface Parameters {
  readonly rel: readonly string[] | undefined
  readonly others: readonly string[]
  readonly rest: string
}

const PARAMETER = /^;\s*(?:([\w!#$&+.^`|~-]+\*?)\s*(?:=\s*("[^"]*"|'[^']*'|[^\s"',;<>]*)\s*)?)?/

/** @returns the parameters up to the next link, or undefined if they are not understood */
function parseParameters(text: string): Parameters | undefined {
  let rel: readonly string[] | undefined
  const others: string[] = []
  let rest = text
  while (rest.startsWith(';')) {
    const [whole = '', name = '', value = ''] = PARAMETER.exec(rest) ?? []
    rest = rest.slice(whole.length)
    if (name.toLowerCase() !== 'rel') {
      if (name !== '') others.push(name.toLowerCase())
      continue
    }
    const relations = value
      .replace(/^["']|["']$/g, '')
      .toLowerCase()
      .split(/\s+/)
      .filter((each) => each !== '')
    // RFC 8288, 3.3: a second `rel` is ignored. If only the second one is `next`, the header contradicts itself.
    if (rel !== undefined && relations.includes('next') && !rel.includes('next')) return undefined
    rel ??= relations
  }
  if (rest === '') return { rel, others, rest }
  const end = NEXT_LINK.exec(rest)
  return end === null ? undefined : { rel, others, rest: rest.slice(end[0].length) }
}
