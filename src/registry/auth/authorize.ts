import { basicHeader, type Credentials } from '../credentials/credentials.js'
import { shownUrl, WireError } from '../errors.js'
import { quote } from '../decorators/quoted.js'
import type { Request, Response, Send } from '../send.js'
import type { Clock } from '../time.js'
import { parseChallenges, type Challenge } from './challenge.js'
import { parseRealm } from './realm.js'
import { scopeText } from './scope.js'
import { TokenRefused, type TokenRequest } from './token.js'
import type { Tokens } from './tokens.js'

/** What requests are authorized with. */
export interface Authorization {
  /** Scheme, host and port of the registry. */
  readonly origin: string
  /** Undefined for anonymous access. */
  readonly credentials: Credentials | undefined
  readonly tokens: Tokens
  readonly clock: Clock
}

/** What a request was authorized with. */
type Shown =
  | { readonly is: 'nothing' | 'basic' | 'ready' }
  | { readonly is: 'token'; readonly value: string; readonly tokenRequest: TokenRequest }

/** Nothing else would help. `why` says so in the note of the response. */
interface Refused {
  readonly is: 'refused'
  readonly why: string
}

/** Challenges that one request may meet: for an unknown scope, and for a token that is no longer valid. */
const MOST_CHALLENGES = 2
/** Milliseconds for which no new token is fetched after a new token was refused, too. */
const RESIGNED = 30_000

/**
 * Authorizes requests to one origin only: neither a redirect nor a page link may carry credentials away (safety rule 11).
 *
 * Basic credentials are sent with the first request, since waiting for a challenge would save nothing. After a Bearer
 * challenge a token is fetched for exactly the scope of the challenge. The scope is remembered for the repository and the
 * kind of request: a DELETE needs another one than a GET. A token that is no longer valid is renewed. If a new token is
 * refused, the response is final, and its `note` says why.
 *
 * With credentials no request is sent anonymously, as far as possible: some registries return 404 to strangers for
 * content that is there.
 */
export function authorizing(send: Send, authorization: Authorization): Send {
  const guard = new Guard(send, authorization)
  return (request) => (request.url.origin === authorization.origin ? guard.send(request) : send(request))
}

class Guard {
  readonly #send: Send
  readonly #authorization: Authorization
  /** What to request a token for, by repository and kind of request. */
  readonly #learnt = new Map<string, TokenRequest>()
  readonly #resigned = new Map<string, number>()
  /** The token that replaced a refused one, until it is accepted. */
  readonly #renewed = new Map<string, string>()
  /** What the latest token is for. The registry replies to a token of another scope with the scope that it needs. */
  #latest: TokenRequest | undefined

  constructor(send: Send, authorization: Authorization) {
    this.#send = send
    this.#authorization = authorization
  }

  async send(request: Request): Promise<Response> {
    const need = needOf(request)
    let shown = await this.#first(request, need)
    let rejected: string | undefined
    let response = await this.#show(request, shown)
    for (let challenges = 1; isChallenge(response); challenges++) {
      if (shown.is === 'token') rejected = shown.value
      const next =
        challenges > MOST_CHALLENGES
          ? this.#refusal(response, need, shown)
          : await this.#meet(request, response, need, shown, rejected)
      if (next.is === 'refused') return { ...response, note: next.why }
      shown = next
      response = await this.#show({ ...request, attempt: (request.attempt ?? 1) + challenges }, shown)
    }
    if (shown.is === 'token') this.#accepted(need, shown.value)
    return response
  }

  #accepted(need: string, token: string): void {
    this.#resigned.delete(need)
    if (this.#renewed.get(need) === token) this.#renewed.delete(need)
  }

  /** What to send before the first challenge. */
  async #first(request: Request, need: string): Promise<Shown> {
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

  /** @throws WireError if the token service refuses what it granted before: that is not a response of the registry */
  async #token(tokenRequest: TokenRequest, request: Request): Promise<Shown> {
    try {
      return { is: 'token', value: await this.#authorization.tokens.get(tokenRequest, request), tokenRequest }
    } catch (error) {
      if (error instanceof TokenRefused)
        throw new WireError(request, 'token', `no longer issues a token (${error.message})`, { cause: error })
      throw error
    }
  }

