import type { Credentials } from '../credentials/credentials.js'
import { WireError } from '../errors.js'
import type { Request, Send } from '../send.js'
import type { Clock } from '../time.js'
import { scopeKey } from './scope.js'
import { fetchToken, type TokenRequest, type Token } from './token.js'

/** What fetching the tokens of a run needs. */
export interface TokenOptions {
  /** Adds no credentials, and takes none along on a redirect. */
  readonly send: Send
  readonly credentials: Credentials | undefined
  readonly clock: Clock
  /** Aborted when nothing may be in flight any more. Until then a token may be needed to finish what was started. */
  readonly kill: AbortSignal
  /** Called with each token, so that no text shows it. */
  readonly secret: (text: string) => void
}

/** Milliseconds before its end at which a token is renewed, or a quarter of its life if that is less. */
const MARGIN = 10_000

/** The Bearer tokens of a run: one for each realm, service and scope, which all requests share. */
export class Tokens {
  readonly #options: TokenOptions
  readonly #kept = new Map<string, { token: Token; staleAt: number }>()
  readonly #fetching = new Map<string, Promise<Token>>()

  constructor(options: TokenOptions) {
    this.#options = options
  }

  /** @returns the current token, if there is a valid one */
  known(tokenRequest: TokenRequest): string | undefined {
    const kept = this.#kept.get(keyOf(tokenRequest))
    return kept !== undefined && this.#options.clock.now() < kept.staleAt ? kept.token.value : undefined
  }

  /**
   * Returns the current token, or fetches one.
   *
   * @param request the request that waits for it. Its signal ends the wait, but not the fetch, which others may share
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
        // Its life counts from the request: the response may have taken a while.
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
  // If the request is cancelled, nobody handles a failure.
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
