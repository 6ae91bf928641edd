import type { Response } from '../send.js'
import type { Wrong } from '../../oci/parsed.js'
import { nextPage } from './page.js'

/** Properties of a list and headers that say that there is more. */
const MORE_PROPERTY =
  /^(?:next\w*|continu\w*|\w*cursor|has(?:more|next\w*|additional)|more|\w*truncated|incomplete)$/
const MORE_HEADER = /(?:^|-)(?:next|continuation|has-?more|more)(?:-|$)/
/** Properties and headers that hold the total number of names. */
const TOTAL_PROPERTY = /^(?:total|totalcount|totalitems|totalresults|totalelements|count|numfound)$/
const TOTAL_HEADER = /^(?:x-)?(?:total|total-count|total-items|total-results|pagination-total(?:-count)?)$/
/** Properties that say whether this page is the last. */
const LAST_PROPERTY = /^(?:is)?last(?:page)?$/
/** Objects that hold such properties. */
const WRAPPER = /^_?(?:links|meta|metadata|paging|pagination|page|pageinfo)$/

/**
 * Finds the page of a list that comes after this one, by its Link header. A list without a link is incomplete if it says
 * in another way that there is more: `next`, `has_more` or `truncated` in the body, a header such as `X-Next-Page`.
 *
 * @param response the page
 * @param body its parsed body
 * @param from the page's URL
 * @param named how many names this page and earlier ones have
 * @returns the next page, undefined at the end, or why the list cannot be followed
 */
export function continuationOf(
  response: Response,
  body: unknown,
  from: URL,
  named: number,
): URL | Wrong | undefined {
  const next = nextPage(response.headers.get('link'), from)
  if (next !== undefined) return next
  const sign = moreIn(body, named, true) ?? moreInHeaders(response, named)
  return sign === undefined
    ? undefined
    : { wrong: `it says that there is more (${sign.slice(0, 40)}), and not where` }
}

/** @returns the header that says that there is more */
function moreInHeaders({ headers }: Response, named: number): string | undefined {
  for (const name of headers.keys())
    if (MORE_HEADER.test(name) && !isNothing(headers.get(name)?.trim())) return name
  for (const name of headers.keys()) {
    const value = headers.get(name)?.trim() ?? ''
    const total = TOTAL_HEADER.test(name)
      ? value
      : name === 'content-range'
        ? /\/(\d+)$/.exec(value)?.[1]
        : undefined
    const pages = name === 'x-total-pages' && Number(value) > 1
    const paging = name === 'x-pagination' && moreIn(parsed(value), named, true) !== undefined
    if (pages || paging || (total !== undefined && Number(total) > named)) return name
  }
  return undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @returns the property that says that there is more. Only known names: other text of the registry is never shown. */
function moreIn(body: unknown, named: number, deeper: boolean): string | undefined {
  if (Array.isArray(body)) return body.some(isNextLink) ? 'links' : undefined
  if (typeof body !== 'object' || body === null) return undefined
  for (const [name, value] of Object.entries(body)) {
    const plain = name.toLowerCase().replace(/[^a-z]/g, '')
    if (TOTAL_PROPERTY.test(plain) && Number(value) > named) return plain
    if (LAST_PROPERTY.test(plain) && value === false) return plain
    if (MORE_PROPERTY.test(plain) && plain.length <= 40 && !isNothing(value)) return plain
    const inside = deeper && WRAPPER.test(plain) ? moreIn(value, named, false) : undefined
    if (inside !== undefined) return inside
  }
  return undefined
}

/** `{"rel": "next", …}`: some registries write links into the body. */
function isNextLink(each: unknown): boolean {
  const rel: unknown = (each as { rel?: unknown } | null)?.rel
  return typeof rel === 'string' && rel.toLowerCase().split(/\s+/).includes('next')
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0) return true
  if (typeof value === 'string')
    return ['', '0', 'false', 'null', 'none'].includes(value.trim().toLowerCase())
  return typeof value === 'object' && Object.keys(value).length === 0
}
