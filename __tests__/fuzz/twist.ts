/** Which requests an answer is twisted for. */
export type Where = 'tags' | 'catalog' | 'tag' | 'manifest' | 'blob' | 'referrers' | 'read' | 'delete' | 'any'

export type Body =
  | { readonly is: 'kept' }
  | { readonly is: 'bytes'; readonly bytes: Buffer }
  | { readonly is: 'json'; readonly json: unknown }
  /** The true body with some bytes of it changed; `at` is a part of its length. */
  | { readonly is: 'edited'; readonly edits: readonly { readonly at: number; readonly bytes: Uint8Array }[] }
  /** The true body with one value of its JSON replaced. */
  | { readonly is: 'replaced'; readonly at: number; readonly value: unknown }
  /** Brackets in brackets. */
  | { readonly is: 'deep'; readonly open: string; readonly levels: number }
  /** Little that would become much if it were unpacked. */
  | { readonly is: 'bomb' }
  | { readonly is: 'large'; readonly fill: string; readonly size: number }

/** How an answer comes, once it is said what is in it. */
export type Delivery =
  | 'whole'
  /** Less, or more, than its length says. */
  | 'short'
  | 'over'
  /** No length, but chunks that are none, or that lie. */
  | 'bad chunks'
  | 'good chunks'
  /** Ends, or is reset, after the headers and a part of the body. */
  | 'end'
  | 'reset'
  | 'reset at once'
  /** Never goes on. */
  | 'hang'
  | 'drip'
  | 'endless'
  /** What is no HTTP. */
  | 'noise'
  | 'huge header'
  | 'many headers'
  | 'many interim'
  /** A second answer that nobody asked for. */
  | 'twice'

export interface Twist {
  readonly where: Where
  /** So many of these requests are answered as usual before. */
  readonly skip: number
  /** So many are twisted then. */
  readonly times: number
  /** Whether the registry hears of the request, so that what it asks for takes place. */
  readonly forward: boolean
  /** Undefined: the true one. */
  readonly status?: number
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** Headers of the true answer that are left out. */
  readonly without?: readonly string[]
  readonly body?: Body
  readonly delivery?: Delivery
}
