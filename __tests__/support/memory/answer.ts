/** An answer as a value. `cut`: only so many bytes of the body are sent, then the connection is dropped. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly cut?: number
  /** Names of headers that are sent twice. */
  readonly twice?: readonly string[]
}

/** What a test may give as an answer; a body that is neither text nor bytes is sent as JSON. */
export interface GivenAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** `reset`: the connection is dropped without an answer. `hang`: it stays open and silent until the registry stops. */
export type Fault = 'reset' | 'hang'
export type Outcome = Answer | Fault

const VERSION = { 'Docker-Distribution-Api-Version': 'registry/2.0' }

export function answer(
  status: number,
  headers: Record<string, string> = {},
  body: string | Buffer = '',
  cut?: number,
): Answer {
  const bytes = Buffer.from(body)
  return { status, headers: { ...VERSION, ...headers }, body: bytes, ...(cut === undefined ? {} : { cut }) }
}

export function given(from: GivenAnswer): Answer {
  const { body, headers = {} } = from
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
    return { status: from.status, headers, body: Buffer.from(body ?? '') }
  }
  return {
    status: from.status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  }
}

/** What a plain deletion says: no body and no type. */
export const accepted = (): Answer => answer(202)

/** The answer of distribution's router where it has no such endpoint: plain text, no code, no challenge. */
export const noSuchEndpoint = (): Answer =>
  answer(
    404,
    { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
    '404 page not found\n',
  )

/** A method the endpoint does not have (read-only mode takes DELETE and PUT away): plain text and `Allow`. */
export const methodNotAllowed = (allow: string): Answer =>
  answer(
    405,
    { 'Content-Type': 'text/plain; charset=utf-8', Allow: allow, 'X-Content-Type-Options': 'nosniff' },
    'Method not allowed\n',
  )

/** A Link to the next page. */
export const nextLink = (target: string, unquoted = false): string =>
  `<${target}>; ${unquoted ? 'rel=next' : 'rel="next"'}`

/** The words distribution has for a code. */
const MESSAGES: Readonly<Record<string, string>> = {
  BLOB_UNKNOWN: 'blob unknown to registry',
  DENIED: 'requested access to the resource is denied',
  DIGEST_INVALID: 'provided digest did not match uploaded content',
  MANIFEST_BLOB_UNKNOWN: 'blob unknown to registry',
  MANIFEST_INVALID: 'manifest invalid',
  MANIFEST_UNKNOWN: 'manifest unknown',
  NAME_UNKNOWN: 'repository name not known to registry',
  PAGINATION_NUMBER_INVALID: 'invalid number of results requested',
  TOOMANYREQUESTS: 'too many requests',
  UNAUTHORIZED: 'authentication required',
  UNKNOWN: 'unknown error',
  UNSUPPORTED: 'The operation is unsupported.',
}

export interface ErrorParts {
  readonly message?: string
  /** Left out where undefined; `null` is sent, as by distribution for GET /v2/. */
  readonly detail?: unknown
  readonly headers?: Record<string, string>
}

export function failure(status: number, code: string, parts: ErrorParts = {}): Answer {
  const message = parts.message ?? MESSAGES[code] ?? code.toLowerCase().replaceAll('_', ' ')
  const body = JSON.stringify({
    errors: [{ code, message, ...(parts.detail === undefined ? {} : { detail: parts.detail }) }],
  })
  return answer(status, { 'Content-Type': 'application/json', ...parts.headers }, `${body}\n`)
}
