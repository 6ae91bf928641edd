import type { Response } from '../send.js'

/** What follows a response to one step of a DELETE. */
export type Step =
  /** Send the DELETE again, to the same path with this query. */
  | { readonly is: 'goes-on'; readonly query: string }
  /**
   * The DELETE is not complete, and cannot go on. `no-link`: nothing says how. `elsewhere`: the link leads to another item or
   * another host.
   */
  | { readonly is: 'stuck'; readonly why: 'no-link' | 'elsewhere' }

/** How a registry spreads one DELETE of a tag or a manifest over several requests. */
export interface SteppedDelete {
  readonly name: string

  /**
   * @param response the response to the DELETE
   * @param from the URL of the item, without a query
   * @returns undefined if the response does not ask for another step, so that it is final
   */
  next(response: Response, from: URL): Step | undefined
}