  #show(request: Request, shown: Shown): Promise<Response> {
    const { credentials } = this.#authorization
    const headers: Record<string, string> = { ...request.headers }
    if (shown.is === 'token') headers['authorization'] = `Bearer ${shown.value}`
    if (shown.is === 'ready' && credentials?.kind === 'ready')
      headers['authorization'] = `Bearer ${credentials.token}`
    if (shown.is === 'basic' && credentials?.kind === 'basic')
      headers['authorization'] = basicHeader(credentials)
    return this.#send({ ...request, headers, identified: true })
  }

  /** Meets a challenge. @returns what to send next */
  async #meet(
    request: Request,
    response: Response,
    need: string,
    shown: Shown,
    rejected: string | undefined,
  ): Promise<Shown | Refused> {
    const { credentials, tokens } = this.#authorization
    if (shown.is === 'ready') return refused('the token that was given is refused')
    const challenges = challengesOf(response)
    const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'))
    // Harbor replies with a Basic challenge to a token that it no longer accepts.
    const again = bearer === undefined ? this.#learnt.get(need) : undefined
    if (bearer === undefined && (again === undefined || shown.is === 'basic')) {
      const basic = challenges.some(({ scheme }) => scheme === 'basic')
      if (basic && credentials?.kind === 'basic' && shown.is !== 'basic') return { is: 'basic' }
      return this.#unanswerable(response, challenges, shown)
    }
    const tokenRequest = bearer === undefined ? again : tokenRequestOf(request, response, bearer)
    if (tokenRequest === undefined) return this.#unanswerable(response, challenges, shown)
    const renews = rejected !== undefined && tokens.known(tokenRequest) === rejected
    if (renews && this.#isResigned(need, rejected)) return this.#refusal(response, need, shown)
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

  /** Requests that come before the response to the one that renewed the token would otherwise each fetch another. */
  #isResigned(need: string, rejected: string): boolean {
    const resigned = this.#resigned.get(need)
    if (resigned === undefined) return this.#renewed.get(need) === rejected
    return this.#authorization.clock.now() - resigned < RESIGNED
  }

  /** No challenge can be met. */
  #unanswerable(response: Response, challenges: readonly Challenge[], shown: Shown): Refused {
    const { credentials } = this.#authorization
    const schemes = [...new Set(challenges.map(({ scheme }) => scheme))].slice(0, 3)
    if (schemes.length === 0) return refused('the registry does not say how to authenticate')
    if (!schemes.includes('basic'))
      return refused(
        `only Basic and Bearer are supported, and it asks for ${schemes.map((scheme) => quote(response, scheme)).join(', ')}`,
      )
    if (credentials === undefined) return refused('no credentials were given')
    return shown.is === 'basic'
      ? refused('the credentials are refused')
      : refused('it asks for a user and a password, and a token was given')
  }

  /** The challenge came again after it was met. */
  #refusal(response: Response, need: string, shown: Shown): Refused {
    if (shown.is === 'nothing') return refused('no credentials were given')
    if (shown.is !== 'token') return refused('the credentials are refused')
    const now = this.#authorization.clock.now()
    if (now - (this.#resigned.get(need) ?? -Infinity) >= RESIGNED) this.#resigned.set(need, now)
    const challenge = challengesOf(response).find(({ scheme }) => scheme === 'bearer')
    const wanted = challenge?.parameters.get('scope') ?? shown.tokenRequest.scope ?? ''
    const { realm: url, hidden } = shown.tokenRequest
    const { host } = shownUrl({ url, ...(hidden !== undefined && { hidden }) })
    // Secrets are searched in the scope as it came: scopeText takes it apart.
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
  // The text as it came: a URL changes its host to lower case. The query is never shown.
  const address = realm.replace(/[?#][^]*$/, '')
  const hidden = (): boolean => quote(response, address) !== address
  return {
    realm: parseRealm(request, realm, hidden),
    hidden,
    service: parameters.get('service'),
    scope: parameters.get('scope'),
  }
}

/** A 401, or a 403 that says that the scope of the token is insufficient (RFC 6750, 3.1). */
function isChallenge(response: Response): boolean {
  if (response.status === 401) return true
  return (
    response.status === 403 &&
    challengesOf(response).some(
      ({ scheme, parameters }) => scheme === 'bearer' && parameters.get('error') === 'insufficient_scope',
    )
  )
}

/** Groups requests that need the same permission. */
function needOf({ method, url }: Request): string {
  const kind = method === 'GET' || method === 'HEAD' ? 'read' : method === 'DELETE' ? 'delete' : 'write'
  const [, repository = url.pathname] =
    /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(url.pathname) ?? []
  return `${kind} ${repository}`
}
