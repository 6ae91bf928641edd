import { isForbidden } from '../transport/address.js'
import { shownUrl, WireError } from '../errors.js'
import type { Request } from '../send.js'

/**
 * Parses the URL of a token service. Requests to it may carry a password, so the URL must use https (or plain http if the
 * registry uses plain http), must have no user, and must not be link-local.
 *
 * @param request the request that got the challenge
 * @param hidden returns whether the URL holds a secret, so that no message may show it
 * @throws WireError for any other URL
 */
export function parseRealm(request: Request, realm: string, hidden: () => boolean = () => false): URL {
  if (!URL.canParse(realm))
    throw new WireError(request, 'forbidden-address', 'a token service that is not a URL')
  const url = new URL(realm)
  const { host } = shownUrl({ url, hidden })
  const plain = url.protocol === 'http:'
  if (url.protocol !== 'https:' && !plain)
    throw new WireError(request, 'forbidden-address', 'a token service that is neither https nor http')
  if (plain && request.url.protocol === 'https:') throw new WireError(request, 'plain-token-service', host)
  if (url.username !== '' || url.password !== '')
    throw new WireError(request, 'forbidden-address', `a token service with a user in its URL (${host})`)
  if (isForbidden(url.hostname))
    throw new WireError(request, 'forbidden-address', `a link-local or metadata address (${host})`)
  url.hash = ''
  return url
}
