import type { Settings } from './config/settings.js'
import { authorizing } from './registry/auth/authorize.js'
import { Tokens } from './registry/auth/tokens.js'
import { Client } from './registry/client.js'
import type { Found } from './registry/credentials/credentials.js'
import { limited, type Counts } from './registry/limit.js'
import { Pace } from './registry/pace.js'
import { quoted } from './registry/quoted.js'
import { following } from './registry/redirect.js'
import { retrying } from './registry/retry.js'
import type { Secrets } from './registry/secrets.js'
import type { Clock, Random } from './registry/time.js'
import { traced } from './registry/trace.js'
import { transport } from './registry/transport.js'
import { VERSION } from './version.js'

/** What a connection needs besides the settings. */
export interface Surroundings {
  readonly clock: Clock
  readonly random: Random
  /** Is added to. */
  readonly counts: Counts
  /** Aborted when no new work may be begun. */
  readonly stop: AbortSignal
  /** Aborted when nothing may be in flight any more. */
  readonly kill: AbortSignal
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly proxy: Readonly<Record<string, string | undefined>>
  readonly found: Found
  /** Is told of tokens and signed links. */
  readonly secrets: Secrets
  /** Takes a line for each request that went over the network. */
  readonly trace?: (line: string) => void
}

/** Requests to token services at a time. */
const TOKEN_REQUESTS = 4

/**
 * Puts a client together, from the inside out: transport, what may be quoted of a response, a line in the debug log, the pace that each host asks for, a
 * bound on requests in flight, credentials for the registry's own origin, redirects (each hop is judged below), and
 * retries. Token services are reached the same way, but for the credentials.
 *
 * @returns the client, and a function that closes its connections
 */
export function connect(settings: Settings, around: Surroundings): { client: Client; close: () => void } {
  const { origin, concurrency } = settings
  const { clock, random, counts, stop, kill, secrets, trace } = around
  const { credentials, source } = around.found
  const { send, close } = transport({
    origin,
    authorities: settings.authorities,
    verify: settings.verifyTls,
    connections: concurrency,
    proxy: around.proxy,
    userAgent: `registry-purge/${VERSION}`,
    ...(settings.clientTls !== undefined && { client: settings.clientTls }),
  })
  const pace = new Pace(clock, random)
  const careful = quoted(send, secrets.quoting)
  const paced = pace.decorate(trace === undefined ? careful : traced(careful, clock, trace))
  const link = (to: URL, asked: URL): void => secrets.addLink(to, asked)
  const tokens = new Tokens({
    send: retrying(following(limited(paced, TOKEN_REQUESTS, counts), link), clock, random),
    credentials,
    clock,
    kill,
    secret: (text) => secrets.addFromWire(text),
  })
  const authorized = authorizing(limited(paced, concurrency, counts), { origin, credentials, tokens, clock })
  const client = new Client({
    origin,
    credentialsFrom: credentials === undefined ? undefined : source,
    send: retrying(following(authorized, link), clock, random),
    heldFor: () => pace.heldFor(origin),
    now: () => clock.now(),
    random,
    stop,
    kill,
  })
  return { client, close }
}
