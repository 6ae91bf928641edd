import type { Response } from '../send.js'
import type { LinkFlaw } from './flaw.js'
import { nextPage } from './page.js'

/** Properties of a list, and headers, that announce further entries. */
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
 * Finds the next page of a list by the Link header. Without a link, the list is incomplete if it announces further
 * entries in another way: `next`, `has_more` or `truncated` in the body, or a header such as `X-Next-Page`.
 *
 * @param response the page
 * @param body its parsed body
 * @param from the page's URL
 * @param named number of names on this page and all earlier ones
 * @returns the URL of the next page, undefined after the last page, or why the next page cannot be found
 */
export function continuationOf(
  response: Response,
  body: unknown,
  from: URL,
  named: number,
): URL | LinkFlaw | undefined {
  const next = nextPage(response.headers.get('link'), from)
  if (next !== undefined) return next
  const sign = moreIn(body, named, true) ?? moreInHeaders(response, named)
  return sign === undefined ? undefined : { is: 'no-link', sign: sign.slice(0, 40) }
}

/** @returns the name of the header that announces further entries */
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

/** @returns the property that announces further entries. Only known names: no other text of the registry is shown */
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
