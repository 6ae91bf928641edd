import { basicHeader, type Credentials } from '../credentials/credentials.js'
import { shownUrl, WireError } from '../errors.js'
import { quote } from '../decorators/quoted.js'
import type { Request, Response, Send } from '../send.js'
import type { Clock } from '../time.js'
import { parseChallenges, type Challenge } from './challenge.js'
import { Challenged, needOf } from './challenged.js'
import { parseRealm } from './realm.js'
import { scopeText } from './scope.js'
import { TokenRefused, type TokenRequest } from './token.js'
import type { Tokens } from './tokens.js'

/** The credentials and tokens for the requests to one registry. */
export interface Authorization {
  /** Scheme, host and port of the registry. */
  readonly origin: string
  /** Undefined for anonymous access. */
  readonly credentials: Credentials | undefined
  readonly tokens: Tokens
  readonly clock: Clock
}

/** The credentials that a request carried. */
type Sent =
  | { readonly is: 'nothing' | 'basic' | 'ready' }
  | { readonly is: 'token'; readonly value: string; readonly tokenRequest: TokenRequest }

/** No other credentials would help. `why` becomes the note of the response. */
interface Refused {
  readonly is: 'refused'
  readonly why: string
}

/** Challenges to one request, at most: one for an unknown scope, and one for a token that is no longer valid. */
const MOST_CHALLENGES = 2
/** Milliseconds. After the registry has refused a new token, too, no other token is fetched for this time. */
const GIVE_UP_FOR = 30_000

/**
 * Adds credentials to the requests to one origin only: neither a redirect nor a page link may send credentials to
 * another host (safety rule 11).
 *
 * The first request already carries Basic credentials, since it saves nothing to wait for a challenge. After a Bearer
 * challenge, it fetches a token for exactly the scope of the challenge. It remembers the scope for the repository and the
 * kind of request: a DELETE needs another scope than a GET. It renews a token that is no longer valid. If the registry
 * refuses a new token, the response is final, and its `note` says why.
 *
 * If there are credentials, it avoids anonymous requests: some registries return 404 to anonymous requests for content
 * that exists.
 *
 * A response that is a refusal gets the Bearer challenge to which it belongs.
 */
export function authorizing(send: Send, authorization: Authorization): Send {
  const challenged = new Challenged()
  const guard = new Guard(challenged.noting(send), authorization)
  return async (request) =>
    request.url.origin === authorization.origin
      ? challenged.explained(request, await guard.send(request))
      : send(request)
}

class Guard {
  readonly #send: Send
  readonly #authorization: Authorization
  /** The token request that each kind of request to each repository needs. */
  readonly #learnt = new Map<string, TokenRequest>()
  /** When a new token was refused, in milliseconds since the epoch. */
  readonly #gaveUpAt = new Map<string, number>()
  /** The token that replaced a refused one, until it is accepted. */
  readonly #renewed = new Map<string, string>()
  /** The request of the latest token. The registry responds to a token of another scope with the scope that it needs. */
  #latest: TokenRequest | undefined

  constructor(send: Send, authorization: Authorization) {
    this.#send = send
    this.#authorization = authorization
  }

  async send(request: Request): Promise<Response> {
    const need = needOf(request)
    let sent = await this.#initial(request, need)
    let rejected: string | undefined
    let response = await this.#sendWith(request, sent)
    for (let challenges = 1; isChallenge(response); challenges++) {
      if (sent.is === 'token') rejected = sent.value
      const next =
        challenges > MOST_CHALLENGES
          ? this.#refusal(response, need, sent)
          : await this.#handle(request, response, need, sent, rejected)
      if (next.is === 'refused') return { ...response, note: next.why }
      sent = next
      response = await this.#sendWith({ ...request, attempt: (request.attempt ?? 1) + challenges }, sent)
    }
    if (sent.is === 'token') this.#accept(need, sent.value)
    return response
  }

  #accept(need: string, token: string): void {
    this.#gaveUpAt.delete(need)
    if (this.#renewed.get(need) === token) this.#renewed.delete(need)
  }

  /** @returns the credentials to send before the first challenge */
  async #initial(request: Request, need: string): Promise<Sent> {
    const { credentials, tokens } = this.#authorization
    if (credentials?.kind === 'ready') return { is: 'ready' }
    const tokenRequest = this.#learnt.get(need)
    if (tokenRequest !== undefined) return this.#token(tokenRequest, request)
    if (credentials?.kind === 'basic') return { is: 'basic' }
    if (credentials === undefined) return { is: 'nothing' }
    const other = this.#latest === undefined ? undefined : tokens.known(this.#latest)
    if (other === undefined || this.#latest === undefined) return { is: 'nothing' }
    return { is: 'token', value: other, tokenRequest: this.#latest }
  }

  /** @throws WireError if the token service refuses a token that it granted before: the registry has not responded */
  async #token(tokenRequest: TokenRequest, request: Request): Promise<Sent> {
    try {
      return { is: 'token', value: await this.#authorization.tokens.get(tokenRequest, request), tokenRequest }
    } catch (error) {
      if (error instanceof TokenRefused)
        throw new WireError(request, 'token', `no longer issues a token (${error.message})`, { cause: error })
      throw error
    }
  }

  #sendWith(request: Request, sent: Sent): Promise<Response> {
    const { credentials } = this.#authorization
    const headers: Record<string, string> = { ...request.headers }
    if (sent.is === 'token') headers['authorization'] = `Bearer ${sent.value}`
    if (sent.is === 'ready' && credentials?.kind === 'ready')
      headers['authorization'] = `Bearer ${credentials.token}`
    if (sent.is === 'basic' && credentials?.kind === 'basic')
      headers['authorization'] = basicHeader(credentials)
    return this.#send({ ...request, headers, identified: true })
  }

