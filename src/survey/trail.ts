import { continuationOf } from '../registry/continuation.js'
import type { Response } from '../registry/send.js'

/** Follows a paged list from one page to the next, and never round in a circle. */
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
   * @param grew whether it named anything that no earlier page had named
   * @param named how many names this page and those before it have
   * @returns the next page, undefined at the end, or why the list cannot be followed, words that follow its name
   */
  next(response: Response, body: unknown, grew: boolean, named: number): URL | string | undefined {
    const next = continuationOf(response, body, this.#at, named)
    if (next === undefined) return undefined
    if (typeof next === 'string') return `is not followed: ${next}`
    if (this.#seen.has(next.href)) return 'links in a circle'
    if (!grew) return 'goes on without naming anything new'
    this.#seen.add(next.href)
    this.#at = next
    return next
  }
}
