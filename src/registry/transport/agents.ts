import { lookup } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { isForbidden } from './address.js'
import { INVALID_PROXY } from '../failure.js'
import { certificateIn, type Certificate, type Unverified } from '../certificate.js'
import type { Request } from '../send.js'
import { sentCertificates } from './sent-certificates.js'
import { trusted } from './trust.js'

/** The settings of all connections. */
export interface AgentOptions {
  /** Scheme, host and port of the registry. */
  readonly origin: string
  /** Certificates in PEM that are trusted besides those of the system, of whatever kind: root, intermediate or server. */
  readonly authorities: readonly string[]
  /** If false, the registry's certificate is not verified. The certificates of other hosts always are. */
  readonly verify: boolean
  /** For mutual TLS, in PEM. Used with the registry and its token service only. */
  readonly client?: { readonly certificate: string; readonly key: string }
  /** Connections to one host, at most. They are kept for reuse. */
  readonly connections: number
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly proxy: Readonly<Record<string, string | undefined>>
  /** Resolves host names. By default the system's resolver. */
  readonly resolve?: Resolve
  /** Milliseconds to connect, including a proxy and TLS. By default 15 s. */
  readonly connect?: number
}

const CONNECT = 15_000

/** The code for a host name that resolves to a forbidden address. */
export const FORBIDDEN = 'EFORBIDDEN'
/** The code for a connection that was not made in time. */
export const TOO_SLOW = 'ECONNECTLIMIT'

/** Resolves a host name, with the parameters of Node's `lookup`. */
type Resolve = (...parameters: Parameters<LookupFunction>) => void

type Kind = 'registry' | 'tokens' | 'elsewhere'

/** The connections of a run. Their target decides which certificates are trusted and whether the client's is used. */
export class Agents {
  readonly #options: AgentOptions
  readonly #made = new Map<string, http.Agent | https.Agent>()
  readonly #contexts = new Map<boolean, tls.SecureContext>()
  readonly #sent = new Map<string, Promise<readonly Certificate[]>>()

  constructor(options: AgentOptions) {
    this.#options = options
  }

  /** @returns the agent for a request to http or https */
  for({ url, fresh, identified }: Request): http.Agent {
    const kind =
      url.origin === this.#options.origin ? 'registry' : identified === true ? 'tokens' : 'elsewhere'
    const key = `${url.protocol} ${kind} ${fresh ? 'fresh' : 'kept'}`
    const known = this.#made.get(key)
    if (known !== undefined) return known
    const agent = this.#make(url.protocol === 'https:', kind, fresh)
    this.#made.set(key, agent)
    return agent
  }

  /**
   * Returns what is known about the certificate of a host that could not be verified. Connects to the host once a run, and
   * sends nothing over that connection.
   */
  async unverified({ url }: Request, signal: AbortSignal): Promise<Unverified> {
    const known = this.#sent.get(url.host)
    const sent = known ?? this.#look(url, signal)
    this.#sent.set(url.host, sent)
    const given = this.#options.authorities.flatMap((pem) => certificateIn(pem) ?? [])
    return { given, sent: await sent, at: Date.now() }
  }

