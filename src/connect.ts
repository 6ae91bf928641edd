import type { Settings } from './config/settings.js'
import { Client } from './registry/client.js'
import { authorized } from './registry/credentials.js'
import { limited, type Counts } from './registry/limit.js'
import { following } from './registry/redirect.js'
import { retrying } from './registry/retry.js'
import type { Clock, Random } from './registry/time.js'
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
}

/**
 * Puts a client together, from the inside out: transport, a bound on requests in flight, credentials for the registry's
 * own origin, redirects (each hop is judged below), and retries of reads.
 *
 * @returns the client, and a function that closes its connections
 */
export function connect(settings: Settings, around: Surroundings): { client: Client; close: () => void } {
  const { origin, basic, concurrency } = settings
  const { send, close } = transport({
    authorities: settings.authorities,
    verify: settings.verifyTls,
    connections: concurrency,
    proxy: around.proxy,
    userAgent: `registry-purge/${VERSION}`,
  })
  const sendOnce = following(authorized(limited(send, concurrency, around.counts), origin, basic))
  const client = new Client({
    origin,
    anonymous: basic === undefined,
    send: retrying(sendOnce, around.clock, around.random),
    sendOnce,
    stop: around.stop,
    kill: around.kill,
  })
  return { client, close }
}
