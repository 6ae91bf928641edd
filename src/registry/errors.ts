import type { Purpose, Request, Response } from './send.js'

/** Why no complete answer came. */
export type Failure =
  | 'network'
  | 'timeout'
  | 'cancelled'
  | 'too-large'
  | 'forbidden-address'
  /** A token service gave no token that could be used. */
  | 'token'
  /** The registry asked to be left alone for longer than the request may wait: it was not sent. */
  | 'held'

/** The one error of the wire: which request, what happened, and a code to tell cases apart. */
export class WireError extends Error {
  override readonly name = 'WireError'

  /**
   * @param request the request that failed
   * @param failure what kind of end it was
   * @param code the system's or TLS library's code, such as ECONNRESET
   */
  constructor(
    readonly request: Pick<Request, 'method' | 'url'> & { readonly purpose?: Purpose },
    readonly failure: Failure,
    readonly code: string,
  ) {
    super(`${request.method} ${display(request.url)}: ${sentence(failure, code, request.url)}${of(request)}`)
  }
}

/** Whose address it is, where the user did not write it. */
function of({ purpose }: { readonly purpose?: Purpose }): string {
  return purpose === 'token' ? '. This is the token service that the registry names' : ''
}

/** The run is to stop (cancelled, or out of time), so nothing new is begun. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** An entry of the error body that the specification describes. */
export interface ErrorEntry {
  readonly code: string
  readonly message: string
}

const CODE = /^[A-Z][A-Z0-9_]{0,63}$/
const SHOWN_ENTRIES = 3
const SHOWN_TEXT = 200
/** A note may quote the answer of a token service. */
const SHOWN_NOTE = 600
const SHOWN_PATH = 500

/**
 * @returns the entries of an error body. It is read by its content and not by its type: some registries send this JSON
 * as text/plain, also with a 202.
 */
export function errorEntries(body: Uint8Array): ErrorEntry[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'))
    const errors: unknown = (parsed as { errors?: unknown } | null)?.errors
    if (!Array.isArray(errors)) return []
    return errors.flatMap((each: unknown) => {
      const { code, message } = (each ?? {}) as Record<string, unknown>
      if (typeof code !== 'string' || !CODE.test(code)) return []
      return [{ code, message: typeof message === 'string' ? message : '' }]
    })
  } catch {
    return []
  }
}

/** @returns whether the body holds an error with this code, or one for which the test holds. */
export function hasCode(response: Response, code: string | ((code: string) => boolean)): boolean {
  const test = typeof code === 'string' ? (each: string) => each === code : code
  return errorEntries(response.body).some((entry) => test(entry.code))
}

/** @returns whether the status says that the thing is not there: 404 or 410. */
export function isGone(response: Response): boolean {
  return response.status === 404 || response.status === 410
}

/** @returns whether the registry itself says so: 404 with a `*_UNKNOWN` code. A bare 404 may be a missing endpoint. */
export function isUnknown(response: Response): boolean {
  return response.status === 404 && hasCode(response, (code) => code.endsWith('_UNKNOWN'))
}

/**
 * @returns whether the answer to the DELETE of a tag says that there is no such way: 400 or 405 with DIGEST_INVALID or
 * UNSUPPORTED, or no such endpoint. No other answer means it (safety rule 7).
 */
export function isUnsupportedForTags(response: Response): boolean {
  if (response.status === 404) return errorEntries(response.body).length === 0
  if (response.status !== 400 && response.status !== 405) return false
  return hasCode(response, 'DIGEST_INVALID') || hasCode(response, 'UNSUPPORTED')
}

/** @returns whether the status refuses the user: 401 or 403. */
export function isDenied(response: Response): boolean {
  return response.status === 401 || response.status === 403
}

