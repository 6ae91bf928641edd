import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { failure, given, type Outcome } from './memory/answer.js'
import type { MemoryOptions } from './memory/options.js'
import { CachedReplica, RedisCache, uncached, type Replica } from './memory/replica.js'
import { PRESETS } from './memory/presets.js'
import { parseRoute, type RecordedRequest } from './memory/request.js'
import { Handler } from './memory/routes/handler.js'
import { BlobStorage } from './memory/storage.js'
import { MemoryStore } from './memory/store.js'
import { drop, send } from './memory/wire.js'

export { deleteTwists } from './memory/twists.js'
export type * from './memory/twists.js'
export type * from './memory/options.js'
export type { RecordedRequest, Route } from './memory/request.js'
export { MemoryStore } from './memory/store.js'

export interface MemoryRegistry {
  /** `http://127.0.0.1:port`, or https where a key is given. */
  readonly url: string
  readonly host: string
  readonly store: MemoryStore
  /** Every request, in the order of arrival. */
  readonly requests: RecordedRequest[]
  /** What no registry has: a path, a method, or a hook that threw. A good test finds it empty. */
  readonly unexpected: string[]
  /** The other origin to which `redirectBlobs` sends, and what arrived there. */
  readonly storage: Pick<BlobStorage, 'url' | 'requests' | 'lost' | 'status'>
  /** The switches; they may be changed at any time. */
  readonly options: MemoryOptions
  /** The number of sockets accepted so far. */
  sockets(): number
  /** The number of requests that have arrived and are still being answered; those left hanging do not count. */
  inFlight(): number
  stop(): Promise<void>
}

/**
 * A registry in memory, spoken to over real HTTP. Without options it behaves like distribution 3.1.1; each option
 * names one behaviour of one real registry.
 */
export async function startMemoryRegistry(options: MemoryOptions = {}): Promise<MemoryRegistry> {
  const running = new Running({ ...PRESETS[options.dialect ?? ''], ...options })
  await running.start()
  return running
}

class Running implements MemoryRegistry {
  readonly options: MemoryOptions
  readonly store = new MemoryStore()
  readonly requests: RecordedRequest[] = []
  readonly unexpected: string[] = []
  readonly storage = new BlobStorage(this.store)
  readonly #handler = new Handler()
  readonly #server: Server
  readonly #socketIds = new WeakMap<Socket, number>()
  readonly #stopped = new AbortController()
  readonly #replicas: Replica[] = []
  readonly #lists = new Map<string, Outcome>()
  #redis: RedisCache | undefined
  #accepted = 0
  #inFlight = 0
  #turn = 0

