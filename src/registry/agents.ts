import { lookup } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { isForbidden } from './address.js'
import type { Request } from './send.js'

/** How connections are made. */
export interface AgentOptions {
  /** Scheme, host and port of the registry. */
  readonly origin: string
  /** PEM texts, trusted besides the system's own authorities. */
  readonly authorities: readonly string[]
  /** false: the registry's certificate is not checked. Those of all others are. */
  readonly verify: boolean
  /** Mutual TLS, in PEM: shown to the registry and its token service only. */
  readonly client?: { readonly certificate: string; readonly key: string }
  /** Connections to one host that are kept for reuse. */
  readonly connections: number
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as the environment has them. */
  readonly proxy: Readonly<Record<string, string | undefined>>
  /** How names are looked up; the system's own way if not given. */
  readonly resolve?: Resolve
  /** Milliseconds for the connection, the way through a proxy and TLS; 15 s if not given. */
  readonly connect?: number
}

const CONNECT = 15_000

/** A name that a registry sent leads to where nothing is sent. */
export const FORBIDDEN = 'EFORBIDDEN'
/** No connection in time. */
export const TOO_SLOW = 'ECONNECTLIMIT'

/** How Node looks up a name. */
type Resolve = (...parameters: Parameters<LookupFunction>) => void

type Kind = 'registry' | 'tokens' | 'elsewhere'

/** The connections of a run: who is told what, and who is trusted, depends on where they lead. */
export class Agents {
  readonly #options: AgentOptions
  readonly #made = new Map<string, http.Agent | https.Agent>()
  readonly #contexts = new Map<boolean, tls.SecureContext>()

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

  close(): void {
    for (const agent of this.#made.values()) agent.destroy()
  }

  #make(secure: boolean, kind: Kind, fresh: boolean): http.Agent {
    const { origin, connections, proxy, verify, connect = CONNECT, resolve = lookup } = this.#options
    const own = fresh ? rotating(resolve) : resolve
    const common = {
      ...(fresh ? { keepAlive: false } : { keepAlive: true, maxSockets: connections }),
      proxyEnv: { ...proxy },
      // The user's own registry may be wherever it is; where an answer leads is another matter.
      lookup: kind === 'registry' ? own : carefully(new URL(origin).hostname, own),
    }
    if (!secure) return limited(new http.Agent(common), 'connect', connect)
    const agent = new https.Agent({
      ...common,
      secureContext: this.#context(kind !== 'elsewhere'),
      rejectUnauthorized: verify || kind !== 'registry',
      // No session is resumed on a fresh connection: a balancer may choose the replica by TLS session.
      ...(fresh && { maxCachedSessions: 0 }),
    })
    return limited(agent, 'secureConnect', connect)
  }

  /**
   * Whom to trust, and what to show. Made once: to read all authorities takes longer than a whole exchange, and each
   * fresh connection would do it.
   */
  #context(identified: boolean): tls.SecureContext {
    const { client, authorities } = this.#options
    const known = this.#contexts.get(identified)
    if (known !== undefined) return known
    const context = tls.createSecureContext({
      ca: [...tls.getCACertificates('default'), ...authorities],
      ...(client !== undefined && identified && { cert: client.certificate, key: client.key }),
    })
    this.#contexts.set(identified, context)
    return context
  }
}

/** Ends a connection that is not there after `ms`. @param ready the event that says that it is */
function limited<A extends http.Agent>(agent: A, ready: 'connect' | 'secureConnect', ms: number): A {
  const create = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback): Duplex | null | undefined => {
    let settle = (): void => undefined
    // Called where the connection goes through a proxy: the socket below is that to the proxy.
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
 * Resolves names, but not to addresses where no answer may lead.
 *
 * @param own the host that the user named
 * @param resolve the system's own
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
 * Looks up names so that each connection begins with the next of a host's addresses: each may be another replica. Node
 * tries the others where one does not answer.
 *
 * @param resolve how names are looked up
 */
export function rotating(resolve: Resolve): Resolve {
  let turn = 0
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, address, family) => {
      if (error !== null || !Array.isArray(address)) return callback(error, address, family)
      // The system may turn them itself: two turns together could meet the same address each time.
      const sorted = [...address].sort((one, other) => (one.address < other.address ? -1 : 1))
      const from = turn++ % Math.max(1, sorted.length)
      const turned = [...sorted.slice(from), ...sorted.slice(0, from)]
      const [first] = turned
      if (options.all === true || first === undefined) callback(null, turned)
      else callback(null, first.address, first.family)
    })
  }
}
