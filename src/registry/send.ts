import type { Digest } from '../oci/digest.js'
import type { Challenge } from './auth/challenge.js'

/** The purpose of a request. The report counts requests by purpose. */
export type Purpose =
  | 'list-tags'
  | 'read-tag'
  | 'read-manifest'
  | 'read-config'
  | 'read-referrers'
  | 'probe'
  | 'delete-tag'
  | 'delete-manifest'
  | 'delete-blob'
  | 'look-up'
  | 'verify'
  | 'control'
  | 'last-check'
  | 'check-blob'
  | 'hash-blob'
  | 'list-repositories'
  | 'search'
  | 'put-manifest'
  | 'put-placeholder'
  | 'delete-placeholder'
  | 'upload-blob'
  | 'token'

/**
 * How often a request is retried. `read`: as often as it helps. `check`: for one of many checks; less often than `read`,
 * and not after a time-out. `once`: never, since its outcome must be checked first.
 */
export type Patience = 'read' | 'check' | 'once'

/** One request, with everything that a transport needs to send it. */
export interface Request {
  readonly method: 'GET' | 'HEAD' | 'DELETE' | 'PUT' | 'POST'
  readonly url: URL
  readonly purpose: Purpose
  readonly headers: Readonly<Record<string, string>>
  /** Of PUT and POST. */
  readonly body?: Uint8Array
  /** Use a new connection and close it afterwards, so that the request may reach another replica. */
  readonly fresh: boolean
  /** Bytes to read, at most. A longer body is a failure; with `peek`, it is left unread. */
  readonly limit: number
  /** Leave the body unread if it is longer than `limit` or its length is unknown. */
  readonly peek: boolean
  /** With `peek`: read the first bytes of a long body. If none arrive, the response is `cut`. */
  readonly firstBytes?: boolean
  /** Read the body to its end, even beyond `limit`, but keep only its digests. */
  readonly hash?: boolean
  readonly patience: Patience
  /** Milliseconds for one exchange, until the response is complete. */
  readonly timeout: number
  /** Milliseconds until the headers of the response are complete. */
  readonly headersTimeout?: number
  /** Milliseconds since the epoch. After this time, the request is neither retried nor kept waiting. */
  readonly until?: number
  /**
   * Milliseconds since the epoch. After this time, the request is not sent at all, even if it was waiting (for its turn, a
   * token or the end of a pause). Such a request relies on a check, and the check becomes stale.
   */
  readonly sendBy?: number
  /** The request may carry credentials, so the client certificate may be used. */
  readonly identified?: boolean
  /** Returns whether the URL holds a secret, so that no message may show it. Set if the URL is from a response. */
  readonly hidden?: () => boolean
  /** Counts how often the same request is sent, from 1. */
  readonly attempt?: number
  readonly signal: AbortSignal
}

/** The headers of a response, by name in lower case. */
export interface Headers {
  get(name: string): string | undefined
  has(name: string): boolean
  /** All names, in lower case. */
  keys(): Iterable<string>
}

/** Removes secrets from text of a response. Pass the text as it was received, before it is cut or folded. */
export interface Quoting {
  /**
   * @param text a whole body
   * @returns the text without secrets, or undefined if it may hold one in a form that cannot be removed
   */
  body(text: string): string | undefined
  /**
   * @param text a short value, such as a code, a header or a host
   * @returns the text, or undefined if it holds a secret in upper or lower case
   */
  word(text: string): string | undefined
}

/** A response, of any status. */
export interface Response {
  readonly status: number
  readonly headers: Headers
  /** Empty if the body was left unread. */
  readonly body: Uint8Array
  /** The body ended before its announced length. */
  readonly cut: boolean
  /** The transport left the body unread, because it is long or its length is unknown. `body` is empty. */
  readonly ended?: boolean
  /** The registry redirected the request, and this is the response of the target. */
  readonly redirected: boolean
  /** If it is redirected: host and port of the target, for a message. */
  readonly storage?: string
  /** Failed attempts before this response: a status or a code each. */
  readonly lost?: readonly string[]
  /** An explanation that a decorator adds, such as why the credentials did not help. */
  readonly note?: string
  /** On a 401 or 403: the latest Bearer challenge to a request of this kind, which the response itself may lack. */
  readonly challenge?: Challenge
  /** Removes secrets from quotes. Without it, everything may be quoted. */
  readonly quoting?: Quoting
  /** The digests of the body, if the request has `hash`. `body` is then empty. */
  readonly hashes?: { readonly sha256: Digest; readonly sha512: Digest }
}

/**
 * Sends one request. Decorators add retries, credentials and the like.
 *
 * @throws WireError if there is no complete response: name resolution, connection, TLS, time-out, reset, too large
 */
export type Send = (request: Request) => Promise<Response>