  constructor(options: MemoryOptions) {
    this.options = options
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      // A connection that a test dropped is no failure of the registry.
      response.on('error', () => {})
      this.#inFlight += 1
      this.#serve(request, response)
        .catch((error: unknown) => {
          // Nor is a request that a client gave up half-way.
          if (!request.complete) return
          this.unexpected.push(`${request.method} ${request.url}: ${String(error)}`)
          if (!response.headersSent) send(response, request.method ?? '', failure(500, 'UNKNOWN'))
        })
        .finally(() => {
          this.#inFlight -= 1
        })
    }
    const { tls } = options
    const mutual =
      tls?.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }
    this.#server = tls
      ? createTlsServer({ key: tls.key, cert: tls.cert, ...mutual }, listener)
      : createServer(listener)
    this.#server.keepAliveTimeout = 60_000
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#accepted += 1
      this.#socketIds.set(socket, this.#accepted)
      socket.on('error', () => {})
    })
    this.store.onLink = (repo, digest, kind) => {
      if (this.options.replicasStartCold === true) return
      for (const cache of this.#caches()) this.#warm(cache, repo, digest, kind)
    }
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get url(): string {
    return `${this.options.tls ? 'https' : 'http'}://${this.host}`
  }

  sockets(): number {
    return this.#accepted
  }

  inFlight(): number {
    return this.#inFlight
  }

  async start(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done))
    await this.storage.start()
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#server.closeAllConnections()
    await Promise.all([new Promise((done) => this.#server.close(done)), this.storage.stop()])
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await this.#record(incoming)
    const outcome = this.#cachedList(request) ?? this.#cacheList(request, await this.#answer(request))
    await this.options.after?.(request, this.store, outcome)
    await this.#delay(request)
    if (outcome === 'hang') return
    if (outcome === 'reset') return drop(incoming.socket)
    request.status = outcome.status
    send(response, request.method, outcome)
  }

  #cachedList(request: RecordedRequest): Outcome | undefined {
    const cached = this.#lists.get(this.#listKey(request) ?? '')
    if (cached === undefined || typeof cached === 'string') return cached
    return { ...cached, headers: { ...cached.headers, ...this.options.cacheLists?.says } }
  }

  #cacheList(request: RecordedRequest, outcome: Outcome): Outcome {
    const key = this.#listKey(request)
    if (key !== undefined) this.#lists.set(key, outcome)
    return outcome
  }

  /** @returns under what a list is kept, or undefined for anything else */
  #listKey({ method, path, url, route }: RecordedRequest): string | undefined {
    const { cacheLists } = this.options
    if (cacheLists === undefined || method !== 'GET') return undefined
    if (!['tags', 'catalog', 'referrers'].includes(route.kind)) return undefined
    return cacheLists.key === 'path' ? path : url
  }

  /** Recorded on arrival of the headers, so that the order is that of arrival even where bodies are slow. */
  async #record(incoming: IncomingMessage): Promise<RecordedRequest> {
    const url = incoming.url ?? ''
    const path = url.split('?')[0] ?? ''
    const request = {
      method: incoming.method ?? '',
      path,
      url,
      headers: incoming.headers,
      body: Buffer.alloc(0),
      route: parseRoute(path),
      socketId: this.#socketIds.get(incoming.socket) ?? 0,
      time: (this.options.now ?? Date.now)(),
      status: 0,
    }
    this.requests.push(request)
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    request.body = Buffer.concat(chunks)
    return request
  }

  async #answer(request: RecordedRequest): Promise<Outcome> {
    // Round robin is per request, whatever becomes of it.
    const replica = this.#replica()
    const intercepted = await this.options.intercept?.(request, this.store)
    if (intercepted !== undefined) return typeof intercepted === 'string' ? intercepted : given(intercepted)
    const outcome = this.#handler.handle({
      request,
      route: request.route,
      query: new URLSearchParams(request.url.slice(request.path.length + 1)),
      store: this.store,
      options: this.options,
      replica,
      origin: this.url,
      storageOrigin: this.storage.url,
    })
    if (outcome !== undefined) return outcome
    this.unexpected.push(`${request.method} ${request.url}`)
    return failure(500, 'UNKNOWN', { message: 'no registry has such a path or method' })
  }

  #replica(): Replica {
    const caches = this.#caches()
    const chosen = caches[this.#turn % caches.length] ?? uncached
    this.#turn += 1
    return chosen
  }

  /** The caches that the options ask for by now; those that are new have seen all there is, unless they start cold. */
  #caches(): readonly Replica[] {
    if (this.options.revivesElsewhere === true) return [(this.#redis ??= this.#seen(new RedisCache()))]
    const wanted = this.options.replicas ?? 0
    while (this.#replicas.length < wanted) this.#replicas.push(this.#seen(new CachedReplica()))
    return this.#replicas.slice(0, wanted)
  }

  #seen<C extends Replica>(cache: C): C {
    if (this.options.replicasStartCold !== true) {
      for (const [repo, digest, kind] of this.store.linked()) this.#warm(cache, repo, digest, kind)
    }
    return cache
  }

  #warm(cache: Replica, repo: string, digest: string, kind: 'manifest' | 'blob'): void {
    // 2.8 caches blobs only.
    if (kind === 'blob' || this.options.dialect !== '2.8') cache.learn(repo, digest)
  }

  async #delay(request: RecordedRequest): Promise<void> {
    const { delay = 0 } = this.options
    const ms = typeof delay === 'number' ? delay : delay(request)
    if (ms > 0) await wait(ms, undefined, { signal: this.#stopped.signal }).catch(() => {})
  }
}
