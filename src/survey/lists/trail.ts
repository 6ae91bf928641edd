import { continuationOf } from '../../registry/lists/continuation.js'
import type { Response } from '../../registry/send.js'
import type { ListFlaw } from '../problem.js'

/** What a trail must know of the newest page. */
export interface Landmark {
  readonly response: Response
  /** The parsed body. */
  readonly body: unknown
  /** How many names the page has. */
  readonly count: number
  /** Whether it has a name that no earlier page has. */
  readonly grew: boolean
  /** How many names this page and the earlier pages have. */
  readonly named: number
  /** Returns the last name of the page if the list can continue after it: if no name so far is greater. */
  readonly end?: () => string | undefined
}

/** Follows a paged list from one page to the next, and never in a circle. */
export class Trail {
  readonly #seen: Set<string>
  #at: URL

  /** @param first the URL of the first page */
  constructor(first: URL) {
    this.#at = first
    this.#seen = new Set([first.href])
  }

  /** @returns the URL of the next page, undefined at the end, or why the list cannot be followed */
  next({ response, body, count, grew, named, end }: Landmark): URL | ListFlaw | undefined {
    let next = continuationOf(response, body, this.#at, named)
    if (next === undefined) return undefined
    if ('is' in next) return { is: 'not-followed', why: next }
    if (leadsToBeginning(next)) {
      if (count === 0 && (this.#at.searchParams.get('last') ?? '') !== '') return undefined
      const last = end?.()
      if (last !== undefined) next = continuedAfter(next, last)
    }
    if (this.#seen.has(next.href)) return { is: 'circle' }
    if (!grew) return { is: 'no-progress' }
    this.#seen.add(next.href)
    this.#at = next
    return next
  }
}

/**
 * @returns whether a link continues after nothing: its `last` is empty. Cloudflare's serverless-registry has such a link on
 *   an empty page, which is the end of its list: it names nothing after the last name of the page before. Such a link on a
 *   page with names proves nothing, since a registry may have lost its place
 */
function leadsToBeginning(url: URL): boolean {
  return url.searchParams.get('last') === ''
}

function continuedAfter(url: URL, name: string): URL {
  const next = new URL(url)
  next.searchParams.set('last', name)
  return next
}
