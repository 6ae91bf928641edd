import type { Credentials } from '../credentials/credentials.js'
import { WireError } from '../errors.js'
import type { Request, Send } from '../send.js'
import type { Clock } from '../time.js'
import { scopeKey } from './scope.js'
import { fetchToken, type TokenRequest, type Token } from './token.js'

/** How the tokens of a run are fetched. */
export interface TokenOptions {
  /** Adds no credentials of its own. On a redirect to another origin it removes those of the request. */
  readonly send: Send
  readonly credentials: Credentials | undefined
  readonly clock: Clock
  /** Aborted when no request may be in flight any more. Until then, a write in progress may need a token to finish. */
  readonly kill: AbortSignal
  /** Called with each token, so that no text of the run shows it. */
  readonly secret: (text: string) => void
}

/** Milliseconds. A token is renewed this long before it expires, or a quarter of its life if that is less. */
const MARGIN = 10_000

/** The Bearer tokens of a run: one for each realm, service and scope, which all requests share. */
export class Tokens {
  readonly #options: TokenOptions
  readonly #kept = new Map<string, { token: Token; staleAt: number }>()
  readonly #fetching = new Map<string, Promise<Token>>()

  constructor(options: TokenOptions) {
    this.#options = options
  }

  /** @returns the current token, or undefined if there is none or it is about to expire */
  known(tokenRequest: TokenRequest): string | undefined {
    const kept = this.#kept.get(keyOf(tokenRequest))
    return kept !== undefined && this.#options.clock.now() < kept.staleAt ? kept.token.value : undefined
  }

  /**
   * Returns the current token, or fetches one.
   *
   * @param request the request that needs the token. Its signal ends the wait, but not the fetch, which others may share
   * @param refused a token that the registry refused, and that must not be returned again
   * @throws TokenRefused, WireError
   */
  async get(tokenRequest: TokenRequest, request: Request, refused?: string): Promise<string> {
    const key = keyOf(tokenRequest)
    const known = this.known(tokenRequest)
    if (known !== undefined && known !== refused) return known
    const fetching = this.#fetching.get(key) ?? this.#fetch(key, tokenRequest)
    return (await until(fetching, request)).value
  }

  #fetch(key: string, tokenRequest: TokenRequest): Promise<Token> {
    const { send, credentials, clock, kill, secret } = this.#options
    const start = clock.now()
    const fetching = fetchToken(send, tokenRequest, credentials, {
      signal: kill,
      now: () => clock.now(),
      secret,
    })
      .then((token) => {
        const life = token.expiresAt - clock.now()
        // The life of a token starts with the request: the response may have taken a while.
        const spent = clock.now() - start
        this.#kept.set(key, { token, staleAt: token.expiresAt - spent - Math.min(MARGIN, life / 4) })
        return token
      })
      .finally(() => this.#fetching.delete(key))
    this.#fetching.set(key, fetching)
    return fetching
  }
}

function keyOf({ realm, service, scope }: TokenRequest): string {
  return JSON.stringify([realm.href, service ?? null, scopeKey(scope ?? '')])
}

/** Waits for a token until the request is cancelled. */
async function until(token: Promise<Token>, request: Request): Promise<Token> {
  const { signal } = request
  // After the request is cancelled, nobody else handles a failure of the fetch.
  token.catch(() => undefined)
  if (signal.aborted) throw new WireError(request, 'cancelled', 'ABORTED')
  let stop: (() => void) | undefined
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new WireError(request, 'cancelled', 'ABORTED'))
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([token, stopped])
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
  }
}
