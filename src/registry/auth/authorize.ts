import { basicHeader, type Credentials } from '../credentials/credentials.js'
import { shownUrl, WireError } from '../errors.js'
import { quote } from '../quoted.js'
import type { Request, Response, Send } from '../send.js'
import type { Clock } from '../time.js'
import { parseChallenges, type Challenge } from './challenge.js'
import { parseRealm } from './realm.js'
import { scopeText } from './scope.js'
import { TokenRefused, type Asked } from './token.js'
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

/** How one request was authorized. */
type Shown =
  | { readonly is: 'nothing' | 'basic' | 'ready' }
  | { readonly is: 'token'; readonly value: string; readonly asked: Asked }

/** A challenge may come twice for one request: for what was not known, and for a token that is good no more. */
const ANSWERS = 2
/** After a refusal that another token did not change, none is fetched for the same for so long, in milliseconds. */
const RESIGNED = 30_000

/**
 * Authorizes requests to one origin, and to no other: neither a redirect nor a page link may carry credentials away
 * (safety rule 11).
 *
 * Basic credentials go along at once, since nothing is saved by asking first. Where the registry answers with a Bearer
 * challenge, a token is got for just what that says, and its scope is remembered for the repository and the kind of
 * request: what a DELETE needs, its own challenge tells. A token that is good no more is renewed; a new one that is not
 * enough is a refusal, which the answer's `note` explains.
 *
 * Who has credentials never asks as nobody: some registries answer 404 to a stranger, for things that are there.
 *
 * @param send what to decorate
 */
export function authorizing(send: Send, authorization: Authorization): Send {
  const guard = new Guard(send, authorization)
  return (request) => (request.url.origin === authorization.origin ? guard.send(request) : send(request))
}

class Guard {
  readonly #send: Send
  readonly #authorization: Authorization
  /** What to get a token for, by repository and kind of request. */
  readonly #learnt = new Map<string, Asked>()
  readonly #resigned = new Map<string, number>()
  /** What a token was got for last: one for something else has the registry say what it wants. */
  #latest: Asked | undefined

  constructor(send: Send, authorization: Authorization) {
    this.#send = send
    this.#authorization = authorization
  }

  async send(request: Request): Promise<Response> {
    const need = needOf(request)
    let shown = await this.#first(request, need)
    let refused: string | undefined
    let response = await this.#show(request, shown)
    for (let answers = 1; isChallenge(response); answers++) {
      if (shown.is === 'token') refused = shown.value
      const next =
        answers > ANSWERS
          ? this.#refusal(response, need, shown)
          : await this.#answer(request, response, need, shown, refused)
      if (typeof next === 'string') return { ...response, note: next }
      shown = next
      response = await this.#show({ ...request, attempt: (request.attempt ?? 1) + answers }, shown)
    }
    if (shown.is === 'token') this.#resigned.delete(need)
    return response
  }

