import { isForbidden } from '../address.js'
import { shownUrl, WireError } from '../errors.js'
import type { Request } from '../send.js'

/**
 * Reads the address of a token service, to which a password may go: https, or plain http where the registry itself is
 * asked over plain http; without a user in it; not link-local.
 *
 * @param request the request that was answered with the challenge
 * @param hidden tells whether it holds a secret, so that no message may name it
 * @throws WireError where it leads to where nothing is sent
 */
export function parseRealm(request: Request, realm: string, hidden: () => boolean = () => false): URL {
  if (!URL.canParse(realm))
    throw new WireError(request, 'forbidden-address', 'a token service that is no URL')
  const url = new URL(realm)
  const { host } = shownUrl({ url, hidden })
  const plain = url.protocol === 'http:'
  if (url.protocol !== 'https:' && !plain)
    throw new WireError(request, 'forbidden-address', 'a token service that is neither https nor http')
  if (plain && request.url.protocol === 'https:')
    throw new WireError(request, 'forbidden-address', `a token service over plain http (${host})`)
  if (url.username !== '' || url.password !== '')
    throw new WireError(request, 'forbidden-address', `a token service with a user in its URL (${host})`)
  if (isForbidden(url.hostname))
    throw new WireError(request, 'forbidden-address', `a link-local or metadata address (${host})`)
  url.hash = ''
  return url
}
