import { ACCEPT } from '../oci/mediatype.js'
import type { Deleting, Reading } from './reading.js'
import type { Purpose, Request } from './send.js'
import { CURRENT_FOR } from './time.js'

/** Bytes of a body, at most. The specification asks registries to accept manifests of at least 4 MiB. */
export const LIMITS = { manifest: 4 << 20, page: 8 << 20, error: 64 << 10, small: 1 << 20 } as const

/** Milliseconds until the headers are complete, and until the whole response is. */
const READ = { headers: 60_000, timeout: 120_000 } as const
const WRITE_TIMEOUT = 60_000

/** The options of a read that depend on the endpoint. */
export interface ReadShape {
  /** GET by default. */
  readonly method?: 'GET' | 'HEAD'
  /** Bytes, at most. */
  readonly limit: number
  /** `peek`: leave a long body unread. `hash`: read it to its end, but keep only its digests. */
  readonly body?: 'peek' | 'hash'
  readonly range?: string
}

/** A PUT or POST with its content. */
export interface Upload {
  readonly method: 'PUT' | 'POST'
  readonly url: URL
  readonly purpose: Purpose
  readonly body: Uint8Array
  readonly mediaType?: string
}

/** The signals and the clock of a client's requests. */
export interface RequestOptions {
  /** Milliseconds since the epoch. Without it, writes get no `sendBy`. */
  readonly now?: () => number
  /** Aborted when the run is to stop. Reads end at once. */
  readonly stop: AbortSignal
  /** Aborted some seconds after `stop`. Until then, a write in flight may finish. */
  readonly kill: AbortSignal
}

/** Builds the requests of a client, each with its patience, time limits and signal. */
export class Requests {
  readonly #options: RequestOptions

  constructor(options: RequestOptions) {
    this.#options = options
  }

  read(url: URL, reading: Reading, { method = 'GET', limit, body, range }: ReadShape): Request {
    return {
      method,
      url: reading.cacheBuster === undefined ? url : withQuery(url, reading.cacheBuster),
      purpose: reading.purpose,
      headers: {
        accept: reading.accept ?? (url.pathname.includes('/manifests/') ? ACCEPT : '*/*'),
        ...(range !== undefined && { range }),
      },
      fresh: reading.fresh ?? false,
      limit,
      peek: body === 'peek',
      ...(body === 'hash' && { hash: true }),
      ...(reading.firstBytes === true && { firstBytes: true }),
      patience: reading.once === true ? 'once' : reading.check === true ? 'check' : 'read',
      timeout: reading.timeout ?? READ.timeout,
      headersTimeout: reading.headersTimeout ?? READ.headers,
      ...(reading.until !== undefined && { until: reading.until }),
      signal: reading.finish === true ? this.#options.kill : this.#options.stop,
    }
  }

  write({ method, url, purpose, body, mediaType }: Upload): Request {
    return {
      method,
      url,
      purpose,
      headers: mediaType === undefined ? {} : { 'content-type': mediaType },
      body,
      fresh: false,
      limit: LIMITS.error,
      peek: false,
      patience: 'once',
      ...((purpose === 'put-placeholder' || purpose === 'put-manifest') && this.#soon()),
      timeout: WRITE_TIMEOUT,
      // Not `stop`: an interrupted replacement would leave a tag that points to the placeholder.
      signal: this.#options.kill,
    }
  }

  delete(url: URL, { purpose, fresh, timeout }: Deleting): Request {
    return {
      method: 'DELETE',
      url,
      purpose,
      headers: {},
      fresh: fresh ?? false,
      limit: LIMITS.error,
      peek: false,
      patience: purpose === 'probe' ? 'read' : 'once',
      ...(purpose !== 'probe' && purpose !== 'delete-placeholder' && this.#soon()),
      timeout,
      // A probe deletes nothing, so it may end at once, as reads do.
      signal: purpose === 'probe' ? this.#options.stop : this.#options.kill,
    }
  }

  #soon(): { sendBy?: number } {
    const { now } = this.#options
    return now === undefined ? {} : { sendBy: now() + CURRENT_FOR }
  }
}

/** Adds a parameter to the query and keeps the others. */
function withQuery(url: URL, value: string): URL {
  const copy = new URL(url)
  copy.searchParams.set('registry-purge', value)
  return copy
}
