import { isForbidden } from '../transport/address.js'
import { shownUrl, WireError } from '../errors.js'
import type { Request, Response, Send } from '../send.js'

const FOLLOWED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const MOST = 5
/** Writes are never redirected. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/**
 * Follows redirects of reads: at most five, never from https to http, never to a link-local address or a machine's
 * metadata service. Removes the credentials from a request to another origin. The decorators below this one add
 * credentials again, but only for the registry's own origin.
 *
 * A redirect of any request to the same place over the other scheme is a failure that names the setting: over https the
 * request would carry no credentials, and a DELETE would not be sent at all.
 *
 * @param secret called with the link of each redirect, which may be signed, and the URL of the original request
 */
export function following(send: Send, secret: (link: URL, requested: URL) => void = () => undefined): Send {
  return async (request) => {
    let current: Request = request
    for (let hops = 0; ; hops++) {
      const response = await send(current)
      const location = response.headers.get('location')
      if (location !== undefined && URL.canParse(location, current.url.href))
        secret(new URL(location, current.url), request.url)
      if (current.url.origin === request.url.origin) refuseOtherScheme(current, response)
      if (!READS.has(request.method) || !FOLLOWED.has(response.status) || location === undefined)
        return { ...response, redirected: hops > 0 && place(current.url) !== place(request.url) }
      if (hops === MOST) throw new WireError(request, 'network', `more than ${MOST} redirects`)
      const url = target(request, current.url, location)
      const { quoting } = response
      // Check the text as it was received: `URL` changes the host to lower case. The query is never shown.
      const hidden = (): boolean => quoting?.word(location.replace(/[?#][^]*$/, '')) === undefined
      const next = quoting === undefined ? { ...current } : { ...current, hidden }
      current = url.origin === current.url.origin ? { ...next, url } : withoutCredentials(next, url)
    }
  }
}

/**
 * A TLS proxy in front of a registry, or a registry that does not know of it, sends requests on to the same host and path
 * with the other scheme, or to the root of that host. A redirect to storage has another path.
 *
 * @throws WireError for such a redirect, and for the address of an upload that leads from https to http
 */
function refuseOtherScheme(request: Request, { status, headers }: Response): void {
  const location = headers.get('location')
  const isUpload = request.method === 'POST' && status === 202
  if (location === undefined || !(FOLLOWED.has(status) || isUpload)) return
  const from = request.url
  if (!URL.canParse(location, from.href)) return
  const to = new URL(location, from)
  if (to.hostname !== from.hostname || to.protocol === from.protocol) return
  const isSamePlace =
    to.pathname === '/' || place(to) === `${to.origin}${place(from).slice(from.origin.length)}`
  if (!isUpload && !isSamePlace) return
  const { origin } = shownUrl({ ...request, url: to })
  if (to.protocol === 'http:') throw new WireError(request, 'redirected-to-http', origin)
  if (to.protocol !== 'https:' || isUpload) return
  const isToken = request.purpose === 'token'
  throw new WireError(request, isToken ? 'token-service-redirects' : 'redirected-to-https', origin)
}

/** @returns the request for another origin */
function withoutCredentials(request: Request, url: URL): Request {
  const { authorization: _, ...headers } = request.headers
  return { ...request, url, headers, identified: false }
}

/** @returns a key for a URL. A redirect that only adds or removes a slash does not lead to other storage */
function place(url: URL): string {
  return url.origin + url.pathname.replace(/\/$/, '')
}

function target(request: Request, from: URL, location: string): URL {
  let url: URL
  try {
    url = new URL(location, from)
  } catch {
    throw new WireError(request, 'network', 'a redirect to something that is not a URL')
  }
  const plain = url.protocol === 'http:'
  if (url.protocol !== 'https:' && !plain)
    throw new WireError(request, 'forbidden-address', 'an address that is neither https nor http')
  if (plain && from.protocol === 'https:')
    throw new WireError(request, 'forbidden-address', 'plain http after https')
  if (isForbidden(url.hostname))
    throw new WireError(request, 'forbidden-address', 'a link-local or metadata address')
  url.username = ''
  url.password = ''
  return url
}
