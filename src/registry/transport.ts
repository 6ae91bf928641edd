import { createHash } from 'node:crypto'
import fetch, { FetchError, type Response as Fetched } from 'node-fetch'
import type { Digest } from '../oci/digest.js'
import { Agents, FORBIDDEN, type AgentOptions } from './agents.js'
import { NO_PROXY, WireError } from './errors.js'
import type { Headers, Request, Response, Send } from './send.js'

/** How to reach the registry. */
export interface TransportOptions extends AgentOptions {
  readonly userAgent: string
}

/** Bytes of an error that are read; what comes after them is left. */
const ERROR_LIMIT = 64 << 10

/**
 * Makes the innermost Send, over node-fetch: it follows no redirect, asks for no compression (a manifest is hashed as
 * it lies in the registry) and leaves no body unread, since an unread one would hold its socket for ever.
 *
 * @returns the Send, and a function that closes the connections that are kept
 */
export function transport(options: TransportOptions): { send: Send; close: () => void } {
  const agents = new Agents(options)
  const send: Send = async (request) => {
    const { protocol } = request.url
    if (protocol !== 'http:' && protocol !== 'https:')
      throw new WireError(request, 'forbidden-address', protocol)
    const deadline = new Deadline(request)
    try {
      const fetched = await fetch(request.url, {
        method: request.method,
        headers: {
          'user-agent': options.userAgent,
          'accept-encoding': 'identity',
          // A cache in front of the registry may know what was there a while ago (RFC 9111, 5.2.1.4).
          'cache-control': 'no-cache',
          ...request.headers,
        },
        ...(request.body !== undefined && { body: Buffer.from(request.body) }),
        agent: agents.for(request),
        redirect: 'manual',
        compress: false,
        signal: deadline.signal,
      })
      deadline.answered()
      return await receive(request, fetched)
    } catch (error) {
      throw deadline.explain(error)
    } finally {
      deadline.clear()
    }
  }
  return { send, close: () => agents.close() }
}

async function receive(request: Request, fetched: Fetched): Promise<Response> {
  const headers = headersOf(fetched)
  const announced = headers.has('content-length') ? Number(headers.get('content-length')) : undefined
  const { status } = fetched
  const answer = { status, headers, redirected: false, ...(status === 407 && { note: PROXY }) }
  const limit = status < 400 ? request.limit : Math.min(request.limit, ERROR_LIMIT)
  const stream = fetched.body as (AsyncIterable<Uint8Array> & { destroy(): void }) | null
  if (stream === null || request.method === 'HEAD') return { ...answer, body: new Uint8Array(), cut: false }
  const long = announced === undefined || announced > request.limit
  const needsBytes = request.firstBytes === true && status === 200
  const ended = { ...answer, body: new Uint8Array(), cut: false, ended: true }
  if (request.peek && long && !needsBytes) {
    stream.destroy()
    return ended
  }
  const parts: Uint8Array[] = []
  const hash = request.hash === true ? new Hashes() : undefined
  let size = 0
  try {
    for await (const part of stream) {
      size += part.length
      if (needsBytes && (size > limit || (size > 0 && (announced ?? 0) > limit))) {
        stream.destroy()
        return ended
      }
      if (hash !== undefined && status === 200) {
        hash.update(part)
        continue
      }
      if (size > limit) {
        stream.destroy()
        if (status < 400) throw new WireError(request, 'too-large', String(limit))
        // The status says it already.
        parts.push(part.subarray(0, part.length - (size - limit)))
        return { ...answer, body: Buffer.concat(parts), cut: false }
      }
      parts.push(part)
    }
  } catch (error) {
    if (error instanceof WireError || request.signal.aborted || !endsEarly(error)) throw error
    return { ...answer, body: Buffer.concat(parts), cut: true }
  }
  const cut = announced !== undefined && size < announced
  return { ...answer, body: Buffer.concat(parts), cut, ...(hash !== undefined && { hashes: hash.digests() }) }
}

/** Read where they are asked for: to list them all costs more than the rest of what is done with an answer here. */
function headersOf({ headers }: Fetched): Headers {
  return {
    get: (name) => headers.get(name) ?? undefined,
    has: (name) => headers.has(name),
    keys: () => headers.keys(),
  }
}

const PROXY = 'it comes from a proxy, which asks for credentials: write them into HTTPS_PROXY or HTTP_PROXY'

/** Both digests of a body that is not kept. */
class Hashes {
  readonly #sha256 = createHash('sha256')
  readonly #sha512 = createHash('sha512')

  update(part: Uint8Array): void {
    this.#sha256.update(part)
    this.#sha512.update(part)
  }

  digests(): { sha256: Digest; sha512: Digest } {
    return {
      sha256: `sha256:${this.#sha256.digest('hex')}` as Digest,
      sha512: `sha512:${this.#sha512.digest('hex')}` as Digest,
    }
  }
}

/** The connection broke while the body came in, so status and headers are known. */
function endsEarly(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE'
}

/** The words of Node name the address that did not answer: another one than was asked for is that of a proxy. */
function isOfProxy(error: unknown, { hostname, port, protocol }: URL): boolean {
  const text = error instanceof Error ? error.message : ''
  const [, refused] = /connect E\w+ \S*:(\d+)$/.exec(text) ?? []
  if (refused !== undefined) return refused !== (port || (protocol === 'https:' ? '443' : '80'))
  const [, unknown] = /getaddrinfo E\w+ (\S+)$/.exec(text) ?? []
  return unknown !== undefined && unknown !== hostname
}

function codeOf(error: unknown): string {
  if (error instanceof FetchError && typeof error.code === 'string') return error.code
  const code: unknown = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'unknown'
}

/** The time limit of one request and the signal that stops it, told apart afterwards. */
class Deadline {
  readonly #request: Request
  readonly #controller = new AbortController()
  readonly #timers: NodeJS.Timeout[]
  readonly #stop = (): void => this.#controller.abort()
  #late = false

  constructor(request: Request) {
    this.#request = request
    const end = (): void => {
      this.#late = true
      this.#controller.abort()
    }
    const limits = [request.timeout, ...(request.answer === undefined ? [] : [request.answer])]
    this.#timers = limits.map((ms) => setTimeout(end, ms))
    if (request.signal.aborted) this.#stop()
    else request.signal.addEventListener('abort', this.#stop, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The headers are there: what follows has the rest of the whole time. */
  answered(): void {
    clearTimeout(this.#timers[1])
  }

  explain(error: unknown): WireError {
    if (error instanceof WireError) return error
    if (codeOf(error) === FORBIDDEN)
      return new WireError(this.#request, 'forbidden-address', 'a link-local or metadata address')
    if (this.#late) return new WireError(this.#request, 'timeout', 'ETIMEDOUT')
    if (this.#request.signal.aborted) return new WireError(this.#request, 'cancelled', 'ABORTED')
    return new WireError(
      this.#request,
      'network',
      isOfProxy(error, this.#request.url) ? NO_PROXY : codeOf(error),
    )
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#request.signal.removeEventListener('abort', this.#stop)
  }
}
