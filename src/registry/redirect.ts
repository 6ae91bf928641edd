import { isIP } from 'node:net'
import { WireError } from './errors.js'
import type { Request, Send } from './send.js'

const FOLLOWED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const MOST = 5
/** What changes something is never sent on to where an answer points. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/**
 * Follows redirects of reads by hand: at most five, never from https to http, never to an address of the link or the
 * machine's metadata service. Credentials are added below this decorator, by origin, so none travels along.
 *
 * @param send what to decorate
 */
export function following(send: Send): Send {
  return async (request) => {
    let current: Request = request
    for (let hops = 0; ; hops++) {
      const response = await send(current)
      const location = response.headers.get('location')
      if (!READS.has(request.method) || !FOLLOWED.has(response.status) || location === undefined)
        return { ...response, redirected: place(current.url) !== place(request.url) }
      if (hops === MOST) throw new WireError(request, 'network', `more than ${MOST} redirects`)
      const url = target(request, current.url, location)
      current = { ...current, url }
    }
  }
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
  if (url.protocol !== 'https:' && !plain) throw new WireError(request, 'forbidden-address', url.protocol)
  if (plain && from.protocol === 'https:')
    throw new WireError(request, 'forbidden-address', 'plain http after https')
  if (isLinkLocal(url.hostname)) throw new WireError(request, 'forbidden-address', 'a link-local address')
  url.username = ''
  url.password = ''
  return url
}

/** 169.254.0.0/16 and fe80::/10 (also mapped), where clouds keep credentials of the machine. */
function isLinkLocal(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase()
  if (isIP(host) === 4) return host.startsWith('169.254.')
  if (isIP(host) === 6)
    return /^fe[89ab]/.test(host) || /^::ffff:a9fe:/.test(host) || host === 'fd00:ec2::254'
  return host === 'metadata.google.internal'
}
