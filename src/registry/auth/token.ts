import { basicHeader, type Credentials } from '../credentials/credentials.js'
import { describe, display, shownUrl, WireError } from '../errors.js'
import type { Request, Response, Send } from '../send.js'

/** What a token service is asked for. */
export interface Asked {
  readonly realm: URL
  /** Tells whether the realm holds a secret, so that no message may name it. */
  readonly hidden?: () => boolean
  readonly service: string | undefined
  /** As the challenge has it. */
  readonly scope: string | undefined
}

/** A Bearer token, and how long it serves. */
export interface Token {
  readonly value: string
  /** Milliseconds since the epoch, by the clock of this machine. */
  readonly expiresAt: number
}

/** The token service says no: to the credentials, or to what was asked for. The message is a sentence. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
}

/** Bytes of an answer that are read. */
const LIMIT = 64 << 10
const TIMEOUT = 30_000
/** What a token without a stated life is good for, in seconds, by the token specification of distribution. */
const LIFE = 60
const LONGEST_LIFE = 86_400
/** b64token of RFC 6750, 2.1, as long as headers can bear it. */
const TOKEN = /^[A-Za-z0-9\-._~+/]{1,16384}={0,2}$/
const CLIENT = 'registry-purge'

/** No such method here: the other one is tried. */
const OTHER_METHOD: ReadonlySet<number> = new Set([404, 405, 501])
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403])

/**
 * Gets one token: by GET (distribution's token specification), or where the service does not know that by POST (OAuth
 * 2); with a refresh token the other way round. Scopes go as the challenge had them, a parameter each.
 *
 * @param send adds nothing of its own
 * @param now milliseconds since the epoch
 * @param secret is told of every token that came, before anything else is done with it
 * @throws TokenRefused on 400, 401, 403; WireError where no usable answer came
 */
export async function fetchToken(
  send: Send,
  asked: Asked,
  credentials: Credentials | undefined,
  { signal, now, secret }: { signal: AbortSignal; now: () => number; secret: (text: string) => void },
): Promise<Token> {
  const ways =
    credentials?.kind === 'identity'
      ? [byPost(asked, credentials, signal)]
      : [
          byGet(asked, credentials, signal),
          ...(credentials === undefined ? [] : [byPost(asked, credentials, signal)]),
        ]
  for (const [at, request] of ways.entries()) {
    const response = await send(request)
    if (OTHER_METHOD.has(response.status) && at < ways.length - 1) continue
    return read(request, response, credentials, { now, secret })
  }
  throw new Error('there is always a way to ask')
}

function byGet(
  { realm, hidden, service, scope }: Asked,
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
  { realm, hidden, service, scope }: Asked,
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
  { now, secret }: { now: () => number; secret: (text: string) => void },
): Token {
  const said = describe(response)
  if (REFUSALS.has(response.status)) throw new TokenRefused(refusal(request, said, credentials))
  if (response.status !== 200 || response.cut) throw unusable(request, `answered with ${said}`)
  let answer: Record<string, unknown>
  try {
    answer = (JSON.parse(Buffer.from(response.body).toString('utf8')) ?? {}) as Record<string, unknown>
  } catch {
    throw unusable(request, 'answered with 200 and what is no JSON')
  }
  for (const name of ['token', 'access_token', 'refresh_token', 'id_token']) {
    const text = answer[name]
    if (typeof text === 'string' && TOKEN.test(text)) secret(text)
  }
  // An empty one is how some services say no.
  const value = [answer['token'], answer['access_token']].find(
    (text) => typeof text === 'string' && text !== '',
  )
  if (typeof value !== 'string') throw unusable(request, 'answered with 200, but without a token')
  if (!TOKEN.test(value)) throw unusable(request, 'answered with a token that no header can carry')
  const stated = answer['expires_in']
  const life = typeof stated === 'number' && stated > 0 ? Math.min(stated, LONGEST_LIFE) : LIFE
  return { value, expiresAt: now() + life * 1000 }
}

function unusable(request: Request, what: string): WireError {
  return new WireError(request, 'token', what)
}

function refusal(request: Request, said: string, credentials: Credentials | undefined): string {
  const place = display(shownUrl(request))
  if (credentials === undefined)
    return `the token service ${place} gives no token without credentials (${said})`
  return `the token service ${place} refuses the credentials, or what was asked for with them (${said})`
}
