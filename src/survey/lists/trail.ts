import { continuationOf } from '../../registry/lists/continuation.js'
import type { Response } from '../../registry/send.js'
import type { ListFlaw } from '../problem.js'

/** Follows a paged list from one page to the next, and never in a circle. */
export class Trail {
  readonly #seen: Set<string>
  #at: URL

  /** @param first the URL of the first page */
  constructor(first: URL) {
    this.#at = first
    this.#seen = new Set([first.href])
  }

  /**
   * @param response the newest page
   * @param body its parsed body
   * @param grew whether it has a name that no earlier page has
   * @param named how many names this page and the earlier pages have
   * @returns the URL of the next page, undefined at the end, or why the list cannot be followed
   */
  next(response: Response, body: unknown, grew: boolean, named: number): URL | ListFlaw | undefined {
    const next = continuationOf(response, body, this.#at, named)
    if (next === undefined) return undefined
    if ('wrong' in next) return { is: 'not-followed', why: next.wrong }
    if (this.#seen.has(next.href)) return { is: 'circle' }
    if (!grew) return { is: 'no-progress' }
    this.#seen.add(next.href)
    this.#at = next
    return next
  }
}
