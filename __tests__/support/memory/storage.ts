import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MemoryStore } from './store.js'

export interface StorageRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

/** The object store behind a registry that redirects: another origin, which serves bytes as long as they exist. */
export class BlobStorage {
  readonly requests: StorageRequest[] = []
  /** Digests that it does not have, although the registry redirects to it for them. */
  readonly lost = new Set<string>()
  /** The status of every response, instead of the bytes: a store that refuses, or that is down. */
  status: number | undefined
  readonly #server: Server

  constructor(store: MemoryStore) {
    this.#server = createServer((request, response) => {
      const { method = '', url = '', headers } = request
      this.requests.push({ method, url, headers })
      const digest = decodeURIComponent(url.slice(1).split('?')[0] ?? '')
      const has = this.status === undefined && !this.lost.has(digest)
      const bytes = has ? store.content(digest) : undefined
      const status = this.status ?? (bytes === undefined ? 404 : 200)
      response.writeHead(status, {
        'Content-Length': bytes?.length ?? 0,
        'Content-Type': 'application/octet-stream',
      })
      response.end(method === 'HEAD' ? undefined : bytes)
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async start(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done))
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }
}