/** @returns a status with what its body says, in one bounded line: `404 MANIFEST_UNKNOWN (manifest unknown)`. */
export function describe(response: Response): string {
  const entries = response.redirected ? [] : errorEntries(response.body).slice(0, SHOWN_ENTRIES)
  const said =
    entries.length > 0
      ? entries
          .map(({ code, message }) => (message === '' ? code : `${code} (${oneLine(message)})`))
          .join(', ')
      : response.status < 400 || response.redirected
        ? // That may be content of an image, or a storage that repeats its signed link: neither is ever printed.
          ''
        : oneLine(beginning(response.body))
  const cut = response.cut ? ', and the body was cut off' : ''
  const note = response.note === undefined ? '' : `: ${oneLine(response.note, SHOWN_NOTE)}`
  return `${response.status}${said === '' ? '' : ` ${said}`}${cut}${note}`
}

/** @returns the URL, of a bounded length, without what may be secret: user, query and fragment. */
export function display(url: URL): string {
  return `${url.protocol}//${url.host}${oneLine(url.pathname, SHOWN_PATH)}${url.search === '' ? '' : '?…'}`
}

/** The … stays where white space is folded: it says that a secret may have been cut there. */
function beginning(body: Uint8Array): string {
  const text = Buffer.from(body.subarray(0, 4 * SHOWN_TEXT)).toString('utf8')
  return body.length > 4 * SHOWN_TEXT ? `${text}…` : text
}

function oneLine(text: string, most = SHOWN_TEXT): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > most ? `${line.slice(0, most)}…` : line
}

/** The address of a proxy did not answer. */
export const NO_PROXY = 'ECONNPROXY'

const UNKNOWN_AUTHORITY = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])
const NOT_TLS = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO'])

/** The other side's alerts about what it was shown, of TLS 1.3 and of the versions before. */
const CLIENT_REFUSED =
  /^ERR_SSL_.*ALERT_(?:CERTIFICATE_REQUIRED|(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/

/** What happened and the way out, by the code: the same failure reads the same wherever it comes up. */
function sentence(failure: Failure, code: string, url: URL): string {
  if (failure === 'timeout')
    return 'no complete answer in time. Check that the registry is up and reachable from this runner, or allow more with `timeout`'
  if (failure === 'cancelled') return 'stopped before the answer came'
  if (failure === 'too-large') return `the answer is larger than this action accepts (${code} bytes)`
  if (failure === 'forbidden-address') return `it leads to ${code}, where this action never goes`
  if (failure === 'token')
    return `the token service ${code}. Check that it is up and reachable from this runner, and that the credentials are still good`
  if (failure === 'held')
    return 'not sent: the registry asks for a pause (Retry-After) that is longer than this request may wait'
  if (code === 'ECONNECTLIMIT')
    return `no connection to ${url.host} in time. Check that it is up and reachable from this runner, or through the proxy that the environment names`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `the host ${url.hostname} was not found (${code}). Check the spelling of \`registry\`, and that this runner resolves the name`
  if (code === 'ECONNREFUSED')
    return `nothing listens at ${url.host} (${code}). Check host and port of \`registry\`, and that the registry is up`
  if (UNKNOWN_AUTHORITY.has(code))
    return `the certificate of ${url.host} comes from an authority that is not trusted (${code}). Give the authority's certificate in \`ca-certificate\``
  if (code === 'CERT_HAS_EXPIRED') return `the certificate of ${url.host} has expired (${code}). Renew it`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the certificate of ${url.host} is for another name (${code}). Use the name that it holds in \`registry\``
  if (CLIENT_REFUSED.test(code))
    return `${url.host} wants a client certificate, or does not take the one that it was shown (${code}). Give one that it knows in \`client-certificate\`, and its key in \`client-key\``
  if (NOT_TLS.has(code))
    return `${url.host} does not speak TLS (${code}). If it is a plain-http registry, write \`registry: http://${url.host}\``
  if (code === NO_PROXY || code === 'ERR_PROXY_TUNNEL')
    return `the proxy that HTTPS_PROXY or HTTP_PROXY names ${code === NO_PROXY ? 'does not answer' : `does not lead to ${url.host}`} (${code}). Check its address and credentials, or name ${url.hostname} in NO_PROXY`
  const plain = url.protocol === 'http:' && (code.startsWith('HPE_') || code === 'ECONNRESET')
  const hint = plain ? '. If it is an https registry, write `registry` without http://' : ''
  return `the connection failed (${code})${hint}`
}