  /** Handles a challenge. @returns the credentials to send next, or why there are none */
  async #handle(
    request: Request,
    response: Response,
    need: string,
    sent: Sent,
    rejected: string | undefined,
  ): Promise<Sent | Refused> {
    const { credentials, tokens } = this.#authorization
    if (sent.is === 'ready') return refused('the token that was given is refused')
    const challenges = challengesOf(response)
    const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'))
    // Harbor returns a Basic challenge for a token that it no longer accepts.
    const previous = bearer === undefined ? this.#learnt.get(need) : undefined
    if (bearer === undefined && (previous === undefined || sent.is === 'basic')) {
      const basic = challenges.some(({ scheme }) => scheme === 'basic')
      if (basic && credentials?.kind === 'basic' && sent.is !== 'basic') return { is: 'basic' }
      return this.#unsupported(response, challenges, sent)
    }
    const tokenRequest = bearer === undefined ? previous : tokenRequestOf(request, response, bearer)
    if (tokenRequest === undefined) return this.#unsupported(response, challenges, sent)
    const renews = rejected !== undefined && tokens.known(tokenRequest) === rejected
    if (renews && this.#hasGivenUp(need, rejected)) return this.#refusal(response, need, sent)
    try {
      const value = await tokens.get(tokenRequest, request, rejected)
      if (renews) this.#renewed.set(need, value)
      this.#learnt.set(need, tokenRequest)
      this.#latest = tokenRequest
      return { is: 'token', value, tokenRequest }
    } catch (error) {
      if (error instanceof TokenRefused) return refused(error.message)
      throw error
    }
  }

  /**
   * @returns whether to fetch no other token. Otherwise each parallel request would fetch a token of its own until the
   *   registry responds to the renewed one
   */
  #hasGivenUp(need: string, rejected: string): boolean {
    const gaveUpAt = this.#gaveUpAt.get(need)
    if (gaveUpAt === undefined) return this.#renewed.get(need) === rejected
    return this.#authorization.clock.now() - gaveUpAt < GIVE_UP_FOR
  }

  /** @returns why no challenge of the response can be met */
  #unsupported(response: Response, challenges: readonly Challenge[], sent: Sent): Refused {
    const { credentials } = this.#authorization
    const schemes = [...new Set(challenges.map(({ scheme }) => scheme))].slice(0, 3)
    if (schemes.length === 0) return refused('the registry names no authentication scheme')
    if (!schemes.includes('basic'))
      return refused(
        `only Basic and Bearer are supported, and the registry requests ${schemes.map((scheme) => quote(response, scheme)).join(', ')}`,
      )
    if (credentials === undefined) return refused('no credentials were given')
    return sent.is === 'basic'
      ? refused('the credentials are refused')
      : refused('the registry requests a user and a password, but a token was given')
  }

  /** @returns why the registry repeated a challenge that was met */
  #refusal(response: Response, need: string, sent: Sent): Refused {
    if (sent.is === 'nothing') return refused('no credentials were given')
    if (sent.is !== 'token') return refused('the credentials are refused')
    const now = this.#authorization.clock.now()
    if (now - (this.#gaveUpAt.get(need) ?? -Infinity) >= GIVE_UP_FOR) this.#gaveUpAt.set(need, now)
    const challenge = challengesOf(response).find(({ scheme }) => scheme === 'bearer')
    const wanted = challenge?.parameters.get('scope') ?? sent.tokenRequest.scope ?? ''
    const { realm: url, hidden } = sent.tokenRequest
    const { host } = shownUrl({ url, ...(hidden !== undefined && { hidden }) })
    // Check the scope for secrets as it was received: scopeText changes its form.
    const what = quote(response, wanted) === wanted ? scopeText(wanted) : 'what the request needs'
    return refused(`the token from ${host} does not allow ${what}`)
  }
}

function refused(why: string): Refused {
  return { is: 'refused', why }
}

function challengesOf(response: Response): Challenge[] {
  return parseChallenges(response.headers.get('www-authenticate') ?? '')
}

function tokenRequestOf(request: Request, response: Response, { parameters }: Challenge): TokenRequest {
  const realm = parameters.get('realm') ?? ''
  // Check the text as it was received: `URL` changes the host to lower case. The query is never shown.
  const address = realm.replace(/[?#][^]*$/, '')
  const hidden = (): boolean => quote(response, address) !== address
  return {
    realm: parseRealm(request, realm, hidden),
    hidden,
    service: parameters.get('service'),
    scope: parameters.get('scope'),
  }
}

/** @returns whether it is a 401, or a 403 for a token with an insufficient scope (RFC 6750, 3.1) */
function isChallenge(response: Response): boolean {
  if (response.status === 401) return true
  return (
    response.status === 403 &&
    challengesOf(response).some(
      ({ scheme, parameters }) => scheme === 'bearer' && parameters.get('error') === 'insufficient_scope',
    )
  )
}
