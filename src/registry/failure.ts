import { certificateText } from './certificate-text.js'
import type { Unverified } from './certificate.js'

/** Why there is no complete response. */
export type Failure =
  | 'network'
  | 'timeout'
  | 'cancelled'
  | 'too-large'
  | 'forbidden-address'
  /** A plain http registry redirects to itself over https. The code is its origin with https. */
  | 'redirected-to-https'
  /** An https registry redirects to itself over plain http, or names such an address for an upload. The code is that origin. */
  | 'redirected-to-http'
  /** An https registry names a token service over plain http. The code is its host. */
  | 'plain-token-service'
  /** A token service over plain http redirects to itself over https. The code is its origin with https. */
  | 'token-service-redirects'
  /** The token service returned no usable token. */
  | 'token'
  /** Not sent: the registry asked for a longer pause than the request may wait. */
  | 'held'

/** The code for a proxy that does not respond. */
export const NO_PROXY = 'ECONNPROXY'
/** The code for the address of a proxy that is no valid URL. */
export const INVALID_PROXY = 'ERR_PROXY_INVALID_CONFIG'

const NOT_TLS = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO'])

/** The server's TLS alerts about the client certificate, in TLS 1.3 and earlier versions. */
const CLIENT_REFUSED =
  /^ERR_SSL_.*ALERT_(?:CERTIFICATE_REQUIRED|(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/

/**
 * @param unverified the facts about the certificate, if it could not be verified
 * @returns what happened and what to do, as the end of a message
 */
export function failureText(failure: Failure, code: string, url: URL, unverified?: Unverified): string {
  if (failure === 'timeout')
    return 'no complete response in time. Check that the registry is up and reachable from this runner, or set a longer `timeout`'
  if (failure === 'cancelled') return 'stopped before the response was complete'
  if (failure === 'too-large') return `the response is larger than this action accepts (${code} bytes)`
  if (failure === 'forbidden-address') return `the address is ${code}, to which this action never connects`
  if (failure === 'token')
    return `the token service ${code}. Check that it is up and reachable from this runner, and that the credentials are still valid`
  if (failure === 'held')
    return 'not sent: the registry requests a longer pause (Retry-After) than this request may wait'
  if (failure === 'redirected-to-https') return `the registry redirects to https. Write \`registry: ${code}\``
  if (failure === 'redirected-to-http')
    return `the registry directs requests to itself over plain http (${code}), since it does not know of the TLS proxy in front of it. Have the proxy send \`X-Forwarded-Proto: https\`, or set the registry's external URL (distribution: \`http.host\`, REGISTRY_HTTP_HOST) to ${url.origin}`
  if (failure === 'token-service-redirects')
    return `it redirects to ${code}, and credentials never follow a redirect. Set its address to https at the registry (distribution: \`auth.token.realm\`; others: the external URL)`
  if (failure === 'plain-token-service')
    return `the registry names a token service over plain http (${code}), to which this action sends no credentials. Set its address to https at the registry (distribution: \`auth.token.realm\`; others: the external URL), or have the TLS proxy in front of the registry send \`X-Forwarded-Proto: https\``
  return networkText(code, url, unverified)
}

function networkText(code: string, url: URL, unverified: Unverified | undefined): string {
  if (code === 'ECONNECTLIMIT')
    return `no connection to ${url.host} in time. Check that it is up and reachable from this runner, or through the proxy that HTTPS_PROXY or HTTP_PROXY names`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `the host ${url.hostname} was not found (${code}). Check the spelling of \`registry\`, and that this runner can resolve the name`
  if (code === 'ECONNREFUSED')
    return `nothing listens at ${url.host} (${code}). Check host and port of \`registry\`, and that the registry is up`
  const ofCertificate = certificateText(code, url, unverified)
  if (ofCertificate !== undefined) return ofCertificate
  if (CLIENT_REFUSED.test(code))
    return `${url.host} requires a client certificate, or refuses the one that was sent (${code}). Set \`client-certificate\` to one that it accepts, and \`client-key\` to its key`
  if (NOT_TLS.has(code))
    return `${url.host} does not speak TLS (${code}). If the registry uses plain http, set \`registry: http://${url.host}\``
  if (code === NO_PROXY || code === 'ERR_PROXY_TUNNEL')
    return `the proxy that HTTPS_PROXY or HTTP_PROXY names ${code === NO_PROXY ? 'does not respond' : `does not connect to ${url.host}`} (${code}). Check its address and credentials, or add ${url.hostname} to NO_PROXY`
  if (code === INVALID_PROXY)
    return `the address of the proxy is not valid (${code}). Set HTTPS_PROXY or HTTP_PROXY to http://host:port, with special characters of a user or password percent-encoded`
  const plain = url.protocol === 'http:' && (code.startsWith('HPE_') || code === 'ECONNRESET')
  const hint = plain ? '. If the registry uses https, set `registry` without http://' : ''
  return `the connection failed (${code})${hint}`
}
