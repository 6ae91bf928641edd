import { nextPage } from './page.js'
import type { Response } from './send.js'

/** Properties of a list, and headers, by which registries and proxies say that there is more. */
const MORE_PROPERTY =
  /^(?:next\w*|continu\w*|\w*cursor|has(?:more|next\w*|additional)|more|\w*truncated|incomplete)$/
const MORE_HEADER = /(?:^|-)(?:next|continuation)(?:-|$)/
/** Objects in which such properties stand. */
const WRAPPER = /^_?(?:links|meta|metadata|paging|pagination|page|pageinfo)$/

/**
 * Tells how a list goes on after a page: by its Link header. A list that plainly says in another way that there is more
 * (`next`, `has_more`, `truncated` in the body, a header such as `X-Next-Page`) and has no link is not whole.
 *
 * @param response the page
 * @param body its parsed body
 * @param from the page's URL
 * @returns the next page, undefined at the end, or why the list cannot be followed, words that follow its name
 */
export function continuationOf(response: Response, body: unknown, from: URL): URL | string | undefined {
  const next = nextPage(response.headers.get('link'), from)
  if (next !== undefined) return next
  const property = moreIn(body, true)
  if (property !== undefined) return `it says that there is more (${property}), and not where`
  for (const name of response.headers.keys())
    if (MORE_HEADER.test(name) && !isNothing(response.headers.get(name)?.trim()))
      return `it says that there is more (${name.slice(0, 40)}), and not where`
  return undefined
}

/** @returns the property that says that there is more. Its name is the registry's word, so it is matched, never free text. */
function moreIn(body: unknown, deeper: boolean): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  for (const [name, value] of Object.entries(body)) {
    const plain = name.toLowerCase().replace(/[^a-z]/g, '')
    if (MORE_PROPERTY.test(plain) && plain.length <= 40 && !isNothing(value)) return plain
    const inside = deeper && WRAPPER.test(plain) ? moreIn(value, false) : undefined
    if (inside !== undefined) return inside
  }
  return undefined
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0) return true
  if (typeof value === 'string')
    return ['', '0', 'false', 'null', 'none'].includes(value.trim().toLowerCase())
  return typeof value === 'object' && Object.keys(value).length === 0
}
