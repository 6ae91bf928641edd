import { createHash } from 'node:crypto'
import type { Digest } from '../../oci/digest.js'
import { WireError } from '../errors.js'
import type { Headers, Request, Response } from '../send.js'
import { codeOf } from '../code.js'

/** A response of node-fetch. */
export interface Fetched {
  readonly status: number
  readonly headers: Pick<globalThis.Headers, 'get' | 'has'> & { keys(): Iterable<string> }
  readonly body: NodeJS.ReadableStream | null
}

type Stream = AsyncIterable<Uint8Array> & { destroy(): void }
type Body = Pick<Response, 'body' | 'cut' | 'ended' | 'hashes'>

/** Bytes of an error body to read, at most. The rest is dropped. */
const ERROR_LIMIT = 64 << 10
const PROXY = 'it comes from a proxy that asks for credentials: add them to HTTPS_PROXY or HTTP_PROXY'
const EMPTY = { body: new Uint8Array(), cut: false } as const
const UNREAD = { ...EMPTY, ended: true } as const

/**
 * Reads the body of a response, according to the options of its request.
 *
 * @throws WireError if the body is too large; any error of the connection
 */
export async function receive(request: Request, fetched: Fetched): Promise<Response> {
  const { status } = fetched
  const headers = headersOf(fetched)
  const stream = fetched.body as Stream | null
  const body = stream === null || request.method === 'HEAD' ? EMPTY : await readBody(request, fetched, stream)
  return { status, headers, redirected: false, ...(status === 407 && { note: PROXY }), ...body }
}

async function readBody(request: Request, { status, headers }: Fetched, stream: Stream): Promise<Body> {
  const length = headers.get('content-length')
  const announced = length === null ? undefined : Number(length)
  const isLong = announced === undefined || announced > request.limit
  const needsBytes = request.firstBytes === true && status === 200
  if (request.peek && isLong && !needsBytes) {
    stream.destroy()
    return UNREAD
  }
  const limit = status < 400 ? request.limit : Math.min(request.limit, ERROR_LIMIT)
  const hashes = request.hash === true ? new Hashes() : undefined
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for await (const part of stream) {
      size += part.length
      if (needsBytes && (size > limit || (size > 0 && (announced ?? 0) > limit))) {
        stream.destroy()
        return UNREAD
      }
      if (hashes !== undefined && status === 200) {
        hashes.update(part)
        continue
      }
      if (size > limit) {
        stream.destroy()
        if (status < 400) throw new WireError(request, 'too-large', String(limit))
        // The beginning of an error body is enough.
        parts.push(part.subarray(0, part.length - (size - limit)))
        return { body: Buffer.concat(parts), cut: false }
      }
      parts.push(part)
    }
  } catch (error) {
    if (error instanceof WireError || request.signal.aborted || !isReset(error)) throw error
    return { body: Buffer.concat(parts), cut: true }
  }
  const cut = announced !== undefined && size < announced
  return { body: Buffer.concat(parts), cut, ...(hashes !== undefined && { hashes: hashes.digests() }) }
}

/** Headers with one value. A proxy may add one that is there already, and Node joins the two with a comma. */
const SINGLE: ReadonlySet<string> = new Set(['content-type', 'docker-content-digest', 'location'])

/** Reads headers on demand. Copying them all would take longer than the rest of `receive`. */
function headersOf({ headers }: Fetched): Headers {
  return {
    get: (name) => {
      const value = headers.get(name) ?? undefined
      return value?.includes(',') === true && SINGLE.has(name) ? once(value) : value
    },
    has: (name) => headers.has(name),
    keys: () => headers.keys(),
  }
}

/** @returns the one value of a header that was sent several times with it; different values stay joined, which none can be */
function once(joined: string): string {
  const values = joined.split(',').map((each) => each.trim())
  const [first = '', ...others] = values.filter((each) => each !== '')
  return others.every((each) => each === first) ? first : joined
}

/** Computes both digests of a body that is not kept. */
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

/** @returns whether the connection broke during the body. Status and headers are then complete */
function isReset(error: unknown): boolean {
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(codeOf(error))
}
