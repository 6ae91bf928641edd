import type { Purpose, Quoting, Request, Response } from './send.js'

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
    readonly request: Addressed,
    readonly failure: Failure,
    readonly code: string,
  ) {
    const url = shownUrl(request)
    super(`${request.method} ${display(url)}: ${sentence(failure, code, url)}${of(request)}`)
  }
}

/** What a message names of a request. */
type Addressed = Pick<Request, 'method' | 'url' | 'hidden'> & { readonly purpose?: Purpose }

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
/** Bytes of an error that are read. */
const LONGEST_QUOTED = 64 << 10
const HIDDEN_HOST = 'address-not-shown.invalid'
/** The codes of the specification say nothing but what they say everywhere. */
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
/** For responses that nothing is known of. */
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

/**
 * @returns a status with what its body says, in one bounded line: `404 MANIFEST_UNKNOWN (manifest unknown)`. Where the
 *   body may hold a secret only status and codes are said.
 */
export function describe(response: Response): string {
  const said = saidOf(response)
  const cut = response.cut ? ', and the body was cut off' : ''
  const note = response.note === undefined ? '' : `: ${oneLine(response.note, SHOWN_NOTE)}`
  return `${response.status}${said === '' ? '' : ` ${said}`}${cut}${note}`
}

/** What its body says. That of a success or of a storage is never printed: content of an image, a signed link. */
function saidOf(response: Response): string {
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

/** @returns the body as a text without secrets, or undefined: half of one at its end could not be told from other text */
function quotable({ body, cut }: Response, quoting: Quoting): string | undefined {
  if (body.length === 0) return ''
  if (quoting === OPEN) return Buffer.from(body).toString('utf8')
  return cut || body.length > LONGEST_QUOTED ? undefined : quoting.body(Buffer.from(body).toString('utf8'))
}

/** @returns the URL of a request as far as it may be named */
export function shownUrl({ url, hidden }: Pick<Request, 'url' | 'hidden'>): URL {
  return hidden?.() === true ? new URL(`${url.protocol}//${HIDDEN_HOST}/`) : url
}

/**
 * @returns the URL, of a bounded length, without what may be secret: user, query and fragment. A path that is longer
 *   than any of ours is left out: it cannot be cut where nothing is cut in two
 */
export function display(url: URL): string {
  const path = url.pathname.length > SHOWN_PATH ? '/…' : oneLine(url.pathname, SHOWN_PATH)
  return `${url.protocol}//${url.host}${path}${url.search === '' ? '' : '?…'}`
}

/** The … stays where white space is folded: it says that a secret may have been cut there. */
function beginning(text: string): string {
  return text.length > 4 * SHOWN_TEXT ? `${text.slice(0, 4 * SHOWN_TEXT)}…` : text
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
