import type { LinkFlaw } from './flaw.js'
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

/** The target of a link. */
interface Target {
  /** As it stands in the header. */
  readonly written: string
  readonly url: URL
}

/**
 * Reads the `next` target of a Link header (RFC 8288). If all relations are known not to be the next page, there is none.
 * A single link without a relation points to the next page.
 *
 * @param header the value; Node joins several headers by commas
 * @param from the URL of the page that carried the header
 * @returns the URL of the next page, undefined if there is none, or why it is not followed: the header is not understood
 *   and may point to a next page, or the link leads to another origin, which is not the registry
 */
export function nextPage(header: string | undefined, from: URL): URL | LinkFlaw | undefined {
  const target = nextTarget(header, from)
  if (target === undefined || 'is' in target) return target
  const { written, url } = target
  if (lacksPort(written, url, from)) url.port = from.port
  if (url.origin !== from.origin) return elsewhere(url, from)
  url.username = ''
  url.password = ''
  url.hash = ''
  return url
}

/** Like `nextPage`, but the target may lead anywhere. The caller must not send a request to it. */
export function nextTarget(header: string | undefined, from: URL): Target | LinkFlaw | undefined {
  if (header === undefined || header.trim() === '') return undefined
  const links = parseLinks(header)
  if (links === undefined) return { is: 'not-understood' }
  const next = nextOf(links, from)
  if (next === undefined || 'is' in next) return next
  if (!URL.canParse(next.target, from.href)) return { is: 'not-a-url' }
  const url = new URL(next.target, from)
  return url.href.length > LONGEST ? { is: 'too-long' } : { written: next.target, url }
}

/** @returns the link to the next page, undefined if there certainly is none, or why that is uncertain */
function nextOf(links: readonly Link[], from: URL): Link | LinkFlaw | undefined {
  const [next, ...more] = links.filter(({ rel }) => rel?.includes('next') === true)
  if (next !== undefined) {
    if (more.some(({ target }) => target !== next.target)) return { is: 'several-links' }
    return next.others.includes('anchor') ? { is: 'of-something-else' } : next
  }
  const [only] = links
  if (links.length === 1 && only !== undefined && only.rel === undefined && only.others.length === 0)
    return only
  const plain = links.every(
    ({ rel }) => rel !== undefined && rel.length > 0 && rel.every((each) => NOT_NEXT.has(each)),
  )
  if (!plain) return { is: 'unknown-relation' }
  const last = links.find(({ rel }) => rel?.includes('last') === true)
  const isElsewhere =
    last !== undefined &&
    (!URL.canParse(last.target, from.href) || new URL(last.target, from).href !== from.href)
  return isElsewhere ? { is: 'last-page-elsewhere' } : undefined
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

/**
 * @returns how a target of another origin differs. The same host with another scheme or port is not another registry, but
 *   one that does not know its own address. It is not followed either: nothing shows what listens there
 */
function elsewhere(url: URL, from: URL): LinkFlaw {
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
  if (!isWeb || url.hostname !== from.hostname) return { is: 'other-host' }
  if (url.protocol === from.protocol) return { is: 'other-port', host: from.host }
  return {
    is: 'other-scheme',
    link: url.protocol === 'http:' ? 'http' : 'https',
    hostname: from.hostname,
  }
}
