import { basicHeader, type Credentials } from '../credentials/credentials.js'
import { describe, display, shownUrl, WireError } from '../errors.js'
import type { Request, Response, Send } from '../send.js'

/** The service, the resource and the actions that a token is for, from the challenge. */
export interface TokenRequest {
  readonly realm: URL
  /** Returns whether the realm holds a secret, so that no message may show it. */
  readonly hidden?: () => boolean
  readonly service: string | undefined
  /** As in the challenge. */
  readonly scope: string | undefined
}

/** A Bearer token. */
export interface Token {
  readonly value: string
  /** Milliseconds since the epoch, by the clock of this run. */
  readonly expiresAt: number
}

/** The token service refuses the credentials or the scope. The message says so. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
}

/** The other parameters of `fetchToken`. */
interface Fetching {
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Called with every token in a response, before any other use of the token. */
  readonly secret: (text: string) => void
}

/** Bytes of a response, at most. */
const LIMIT = 64 << 10
const TIMEOUT = 30_000
/** Seconds for which a token without `expires_in` is valid, by the token specification of distribution. */
const LIFE = 60
const LONGEST_LIFE = 86_400
/** b64token of RFC 6750, 2.1, of a length that fits into a header. */
const TOKEN = /^[A-Za-z0-9\-._~+/]{1,16384}={0,2}$/
const CLIENT = 'registry-purge'

/** The service does not have this method: try the other one. */
const OTHER_METHOD: ReadonlySet<number> = new Set([404, 405, 501])
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403])

/**
 * Fetches a token by GET (token specification of distribution), or by POST (OAuth 2) if the service does not support GET
 * or the credentials are a refresh token. Sends the scopes of the challenge unchanged; with GET, one parameter each.
 *
 * @param send adds no credentials
 * @throws TokenRefused on 400, 401, 403; WireError if there is no usable response
 */
export async function fetchToken(
  send: Send,
  tokenRequest: TokenRequest,
  credentials: Credentials | undefined,
  { signal, now, secret }: Fetching,
): Promise<Token> {
  const requests =
    credentials?.kind === 'identity'
      ? [byPost(tokenRequest, credentials, signal)]
      : [
          byGet(tokenRequest, credentials, signal),
          ...(credentials === undefined ? [] : [byPost(tokenRequest, credentials, signal)]),
        ]
  for (const [at, request] of requests.entries()) {
    const response = await send(request)
    if (OTHER_METHOD.has(response.status) && at < requests.length - 1) continue
    return read(request, response, credentials, { now, secret })
  }
  throw new Error('there is always a request')
}

function byGet(
  { realm, hidden, service, scope }: TokenRequest,
  credentials: Credentials | undefined,
  signal: AbortSignal,
): Request {
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  for (const each of (scope ?? '').split(' ').filter((entry) => entry !== ''))
    url.searchParams.append('scope', each)
  const headers = credentials?.kind === 'basic' ? { authorization: basicHeader(credentials) } : {}
  return { ...request('GET', url, headers, signal), ...(hidden !== undefined && { hidden }) }
}

function byPost(
  { realm, hidden, service, scope }: TokenRequest,
  credentials: Credentials,
  signal: AbortSignal,
): Request {
  const form = new URLSearchParams({ client_id: CLIENT })
  if (service !== undefined) form.set('service', service)
  if (scope !== undefined && scope !== '') form.set('scope', scope)
  if (credentials.kind === 'basic') {
    form.set('grant_type', 'password')
    form.set('username', credentials.username)
    form.set('password', credentials.password)
  } else {
    form.set('grant_type', 'refresh_token')
    form.set('refresh_token', credentials.token)
  }
  const body = Buffer.from(form.toString(), 'utf8')
  return {
    ...request('POST', realm, { 'content-type': 'application/x-www-form-urlencoded' }, signal),
    ...(hidden !== undefined && { hidden }),
    body,
  }
}

function request(
  method: 'GET' | 'POST',
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Request {
  return {
    method,
    url,
    purpose: 'token',
    headers: { accept: 'application/json', ...headers },
    fresh: false,
    limit: LIMIT,
    peek: false,
    patience: 'read',
    timeout: TIMEOUT,
    identified: true,
    signal,
  }
}

function read(
  request: Request,
  response: Response,
  credentials: Credentials | undefined,
  { now, secret }: Omit<Fetching, 'signal'>,
): Token {
  const description = describe(response)
  if (REFUSALS.has(response.status)) throw new TokenRefused(refusal(request, description, credentials))
  if (response.status !== 200 || response.cut) throw unusable(request, `returned ${description}`)
  let body: Record<string, unknown>
  try {
    body = (JSON.parse(Buffer.from(response.body).toString('utf8')) ?? {}) as Record<string, unknown>
  } catch {
    throw unusable(request, 'returned 200 and something that is not JSON')
  }
  for (const name of ['token', 'access_token', 'refresh_token', 'id_token']) {
    const text = body[name]
    if (typeof text === 'string' && TOKEN.test(text)) secret(text)
  }
  // Some services return an empty token for a refusal.
  const value = [body['token'], body['access_token']].find((text) => typeof text === 'string' && text !== '')
  if (typeof value !== 'string') throw unusable(request, 'returned 200, but no token')
  if (!TOKEN.test(value)) throw unusable(request, 'returned a token that does not fit into a header')
  const stated = body['expires_in']
  const life = typeof stated === 'number' && stated > 0 ? Math.min(stated, LONGEST_LIFE) : LIFE
  return { value, expiresAt: now() + life * 1000 }
}

function unusable(request: Request, what: string): WireError {
  return new WireError(request, 'token', what)
}

function refusal(request: Request, description: string, credentials: Credentials | undefined): string {
  const place = display(shownUrl(request))
  if (credentials === undefined)
    return `the token service ${place} issues no token without credentials (${description})`
  return `the token service ${place} refuses the credentials, or the access that was requested (${description})`
}
