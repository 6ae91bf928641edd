import type { Digest } from '../oci/digest.js'

/** What a request is for. Requests are counted by it, in the report and against the smallest number that is safe. */
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
 * How often a request may be sent where no useful answer comes. `read`: as often as helps. `look`: as `read`, but what
 * took its whole time is not asked again, since a look is one of many. `once`: its outcome has to be looked up first.
 */
export type Patience = 'read' | 'look' | 'once'

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
  /** With `peek`: the first bytes of a long body must arrive before it is ended, else the response is `cut`. */
  readonly firstBytes?: boolean
  /** Read the body to its end, however long, but keep only its digests. */
  readonly hash?: boolean
  readonly patience: Patience
  /** Milliseconds for one exchange: until the whole answer is there. */
  readonly timeout: number
  /** Milliseconds until the headers of the answer are there, where that is less. */
  readonly answer?: number
  /** Milliseconds since the epoch after which it is not sent again, nor kept waiting for its turn. */
  readonly until?: number
  /**
   * Milliseconds since the epoch: it follows a look at what it may harm, and is not sent at all after this, whatever it
   * had to wait for (its turn, a token, the pace of the host).
   */
  readonly sendBy?: number
  /** It goes where credentials go, so a client certificate may be shown. */
  readonly identified?: boolean
  /** Tells whether the address, which then came over the wire, holds a secret, so that no message may name it. */
  readonly hidden?: () => boolean
  /** Which sending of the same request this is, from 1. */
  readonly attempt?: number
  readonly signal: AbortSignal
}

/** The headers of an answer, looked up by their names in lower case: few of them are ever needed. */
export interface Headers {
  get(name: string): string | undefined
  has(name: string): boolean
  /** Every name, in lower case. */
  keys(): Iterable<string>
}

/** Makes text of the wire fit to be quoted. To be given the text as it came, before anything is cut off or folded. */
export interface Quoting {
  /**
   * @param text a whole body
   * @returns the text without secrets, or undefined where it may hold one in a form that cannot be taken out
   */
  body(text: string): string | undefined
  /**
   * @param text a value in a sentence of ours, such as a code, a header's value or a host
   * @returns the text, or undefined where it holds a secret, in small or capital letters
   */
  word(text: string): string | undefined
}

/** What came back, whatever its status. */
export interface Response {
  readonly status: number
  readonly headers: Headers
  /** Empty where the body was left unread. */
  readonly body: Uint8Array
  /** The body ended before its announced length: the registry promised content that it does not have. */
  readonly cut: boolean
  /** This client did not read the body to its end, since it is long or tells no length: `body` is empty. */
  readonly ended?: boolean
  /** The registry sent the reader elsewhere, and this is that other place's answer. */
  readonly redirected: boolean
  /** What earlier sendings of the same request came to, which were failures: a status or a code each. */
  readonly lost?: readonly string[]
  /** What this side knows about the answer, in words that follow on it: why credentials did not help. */
  readonly note?: string
  /** How to quote from it; without it everything may be quoted. */
  readonly quoting?: Quoting
  /** The digests of a body that was asked for with `hash`, and is not kept. */
  readonly hashes?: { readonly sha256: Digest; readonly sha512: Digest }
}

/**
 * Sends one request. Network, time and credentials hide behind it, so that decorators and tests compose.
 *
 * @throws WireError when no complete answer came: name resolution, connection, TLS, time-out, reset, too large
 */
export type Send = (request: Request) => Promise<Response>
