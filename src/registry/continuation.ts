import { nextPage } from './page.js'
import type { Response } from './send.js'

/** Properties of a list, and headers, by which registries and proxies say that there is more. */
const MORE_PROPERTY =
  /^(?:next\w*|continu\w*|\w*cursor|has(?:more|next\w*|additional)|more|\w*truncated|incomplete)$/
const MORE_HEADER = /(?:^|-)(?:next|continuation|has-?more|more)(?:-|$)/
/** Properties and headers in which a list says how many names it has in all. */
const TOTAL_PROPERTY = /^(?:total|totalcount|totalitems|totalresults|totalelements|count|numfound)$/
const TOTAL_HEADER = /^(?:x-)?(?:total|total-count|total-items|total-results|pagination-total(?:-count)?)$/
/** A property that says that this page is not the last. */
const LAST_PROPERTY = /^(?:is)?last(?:page)?$/
/** Objects in which such properties stand. */
const WRAPPER = /^_?(?:links|meta|metadata|paging|pagination|page|pageinfo)$/

/**
 * Tells how a list goes on after a page: by its Link header. A list that plainly says in another way that there is more
 * (`next`, `has_more`, `truncated` in the body, a header such as `X-Next-Page`) and has no link is not whole.
 *
 * @param response the page
 * @param body its parsed body
 * @param from the page's URL
 * @param named how many names this page and those before it have
 * @returns the next page, undefined at the end, or why the list cannot be followed, words that follow its name
 */
export function continuationOf(
  response: Response,
  body: unknown,
  from: URL,
  named: number,
): URL | string | undefined {
  const next = nextPage(response.headers.get('link'), from)
  if (next !== undefined) return next
  const property = moreIn(body, named, true)
  if (property !== undefined) return `it says that there is more (${property}), and not where`
  for (const name of response.headers.keys())
    if (MORE_HEADER.test(name) && !isNothing(response.headers.get(name)?.trim()))
      return `it says that there is more (${name.slice(0, 40)}), and not where`
  return sumsUp(response, named)
}

/** @returns why the headers say that the list has more names than came */
function sumsUp({ headers }: Response, named: number): string | undefined {
  for (const name of headers.keys()) {
    const value = headers.get(name)?.trim() ?? ''
    const total = TOTAL_HEADER.test(name)
      ? value
      : name === 'content-range'
        ? /\/(\d+)$/.exec(value)?.[1]
        : undefined
    const pages = name === 'x-total-pages' && Number(value) > 1
    const paging = name === 'x-pagination' && moreIn(parsed(value), named, true) !== undefined
    if (pages || paging || (total !== undefined && Number(total) > named))
      return `it says that there is more (${name.slice(0, 40)}), and not where`
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

/** @returns the property that says that there is more. Its name is the registry's word, so it is matched, never free text. */
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

/** `{"rel": "next", …}`, as some write links into the body. */
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
