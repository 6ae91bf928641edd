import { isWrong, type Wrong } from '../../oci/parsed.js'
import { parseLinks, type Link } from './link.js'

/** Characters. No registry needs a longer link, and a relative link could grow with each page. */
const LONGEST = 8 << 10

/** Relations in IANA's registry that clearly do not point to the next page. */
const NOT_NEXT = new Set(
  `about alternate appendix author bookmark canonical chapter collection contents copyright current describedby
  describes dns-prefetch edit edit-media enclosure first glossary help hub icon index item last latest-version license
  manifest modulepreload nofollow noopener noreferrer payment pingback preconnect prefetch preload prev previous
  privacy-policy profile related search section self service service-desc service-doc service-meta start stylesheet tag
  terms-of-service top type up version-history via`.split(/\s+/),
)

/**
 * Reads the `next` target of a Link header (RFC 8288). If all relations are known not to be the next page, there is none.
 * A single link without a relation points to the next page.
 *
 * @param header the value; Node joins several headers by commas
 * @param from the URL of the page that carried the header
 * @returns the URL of the next page, undefined if there is none, or why it is not followed: the header is not understood
 *   and may point to a next page, or the link leads to another origin, which is not the registry
 */
export function nextPage(header: string | undefined, from: URL): URL | Wrong | undefined {
  if (header === undefined || header.trim() === '') return undefined
  const links = parseLinks(header)
  if (links === undefined) return { wrong: 'its Link header is not understood, and may point to a next page' }
  const next = nextOf(links, from)
  if (next === undefined || isWrong(next)) return next
  let url: URL
  try {
    url = new URL(next.target, from)
  } catch {
    return { wrong: 'the link to the next page is not a URL' }
  }
  if (url.href.length > LONGEST) return { wrong: 'the link to the next page is too long' }
  if (lacksPort(next.target, url, from)) url.port = from.port
  if (url.origin !== from.origin) return { wrong: 'the link to the next page leads to another origin' }
  url.username = ''
  url.password = ''
  url.hash = ''
  return url
}

/** @returns the link to the next page, undefined if there certainly is none, or why that is uncertain */
function nextOf(links: readonly Link[], from: URL): Link | Wrong | undefined {
  const [next, ...more] = links.filter(({ rel }) => rel?.includes('next') === true)
  if (next !== undefined) {
    if (more.some(({ target }) => target !== next.target))
      return { wrong: 'it has several links to a next page' }
    if (next.others.includes('anchor')) return { wrong: 'its link to a next page belongs to something else' }
    return next
  }
  const [only] = links
  if (links.length === 1 && only !== undefined && only.rel === undefined && only.others.length === 0)
    return only
  const plain = links.every(
    ({ rel }) => rel !== undefined && rel.length > 0 && rel.every((each) => NOT_NEXT.has(each)),
  )
  if (!plain) return { wrong: 'its Link header has an unknown relation, and may point to a next page' }
  const last = links.find(({ rel }) => rel?.includes('last') === true)
  const elsewhere =
    last !== undefined &&
    (!URL.canParse(last.target, from.href) || new URL(last.target, from).href !== from.href)
  return elsewhere
    ? { wrong: 'it links to a last page that is not this one, and to no next page' }
    : undefined
}

/**
 * @returns whether the target differs from the page only by the missing port and the query. Cloudflare's
 *   serverless-registry leaves the port out of the links of its catalog. This is safe: the scheme, host and path are those
 *   of the registry, and the request goes to the registry's own origin
 */
function lacksPort(target: string, url: URL, from: URL): boolean {
  return (
    from.port !== '' &&
    url.protocol === from.protocol &&
    url.hostname === from.hostname &&
    url.pathname === from.pathname &&
    /^https?:\/\/(?:\[[^\]]*\]|[^/?#:@]*)(?:[/?#]|$)/i.test(target)
  )
}
