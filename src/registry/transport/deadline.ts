import { WireError } from '../errors.js'
import { NO_PROXY } from '../failure.js'
import type { Request } from '../send.js'
import { FORBIDDEN } from './agents.js'
import { codeOf } from '../code.js'

/** The time limits and the cancellation of one request. Explains which of them ended it. */
export class Deadline {
  readonly #request: Request
  readonly #controller = new AbortController()
  readonly #timers: NodeJS.Timeout[]
  readonly #cancel = (): void => this.#controller.abort()
  #late = false

  constructor(request: Request) {
    this.#request = request
    const end = (): void => {
      this.#late = true
      this.#controller.abort()
    }
    const limits = [
      request.timeout,
      ...(request.headersTimeout === undefined ? [] : [request.headersTimeout]),
    ]
    this.#timers = limits.map((ms) => setTimeout(end, ms))
    if (request.signal.aborted) this.#cancel()
    else request.signal.addEventListener('abort', this.#cancel, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Ends the time limit of the headers. The limit of the whole response continues. */
  headersCame(): void {
    clearTimeout(this.#timers[1])
  }

  /** @returns a WireError without its cause: the message of the underlying error holds the whole URL */
  explain(error: unknown): WireError {
    if (error instanceof WireError) return error
    const request = this.#request
    if (codeOf(error) === FORBIDDEN)
      return new WireError(request, 'forbidden-address', 'a link-local or metadata address')
    if (this.#late) return new WireError(request, 'timeout', 'ETIMEDOUT')
    if (request.signal.aborted) return new WireError(request, 'cancelled', 'ABORTED')
    return new WireError(request, 'network', isOfProxy(error, request.url) ? NO_PROXY : codeOf(error))
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#request.signal.removeEventListener('abort', this.#cancel)
  }
}

/** Node's messages name the address that failed. If it is not the requested one, it belongs to a proxy. */
function isOfProxy(error: unknown, { hostname, port, protocol }: URL): boolean {
  const text = error instanceof Error ? error.message : ''
  const [, refused] = /connect E\w+ \S*:(\d+)$/.exec(text) ?? []
  if (refused !== undefined) return refused !== (port || (protocol === 'https:' ? '443' : '80'))
  const [, unknown] = /getaddrinfo E\w+ (\S+)$/.exec(text) ?? []
  return unknown !== undefined && unknown !== hostname
}
