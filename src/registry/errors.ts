import type { Unverified } from './certificate.js'
import { failureText, type Failure } from './failure.js'
import type { Purpose, Quoting, Request, Response } from './send.js'

/** The parts of a request that a message names. */
type Named = Pick<Request, 'method' | 'url' | 'hidden'> & { readonly purpose?: Purpose }

/**
 * A request got no complete response. It is the only error that a Send throws; its message says what to do. It keeps
 * neither the request nor the error of the HTTP library, since both may hold secrets.
 */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly failure: Failure
  /** The code of the system or the TLS library, such as ECONNRESET; for some failures, words that complete the message. */
  readonly code: string

  /** @param options `cause` only if it holds no secret; the facts about a certificate that could not be verified */
  constructor(
    request: Named,
    failure: Failure,
    code: string,
    options?: ErrorOptions & { readonly unverified?: Unverified },
  ) {
    const url = shownUrl(request)
    const whose = request.purpose === 'token' ? '. This is the token service that the registry names' : ''
    const text = failureText(failure, code, url, options?.unverified)
    super(`${request.method} ${display(url)}: ${text}${whose}`, options)
    this.failure = failure
    this.code = code
  }
}

/** The run must stop, because it was cancelled or its time limit is reached. */
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
 * @returns the entries of an error body; none if it is not such JSON. The Content-Type does not matter: some registries
 *   send this JSON as text/plain, also with a 202
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

/** @returns the first error code of a body, or '' */
export function firstCode({ body }: Pick<Response, 'body'>): string {
  return errorEntries(body)[0]?.code ?? ''
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

/** @returns whether the status is 401 or 403 */
export function isDenied(response: Response): boolean {
  return response.status === 401 || response.status === 403
}

/**
 * @returns the status with the errors of the body, in one line of bounded length, such as `404 MANIFEST_UNKNOWN (manifest
 *   unknown)`. If the body may hold a secret, only the status and the codes
 */
export function describe(response: Response): string {
  const errors = errorsOf(response)
  const cut = response.cut ? ', and the body was cut off' : ''
  const note = response.note === undefined ? '' : `: ${oneLine(response.note, SHOWN_NOTE)}`
  return `${response.status}${errors === '' ? '' : ` ${errors}`}${cut}${note}`
}

/**
 * Describes the errors of a body. Never shows the body of a success, which may be content of an image, nor the body of a
 * storage's response, which may hold a signed link.
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

/** @returns the body as text without secrets, or undefined if it is cut: half a secret at its end would not be found */
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
 * @returns the URL in a bounded length, without the parts that may be secret: user, query and fragment. A long path is
 *   left out, since a cut might leave half a secret that is not found
 */
export function display(url: URL): string {
  const path = url.pathname.length > SHOWN_PATH ? '/…' : oneLine(url.pathname, SHOWN_PATH)
  return `${url.protocol}//${url.host}${path}${url.search === '' ? '' : '?…'}`
}

/** Cuts a long text and marks the cut with an …, because a secret may be cut there. Must come before `oneLine`. */
function beginning(text: string): string {
  return text.length > 4 * SHOWN_TEXT ? `${text.slice(0, 4 * SHOWN_TEXT)}…` : text
}

function oneLine(text: string, most = SHOWN_TEXT): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > most ? `${line.slice(0, most)}…` : line
}