  /** What goes along before anything was asked for. */
  async #first(request: Request, need: string): Promise<Shown> {
    const { credentials, tokens } = this.#authorization
    if (credentials?.kind === 'ready') return { is: 'ready' }
    const asked = this.#learnt.get(need)
    if (asked !== undefined) return this.#token(asked, request)
    if (credentials?.kind === 'basic') return { is: 'basic' }
    if (credentials === undefined) return { is: 'nothing' }
    const other = this.#latest === undefined ? undefined : tokens.known(this.#latest)
    if (other === undefined || this.#latest === undefined) return { is: 'nothing' }
    return { is: 'token', value: other, asked: this.#latest }
  }

  /** @throws WireError where the token service refuses what it gave before: that is no answer of the registry */
  async #token(asked: Asked, request: Request, refused?: string): Promise<Shown> {
    try {
      return { is: 'token', value: await this.#authorization.tokens.get(asked, request, refused), asked }
    } catch (error) {
      if (error instanceof TokenRefused)
        throw new WireError(request, 'token', `gives no token any more (${error.message})`)
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

  /** @returns what to show next, or why there is nothing that would help */
  async #answer(
    request: Request,
    response: Response,
    need: string,
    shown: Shown,
    refused: string | undefined,
  ): Promise<Shown | string> {
    const { credentials, tokens } = this.#authorization
    if (shown.is === 'ready') return 'the token that was given is not taken'
    const challenges = challengesOf(response)
    const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'))
    // Harbor answers a token that it does not take any more with a Basic challenge.
    const again = bearer === undefined ? this.#learnt.get(need) : undefined
    if (bearer === undefined && (again === undefined || shown.is === 'basic')) {
      const basic = challenges.some(({ scheme }) => scheme === 'basic')
      if (basic && credentials?.kind === 'basic' && shown.is !== 'basic') return { is: 'basic' }
      return this.#useless(response, challenges, shown)
    }
    const asked = bearer === undefined ? again : askedFor(request, response, bearer)
    if (asked === undefined) return this.#useless(response, challenges, shown)
    const resigned = this.#resigned.get(need) ?? -Infinity
    const renews = refused !== undefined && tokens.known(asked) === refused
    if (renews && this.#authorization.clock.now() - resigned < RESIGNED)
      return this.#refusal(response, need, shown)
    try {
      const value = await tokens.get(asked, request, refused)
      this.#learnt.set(need, asked)
      this.#latest = asked
      return { is: 'token', value, asked }
    } catch (error) {
      if (error instanceof TokenRefused) return error.message
      throw error
    }
  }

  #useless(response: Response, challenges: readonly Challenge[], shown: Shown): string {
    const { credentials } = this.#authorization
    const schemes = [...new Set(challenges.map(({ scheme }) => scheme))].slice(0, 3)
    if (schemes.length === 0) return 'the registry does not say how to authenticate'
    if (!schemes.includes('basic'))
      return `only Basic and Bearer are spoken here, and it asks for ${schemes.map((scheme) => quote(response, scheme)).join(', ')}`
    if (credentials === undefined) return 'no credentials were given'
    return shown.is === 'basic'
      ? 'the credentials are refused'
      : 'it asks for a user and a password, and a token was given'
  }

  #refusal(response: Response, need: string, shown: Shown): string {
    if (shown.is === 'nothing') return 'no credentials were given'
    if (shown.is !== 'token') return 'the credentials are refused'
    const now = this.#authorization.clock.now()
    if (now - (this.#resigned.get(need) ?? -Infinity) >= RESIGNED) this.#resigned.set(need, now)
    const challenge = challengesOf(response).find(({ scheme }) => scheme === 'bearer')
    const wanted = challenge?.parameters.get('scope') ?? shown.asked.scope ?? ''
    const { realm: url, hidden } = shown.asked
    const { host } = shownUrl({ url, ...(hidden !== undefined && { hidden }) })
    // Read piece by piece and put together anew, so it is judged as it came.
    const what = quote(response, wanted) === wanted ? scopeText(wanted) : 'what is needed'
    return `the token that ${host} gave does not allow ${what}`
  }
}

function challengesOf(response: Response): Challenge[] {
  return parseChallenges(response.headers.get('www-authenticate') ?? '')
}

function askedFor(request: Request, response: Response, { parameters }: Challenge): Asked {
  const realm = parameters.get('realm') ?? ''
  // As it came: a URL has its host in small letters. Its query is never named.
  const address = realm.replace(/[?#][^]*$/, '')
  const hidden = (): boolean => quote(response, address) !== address
  return {
    realm: parseRealm(request, realm, hidden),
    hidden,
    service: parameters.get('service'),
    scope: parameters.get('scope'),
  }
}

/** 401; or 403 where the registry says, as RFC 6750 has it, that only the token is not enough. */
function isChallenge(response: Response): boolean {
  if (response.status === 401) return true
  return (
    response.status === 403 &&
    challengesOf(response).some(
      ({ scheme, parameters }) => scheme === 'bearer' && parameters.get('error') === 'insufficient_scope',
    )
  )
}

/** Requests that need the same permission: which one, the registry says itself. */
function needOf({ method, url }: Request): string {
  const kind = method === 'GET' || method === 'HEAD' ? 'read' : method === 'DELETE' ? 'delete' : 'write'
  const [, repository = url.pathname] =
    /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(url.pathname) ?? []
  return `${kind} ${repository}`
}
