import { authorizing } from './auth/authorize.js'
import { Tokens } from './auth/tokens.js'
import { Client } from './client.js'
import type { Found } from './credentials/credentials.js'
import { Pace } from './decorators/pace.js'
import { quoted } from './decorators/quoted.js'
import { following } from './decorators/redirect.js'
import { retrying } from './decorators/retry.js'
import { traced } from './decorators/trace.js'
import type { WireError } from './errors.js'
import type { Failures } from './failures.js'
import { limited } from './limit.js'
import type { Secrets } from './secrets/secrets.js'
import type { Purpose, Request, Response } from './send.js'
import type { Clock, Random } from './time.js'
import { transport } from './transport/transport.js'

/** The registry to connect to, the connection settings, and the receivers of reports. */
export interface ConnectOptions {
  /** Scheme, host and port of the registry. */
  readonly origin: string
  /** Certificates in PEM that are trusted in addition to the system's own. */
  readonly authorities: readonly string[]
  /** If false, the registry's certificate is not verified. The certificates of other hosts always are. */
  readonly verifyTls: boolean
  /** Certificate and key in PEM, for mutual TLS. */
  readonly clientTls?: { readonly certificate: string; readonly key: string }
  /** Requests to the registry in flight, at most. */
  readonly concurrency: number
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly proxy: Readonly<Record<string, string | undefined>>
  readonly userAgent: string
  readonly found: Found
  readonly clock: Clock
  readonly random: Random
  /** Aborted when no new work may start. */
  readonly stop: AbortSignal
  /** Aborted when no request may be in flight any more. */
  readonly kill: AbortSignal
  /** Gets the tokens and signed links, so that no text of the run shows them. */
  readonly secrets: Secrets
  /** Called before each request is sent, also for retries and redirects. */
  readonly sent: (purpose: Purpose) => void
  /** Receives each attempt that failed. */
  readonly failures?: Failures
  /** Called with one line for each request that was sent. */
  readonly trace?: (line: string) => void
}

/** Requests to token services in flight, at most. */
const TOKEN_REQUESTS = 4

/**
 * Builds a client. Its layers from the inside out: transport, removal of secrets from quotes of a response, a line in
 * the debug log, the pause that a host requests, a limit on requests in flight, credentials for the registry's own
 * origin, redirects (each hop passes through all layers below), and retries. Requests to token services use the same
 * layers without the credentials.
 *
 * @returns the client, and a function that closes its connections
 */
export function connect(options: ConnectOptions): { client: Client; close: () => void } {
  const { origin, concurrency, clock, random, stop, kill, secrets, sent, trace } = options
  const { credentials, source } = options.found
  const { send, close } = transport({
    origin,
    authorities: options.authorities,
    verify: options.verifyTls,
    connections: concurrency,
    proxy: options.proxy,
    userAgent: options.userAgent,
    ...(options.clientTls !== undefined && { client: options.clientTls }),
  })
  const pace = new Pace(clock, random)
  const quotable = quoted(send, secrets.quoting)
  const paced = pace.decorate(trace === undefined ? quotable : traced(quotable, clock, trace))
  const addLink = (link: URL, requested: URL): void => secrets.addLink(link, requested)
  const failed = (request: Request, attempt: Response | WireError): void =>
    options.failures?.add(request, attempt)
  const tokens = new Tokens({
    send: retrying(following(limited(paced, TOKEN_REQUESTS, sent), addLink), clock, random, failed),
    credentials,
    clock,
    kill,
    secret: (text) => secrets.addFromWire(text),
  })
  const authorized = authorizing(limited(paced, concurrency, sent), { origin, credentials, tokens, clock })
  const client = new Client({
    origin,
    credentialsFrom: credentials === undefined ? undefined : source,
    send: retrying(following(authorized, addLink), clock, random, failed),
    heldFor: () => pace.heldFor(origin),
    now: () => clock.now(),
    random,
    stop,
    kill,
  })
  return { client, close }
}
