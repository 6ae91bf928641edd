import { isForbidden } from './address.js'
import { WireError } from './errors.js'
import type { Request, Send } from './send.js'

const FOLLOWED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const MOST = 5
/** What changes something is never sent on to where an answer points. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/**
 * Follows redirects of reads by hand: at most five, never from https to http, never to an address of the link or the
 * machine's metadata service. Credentials are added below this decorator, by origin; those that a request came with
 * stay behind where it leaves its origin.
 *
 * @param send what to decorate
 * @param secret is told of the link, which may be signed
 */
export function following(send: Send, secret: (link: URL, asked: URL) => void = () => undefined): Send {
  return async (request) => {
    let current: Request = request
    for (let hops = 0; ; hops++) {
      const response = await send(current)
      const location = response.headers.get('location')
      if (location !== undefined && URL.canParse(location, current.url.href))
        secret(new URL(location, current.url), request.url)
      if (!READS.has(request.method) || !FOLLOWED.has(response.status) || location === undefined)
        return { ...response, redirected: hops > 0 && place(current.url) !== place(request.url) }
      if (hops === MOST) throw new WireError(request, 'network', `more than ${MOST} redirects`)
      const url = target(request, current.url, location)
      const { quoting } = response
      // As it came: a URL has its host in small letters. Its query is never named.
      const hidden = (): boolean => quoting?.word(location.replace(/[?#][^]*$/, '')) === undefined
      const next = quoting === undefined ? { ...current } : { ...current, hidden }
      current = url.origin === current.url.origin ? { ...next, url } : abroad(next, url)
    }
  }
}

/** Somewhere else nobody is told who asks. */
function abroad(request: Request, url: URL): Request {
  const { authorization: _, ...headers } = request.headers
  return { ...request, url, headers, identified: false }
}

/** A slash put right leads to the same thing; another path or origin leads to storage behind the registry. */
function place(url: URL): string {
  return url.origin + url.pathname.replace(/\/$/, '')
}

function target(request: Request, from: URL, location: string): URL {
  let url: URL
  try {
    url = new URL(location, from)
  } catch {
    throw new WireError(request, 'network', 'a redirect to what is no URL')
  }
  const plain = url.protocol === 'http:'
  if (url.protocol !== 'https:' && !plain)
    throw new WireError(request, 'forbidden-address', 'what is neither https nor http')
  if (plain && from.protocol === 'https:')
    throw new WireError(request, 'forbidden-address', 'plain http after https')
  if (isForbidden(url.hostname))
    throw new WireError(request, 'forbidden-address', 'a link-local or metadata address')
  url.username = ''
  url.password = ''
  return url
}
