import { parseLinks, type Link } from './link.js'

/** Characters: no registry needs as many, and a relative link could grow with each page. */
const LONGEST = 8 << 10

/** Relations of IANA's list that plainly lead to something other than the next page. */
const NOT_NEXT = new Set(
  `about alternate appendix author bookmark canonical chapter collection contents copyright current describedby
  describes dns-prefetch edit edit-media enclosure first glossary help hub icon index item last latest-version license
  manifest modulepreload nofollow noopener noreferrer payment pingback preconnect prefetch preload prev previous
  privacy-policy profile related search section self service service-desc service-doc service-meta start stylesheet tag
  terms-of-service top type up version-history via`.split(/\s+/),
)

/**
 * Reads the `next` target of a Link header (RFC 8288) in every form whose meaning is plain. A header with nothing but
 * other relations means that there is no next page; a single link without any relation means the next page.
 *
 * @param header the header's value; Node joins several headers by commas
 * @param from the URL of the page that carried it
 * @returns the URL of the next page, undefined if there is none, or a sentence that says why it is not followed: the
 *   header is not understood and may mean more, or the link leads to another origin, which would carry the listing, and
 *   trust in it, away
 */
export function nextPage(header: string | undefined, from: URL): URL | string | undefined {
  if (header === undefined || header.trim() === '') return undefined
  const links = parseLinks(header)
  if (links === undefined) return 'its Link header is not understood, and may lead to more'
  const next = nextOf(links, from)
  if (next === undefined || typeof next === 'string') return next
  let url: URL
  try {
    url = new URL(next.target, from)
  } catch {
    return 'the link to the next page is no URL'
  }
  if (url.href.length > LONGEST) return 'the link to the next page is too long'
  if (lacksPort(next.target, url, from)) url.port = from.port
  if (url.origin !== from.origin) return 'the link to the next page leads to another origin'
  url.username = ''
  url.password = ''
  url.hash = ''
  return url
}

/** @returns the link to the next page, undefined if there is plainly none, or why that cannot be told */
function nextOf(links: readonly Link[], from: URL): Link | string | undefined {
  const [next, ...more] = links.filter(({ rel }) => rel?.includes('next') === true)
  if (next !== undefined) {
    if (more.some(({ target }) => target !== next.target)) return 'it has several links to a next page'
    if (next.others.includes('anchor')) return 'its link to a next page belongs to something else'
    return next
  }
  const [only] = links
  if (links.length === 1 && only !== undefined && only.rel === undefined && only.others.length === 0)
    return only
  const plain = links.every(
    ({ rel }) => rel !== undefined && rel.length > 0 && rel.every((each) => NOT_NEXT.has(each)),
  )
  if (!plain) return 'its Link header has a relation that is not known, and may lead to more'
  const last = links.find(({ rel }) => rel?.includes('last') === true)
  const elsewhere =
    last !== undefined &&
    (!URL.canParse(last.target, from.href) || new URL(last.target, from).href !== from.href)
  return elsewhere ? 'it names a last page that is another one, and no next page' : undefined
}

/**
 * Cloudflare's serverless-registry leaves its port out of the links of its catalog. The same host, path and scheme with
 * no port at all can only mean the registry, and what is followed is the registry's own origin anyway.
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
