import type { Purpose, Quoting, Request, Response } from './send.js'

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

/** What a message names of a request. */
type Named = Pick<Request, 'method' | 'url' | 'hidden'> & { readonly purpose?: Purpose }

/**
 * A request got no complete response. This is the only error of the wire; its message says what to do. It keeps neither
 * the request nor the error of the HTTP library, since both may hold secrets.
 */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly failure: Failure
  /** The system's or the TLS library's code, such as ECONNRESET; for some failures, words that complete the message. */
  readonly code: string

  /** @param options may name a cause that holds no secret */
  constructor(request: Named, failure: Failure, code: string, options?: ErrorOptions) {
    const url = shownUrl(request)
    const whose = request.purpose === 'token' ? '. This is the token service that the registry names' : ''
    super(`${request.method} ${display(url)}: ${sentence(failure, code, url)}${whose}`, options)
    this.failure = failure
    this.code = code
  }
}

/** The run is to stop, because it was cancelled or is out of time. */
export class Stopped extends Error {
  override readonly name = 'Stopped'

  constructor(options?: ErrorOptions) {
    super('the run was stopped', options)
  }
}

/** An entry of an error body, in the format of the specification. */
export interface ErrorEntry {
  readonly code: string
  readonly message: string
}

const CODE = /^[A-Z][A-Z0-9_]{0,63}$/
const SHOWN_ENTRIES = 3
const SHOWN_TEXT = 200
/** A note may quote the response of a token service. */
const SHOWN_NOTE = 600
const SHOWN_PATH = 500
/** Bytes. A longer body was not read to its end. */
const LONGEST_QUOTED = 64 << 10
const HIDDEN_HOST = 'address-not-shown.invalid'
/** The codes of the specification. None of them can be a secret. */
const STANDARD: ReadonlySet<string> = new Set([
  'BLOB_UNKNOWN',
  'BLOB_UPLOAD_INVALID',
  'BLOB_UPLOAD_UNKNOWN',
  'DENIED',
  'DIGEST_INVALID',
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_INVALID',
  'MANIFEST_UNKNOWN',
  'NAME_INVALID',
  'NAME_UNKNOWN',
  'SIZE_INVALID',
  'TOOMANYREQUESTS',
  'UNAUTHORIZED',
  'UNSUPPORTED',
])
/** For responses without `quoting`. */
const OPEN: Quoting = { body: (text) => text, word: (text) => text }

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

/** @returns whether the body has an error with this code, or with one that passes the test */
export function hasCode(response: Response, code: string | ((code: string) => boolean)): boolean {
  const test = typeof code === 'string' ? (each: string) => each === code : code
  return errorEntries(response.body).some((entry) => test(entry.code))
}

/** @returns whether the status is 404 or 410 */
export function isGone(response: Response): boolean {
  return response.status === 404 || response.status === 410
}

/**
 * @returns whether the registry does not know what was requested: 404 with a `*_UNKNOWN` code. A 404 without such a code
 *   may come from a missing endpoint
 */
export function isUnknown(response: Response): boolean {
  return response.status === 404 && hasCode(response, (code) => code.endsWith('_UNKNOWN'))
}

/**
 * @returns whether the response to the DELETE of a tag says that tags cannot be deleted: 400 or 405 with DIGEST_INVALID
 *   or UNSUPPORTED, or a 404 of a missing endpoint. No other response does (safety rule 7)
 */
export function isUnsupportedForTags(response: Response): boolean {
  if (response.status === 404) return errorEntries(response.body).length === 0
  if (response.status !== 400 && response.status !== 405) return false
  return hasCode(response, 'DIGEST_INVALID') || hasCode(response, 'UNSUPPORTED')
}

/** @returns whether the status is 401 or 403 */
export function isDenied(response: Response): boolean {
  return response.status === 401 || response.status === 403
}

/**
 * @returns the status with the errors of the body, in one bounded line: `404 MANIFEST_UNKNOWN (manifest unknown)`. If
 *   the body may hold a secret, only status and codes
 */
export function describe(response: Response): string {
  const errors = errorsOf(response)
  const cut = response.cut ? ', and the body was cut off' : ''
  const note = response.note === undefined ? '' : `: ${oneLine(response.note, SHOWN_NOTE)}`
  return `${response.status}${errors === '' ? '' : ` ${errors}`}${cut}${note}`
}

