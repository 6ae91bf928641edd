import type { Credentials } from '../credentials/credentials.js'
import { WireError } from '../errors.js'
import type { Request, Send } from '../send.js'
import type { Clock } from '../time.js'
import { scopeKey } from './scope.js'
import { fetchToken, type Asked, type Token } from './token.js'

/** What the tokens of a run are got with. */
export interface TokenOptions {
  /** Reaches token services: adds no credentials, follows no redirect with them. */
  readonly send: Send
  readonly credentials: Credentials | undefined
  readonly clock: Clock
  /** Aborted when nothing may be in flight any more: a token may be needed to bring something to its end. */
  readonly kill: AbortSignal
  /** Is told of each token, so that it stands in no text. */
  readonly secret: (text: string) => void
}

/** A token is renewed this long before its end, or a quarter of its life where that is less, in milliseconds. */
const MARGIN = 10_000

/** The Bearer tokens of a run, one for each realm, service and scope, however many requests wait for it. */
export class Tokens {
  readonly #options: TokenOptions
  readonly #kept = new Map<string, { token: Token; staleAt: number }>()
  readonly #underWay = new Map<string, Promise<Token>>()

  constructor(options: TokenOptions) {
    this.#options = options
  }

  /** @returns the token that is at hand for this and still good, if any */
  known(asked: Asked): string | undefined {
    const kept = this.#kept.get(keyOf(asked))
    return kept !== undefined && this.#options.clock.now() < kept.staleAt ? kept.token.value : undefined
  }

  /**
   * @param request the request that waits for it: its signal ends the waiting, and not the fetching, which others share
   * @param refused a token that the registry did not take: another one is fetched, unless somebody else did already
   * @throws TokenRefused, WireError
   */
  async get(asked: Asked, request: Request, refused?: string): Promise<string> {
    const key = keyOf(asked)
    const known = this.known(asked)
    if (known !== undefined && known !== refused) return known
    const underWay = this.#underWay.get(key) ?? this.#fetch(key, asked)
    return (await until(underWay, request)).value
  }

  #fetch(key: string, asked: Asked): Promise<Token> {
    const { send, credentials, clock, kill, secret } = this.#options
    const begun = clock.now()
    const fetching = fetchToken(send, asked, credentials, { signal: kill, now: () => clock.now(), secret })
      .then((token) => {
        const life = token.expiresAt - clock.now()
        // Its life is counted from when it was asked for: the answer may have taken a while.
        const spent = clock.now() - begun
        this.#kept.set(key, { token, staleAt: token.expiresAt - spent - Math.min(MARGIN, life / 4) })
        return token
      })
      .finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, fetching)
    return fetching
  }
}

function keyOf({ realm, service, scope }: Asked): string {
  return JSON.stringify([realm.href, service ?? null, scopeKey(scope ?? '')])
}

/** Waits, but no longer than the request may. */
async function until(token: Promise<Token>, request: Request): Promise<Token> {
  const { signal } = request
  // Nobody may be left to hear of its failure.
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