  async #look(url: URL, signal: AbortSignal): Promise<readonly Certificate[]> {
    const { origin, proxy, connect = CONNECT, resolve = lookup } = this.#options
    // The certificate that comes first is then that of the proxy.
    if ((proxy['https_proxy'] || proxy['HTTPS_PROXY'])?.startsWith('https:') === true) return []
    const agent = new https.Agent({
      proxyEnv: { ...proxy },
      lookup: url.origin === origin ? resolve : carefully(new URL(origin).hostname, resolve),
      secureContext: tls.createSecureContext({ ca: [] }),
    })
    return sentCertificates(inTime(agent, 'secureConnect', connect), url, signal)
  }

  close(): void {
    for (const agent of this.#made.values()) agent.destroy()
  }

  #make(secure: boolean, kind: Kind, fresh: boolean): http.Agent {
    const { origin, connections, proxy, verify, connect = CONNECT, resolve = lookup } = this.#options
    const own = fresh ? rotating(resolve) : resolve
    const common = {
      ...(fresh ? { keepAlive: false } : { keepAlive: true, maxSockets: connections }),
      proxyEnv: { ...proxy },
      // The user named the registry, so it may have any address. Responses name all other hosts.
      lookup: kind === 'registry' ? own : carefully(new URL(origin).hostname, own),
    }
    if (!secure)
      return inTime(
        proxied(() => new http.Agent(common)),
        'connect',
        connect,
      )
    const settings = {
      ...common,
      secureContext: this.#context(kind !== 'elsewhere'),
      rejectUnauthorized: verify || kind !== 'registry',
      // Do not resume a session on a fresh connection: a load balancer may choose the replica by TLS session.
      ...(fresh && { maxCachedSessions: 0 }),
    }
    const agent = proxied(() => new https.Agent(settings))
    return inTime(agent, 'secureConnect', connect)
  }

  /**
   * The certificates to trust and to send. Made only once: otherwise each fresh connection would parse all authorities,
   * which takes longer than a whole request.
   *
   * A chain may end at any trusted certificate, not only at a root, as with Docker and curl: users give the certificate
   * that they have, which may be an intermediate or the server's own.
   */
  #context(identified: boolean): tls.SecureContext {
    const { client, authorities } = this.#options
    const known = this.#contexts.get(identified)
    if (known !== undefined) return known
    const context = tls.createSecureContext({
      ca: trusted(authorities),
      allowPartialTrustChain: true,
      ...(client !== undefined && identified && { cert: client.certificate, key: client.key }),
    })
    this.#contexts.set(identified, context)
    return context
  }
}

/** Makes an agent. Node throws an error with the whole address if that of the proxy is not valid. */
function proxied<A>(make: () => A): A {
  try {
    return make()
  } catch {
    throw Object.assign(new Error('the address of a proxy is not valid'), { code: INVALID_PROXY })
  }
}

/** Limits the time to connect. @param ready the event of a socket that is connected */
function inTime<A extends http.Agent>(agent: A, ready: 'connect' | 'secureConnect', ms: number): A {
  const create = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback): Duplex | null | undefined => {
    let settle = (): void => undefined
    // Node calls this if the connection uses a proxy. `socket` is then the one to the proxy.
    const socket = create(options, (error, stream) => {
      settle()
      callback?.(error, stream)
    })
    if (socket === null || socket === undefined) return socket
    const timer = setTimeout(
      () => socket.destroy(Object.assign(new Error('no connection in time'), { code: TOO_SLOW })),
      ms,
    )
    settle = () => clearTimeout(timer)
    socket.once(ready, settle)
    socket.once('close', settle)
    return socket
  }
  return agent
}

/**
 * Resolves host names, and fails with `FORBIDDEN` if an address is forbidden.
 *
 * @param own the host that the user named, which may have any address
 */
export function carefully(own: string, resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, options, (error, address, family) => {
      const found = Array.isArray(address) ? address.map((each) => each.address) : [address]
      const forbidden = error === null && hostname !== own && found.some(isForbidden)
      const refusal = forbidden ? Object.assign(new Error('a forbidden address'), { code: FORBIDDEN }) : error
      callback(refusal, address, family)
    })
  }
}

/**
 * Resolves host names so that each new connection starts with the next address of a host, which may be another replica.
 * If an address does not respond, Node tries the others.
 */
export function rotating(resolve: Resolve): Resolve {
  let turn = 0
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, address, family) => {
      if (error !== null || !Array.isArray(address)) return callback(error, address, family)
      // The system may rotate the addresses, too. Without sorting, both rotations could yield the same address each time.
      const sorted = [...address].sort((one, other) => (one.address < other.address ? -1 : 1))
      const from = turn++ % Math.max(1, sorted.length)
      const rotated = [...sorted.slice(from), ...sorted.slice(0, from)]
      const [first] = rotated
      if (options.all === true || first === undefined) callback(null, rotated)
      else callback(null, first.address, first.family)
    })
  }
}