/**
 * Describes the errors of a body. The body of a success is never printed, since it may be content of an image, and that of
 * a storage neither, since it may hold a signed link.
 */
function errorsOf(response: Response): string {
  if (response.redirected) return ''
  const { quoting = OPEN, body } = response
  const codes = errorEntries(body).slice(0, SHOWN_ENTRIES)
  if (codes.length === 0 && response.status < 400) return ''
  const text = quotable(response, quoting)
  if (codes.length === 0) return text === undefined ? '' : oneLine(beginning(text))
  const entries = text === undefined ? codes : errorEntries(Buffer.from(text, 'utf8')).slice(0, SHOWN_ENTRIES)
  return (entries.length === codes.length ? entries : codes)
    .flatMap(({ code, message }) => {
      const shown = STANDARD.has(code) ? code : quoting.word(code)
      const words = text === undefined || entries.length !== codes.length ? '' : (quoting.body(message) ?? '')
      if (shown === undefined) return []
      return [words === '' ? shown : `${shown} (${oneLine(words)})`]
    })
    .join(', ')
}

/** @returns the body as text without secrets, or undefined if it is cut: half a secret at its end would stay unnoticed */
function quotable({ body, cut }: Response, quoting: Quoting): string | undefined {
  if (body.length === 0) return ''
  if (quoting === OPEN) return Buffer.from(body).toString('utf8')
  return cut || body.length > LONGEST_QUOTED ? undefined : quoting.body(Buffer.from(body).toString('utf8'))
}

/** @returns the URL of a request, or a placeholder if the URL holds a secret */
export function shownUrl({ url, hidden }: Pick<Request, 'url' | 'hidden'>): URL {
  return hidden?.() === true ? new URL(`${url.protocol}//${HIDDEN_HOST}/`) : url
}

/**
 * @returns the URL in a bounded length, without the parts that may be secret: user, query and fragment. A path that is
 *   too long is left out, since cutting it might cut a secret in two
 */
export function display(url: URL): string {
  const path = url.pathname.length > SHOWN_PATH ? '/…' : oneLine(url.pathname, SHOWN_PATH)
  return `${url.protocol}//${url.host}${path}${url.search === '' ? '' : '?…'}`
}

/** Marks the cut with an …, before white space is folded: a secret may have been cut there. */
function beginning(text: string): string {
  return text.length > 4 * SHOWN_TEXT ? `${text.slice(0, 4 * SHOWN_TEXT)}…` : text
}

function oneLine(text: string, most = SHOWN_TEXT): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > most ? `${line.slice(0, most)}…` : line
}

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

/** TLS alerts of the other side about the client certificate, of TLS 1.3 and of earlier versions. */
const CLIENT_REFUSED =
  /^ERR_SSL_.*ALERT_(?:CERTIFICATE_REQUIRED|(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/

/** Says what happened and what to do. */
function sentence(failure: Failure, code: string, url: URL): string {
  if (failure === 'timeout')
    return 'no complete response in time. Check that the registry is up and reachable from this runner, or set a longer `timeout`'
  if (failure === 'cancelled') return 'stopped before the response came'
  if (failure === 'too-large') return `the response is larger than this action accepts (${code} bytes)`
  if (failure === 'forbidden-address') return `the address is ${code}, to which this action never connects`
  if (failure === 'token')
    return `the token service ${code}. Check that it is up and reachable from this runner, and that the credentials are still valid`
  if (failure === 'held')
    return 'not sent: the registry asks for a longer pause (Retry-After) than this request may wait'
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
    return `${url.host} wants a client certificate, or refuses the one that it got (${code}). Set \`client-certificate\` to one that it accepts, and \`client-key\` to its key`
  if (NOT_TLS.has(code))
    return `${url.host} does not speak TLS (${code}). If the registry uses plain http, set \`registry: http://${url.host}\``
  if (code === NO_PROXY || code === 'ERR_PROXY_TUNNEL')
    return `the proxy that HTTPS_PROXY or HTTP_PROXY names ${code === NO_PROXY ? 'does not respond' : `does not connect to ${url.host}`} (${code}). Check its address and credentials, or add ${url.hostname} to NO_PROXY`
  const plain = url.protocol === 'http:' && (code.startsWith('HPE_') || code === 'ECONNRESET')
  const hint = plain ? '. If the registry uses https, set `registry` without http://' : ''
  return `the connection failed (${code})${hint}`
}
