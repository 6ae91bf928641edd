import type { Digest } from '../oci/digest.js'

/** What a request is for. Requests are counted by it, in the report and against the smallest number that is safe. */
export type Purpose =
  | 'list-tags'
  | 'read-tag'
  | 'read-manifest'
  | 'read-referrers'
  | 'probe'
  | 'delete-tag'
  | 'delete-manifest'
  | 'delete-blob'
  | 'look-up'
  | 'verify'
  | 'control'
  | 'check-blob'
  | 'hash-blob'
  | 'list-repositories'
  | 'search'
  | 'put-placeholder'
  | 'delete-placeholder'
  | 'upload-blob'

/** One request to a registry. Everything that a transport needs to know is in it. */
export interface Request {
  readonly method: 'GET' | 'HEAD' | 'DELETE' | 'PUT' | 'POST'
  readonly url: URL
  readonly purpose: Purpose
  readonly headers: Readonly<Record<string, string>>
  /** What is sent with PUT or POST. */
  readonly body?: Uint8Array
  /** A connection of its own, neither taken from a pool nor given back: another replica may answer. */
  readonly fresh: boolean
  /** Bytes that may be read. More than that is refused, or with `peek` left unread. */
  readonly limit: number
  /** Stop after the headers where the body is longer than `limit` or its length is not given. */
  readonly peek: boolean
  /** Read the body to its end, however long, but keep only its digests. */
  readonly hash?: boolean
  /** Milliseconds for the whole exchange. */
  readonly timeout: number
  readonly signal: AbortSignal
}

/** What came back, whatever its status. */
export interface Response {
  readonly status: number
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  /** Empty where the body was left unread. */
  readonly body: Uint8Array
  /** The body ended before its announced length: the registry promised content that it does not have. */
  readonly cut: boolean
  /** The registry sent the reader elsewhere, and this is that other place's answer. */
  readonly redirected: boolean
  /** The digests of a body that was asked for with `hash`, and is not kept. */
  readonly hashes?: { readonly sha256: Digest; readonly sha512: Digest }
}

/**
 * Sends one request. Network, time and credentials hide behind it, so that decorators and tests compose.
 *
 * @throws WireError when no complete answer came: name resolution, connection, TLS, time-out, reset, too large
 */
export type Send = (request: Request) => Promise<Response>
