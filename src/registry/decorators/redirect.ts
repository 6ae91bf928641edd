import { isForbidden } from '../transport/address.js'
import { shownUrl, WireError } from '../errors.js'
import type { Request, Response, Send } from '../send.js'
import { StorageError, storageOf } from '../storage-error.js'

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
      const response = await sendTo(send, current, request)
      const location = response.headers.get('location')
      if (location !== undefined && URL.canParse(location, current.url.href))
        secret(new URL(location, current.url), request.url)
      if (current.url.origin === request.url.origin) refuseOtherScheme(current, response)
      if (!READS.has(request.method) || !FOLLOWED.has(response.status) || location === undefined)
        return { ...response, ...whereFrom(request, current) }
      if (hops === MOST) throw new WireError(request, 'network', `more than ${MOST} redirects`)
      const { quoting } = response
      // Check the text as it was received: `URL` changes the host to lower case. The query is never shown.
      const hidden = (): boolean => quoting?.word(location.replace(/[?#][^]*$/, '')) === undefined
      const next = quoting === undefined ? { ...current } : { ...current, hidden }
      const url = target(request, next, location)
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

/** Sends a request, and names the storage if the request follows a redirect of a blob and fails. */
async function sendTo(send: Send, current: Request, requested: Request): Promise<Response> {
  try {
    return await send(current)
  } catch (error) {
    const isStorage = current.url.origin !== requested.url.origin && isBlob(requested)
    if (!isStorage || !(error instanceof WireError) || error.failure === 'cancelled') throw error
    throw new StorageError(requested, storageOf(current), error)
  }
}

function isBlob({ url, purpose }: Request): boolean {
  return purpose !== 'token' && url.pathname.includes('/blobs/')
}

/** @returns whether a response comes from another place than its request named, and from which */
function whereFrom(requested: Request, current: Request): Pick<Response, 'redirected' | 'storage'> {
  const redirected = place(current.url) !== place(requested.url)
  return redirected ? { redirected, storage: storageOf(current) } : { redirected }
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

/** @param from the request that was redirected @throws WireError if the redirect must not be followed */
function target(requested: Request, from: Request, location: string): URL {
  let url: URL
  try {
    url = new URL(location, from.url)
  } catch {
    throw new WireError(requested, 'network', 'a redirect to something that is not a URL')
  }
  const code = whyForbidden(url, from.url)
  if (code !== undefined) {
    const failure = 'forbidden-address'
    if (!isBlob(requested)) throw new WireError(requested, failure, code)
    throw new StorageError(requested, storageOf({ ...from, url }), { failure, code })
  }
  url.username = ''
  url.password = ''
  return url
}

/** @returns the words for an address to which this action never connects; undefined for any other */
function whyForbidden(url: URL, from: URL): string | undefined {
  const plain = url.protocol === 'http:'
  if (url.protocol !== 'https:' && !plain) return 'an address that is neither https nor http'
  if (plain && from.protocol === 'https:') return 'plain http after https'
  return isForbidden(url.hostname) ? 'a link-local or metadata address' : undefined
}
