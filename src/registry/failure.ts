/** Why there is no complete response. */
export type Failure =
  | 'network'
  | 'timeout'
  | 'cancelled'
  | 'too-large'
  | 'forbidden-address'
  /** The token service returned no usable token. */
  | 'token'
  /** Not sent: the registry asked for a longer pause than the request may wait. */
  | 'held'

/** The code for a proxy that does not respond. */
export const NO_PROXY = 'ECONNPROXY'

const UNKNOWN_AUTHORITY = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])
const NOT_TLS = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO'])

/** The server's TLS alerts about the client certificate, in TLS 1.3 and earlier versions. */
const CLIENT_REFUSED =
  /^ERR_SSL_.*ALERT_(?:CERTIFICATE_REQUIRED|(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/

/** @returns what happened and what to do, as the end of a message */
export function failureText(failure: Failure, code: string, url: URL): string {
  if (failure === 'timeout')
    return 'no complete response in time. Check that the registry is up and reachable from this runner, or set a longer `timeout`'
  if (failure === 'cancelled') return 'stopped before the response was complete'
  if (failure === 'too-large') return `the response is larger than this action accepts (${code} bytes)`
  if (failure === 'forbidden-address') return `the address is ${code}, to which this action never connects`
  if (failure === 'token')
    return `the token service ${code}. Check that it is up and reachable from this runner, and that the credentials are still valid`
  if (failure === 'held')
    return 'not sent: the registry requests a longer pause (Retry-After) than this request may wait'
  if (code === 'ECONNECTLIMIT')
    return `no connection to ${url.host} in time. Check that it is up and reachable from this runner, or through the proxy that HTTPS_PROXY or HTTP_PROXY names`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `the host ${url.hostname} was not found (${code}). Check the spelling of \`registry\`, and that this runner can resolve the name`
  if (code === 'ECONNREFUSED')
    return `nothing listens at ${url.host} (${code}). Check host and port of \`registry\`, and that the registry is up`
  if (UNKNOWN_AUTHORITY.has(code))
    return `the certificate of ${url.host} is from an authority that is not trusted (${code}). Add the authority's certificate to \`ca-certificate\``
  if (code === 'CERT_HAS_EXPIRED') return `the certificate of ${url.host} has expired (${code}). Renew it`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the certificate of ${url.host} is for another name (${code}). Set \`registry\` to a name in the certificate`
  if (CLIENT_REFUSED.test(code))
    return `${url.host} requires a client certificate, or refuses the one that was sent (${code}). Set \`client-certificate\` to one that it accepts, and \`client-key\` to its key`
  if (NOT_TLS.has(code))
    return `${url.host} does not speak TLS (${code}). If the registry uses plain http, set \`registry: http://${url.host}\``
  if (code === NO_PROXY || code === 'ERR_PROXY_TUNNEL')
    return `the proxy that HTTPS_PROXY or HTTP_PROXY names ${code === NO_PROXY ? 'does not respond' : `does not connect to ${url.host}`} (${code}). Check its address and credentials, or add ${url.hostname} to NO_PROXY`
  const plain = url.protocol === 'http:' && (code.startsWith('HPE_') || code === 'ECONNRESET')
  const hint = plain ? '. If the registry uses https, set `registry` without http://' : ''
  return `the connection failed (${code})${hint}`
}
