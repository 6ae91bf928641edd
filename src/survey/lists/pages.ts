import { cacheOf } from '../../registry/cached.js'
import type { Client } from '../../registry/client.js'
import type { Response } from '../../registry/send.js'
import type { ListFlaw } from '../problem.js'
import { parseJson } from '../json.js'
import { Trail } from './trail.js'

/** A list that comes in pages. */
export interface PagedList<Name, Other> {
  /** The URL of the first page. */
  readonly first: URL
  readonly mostPages: number
  readonly mostEntries: number
  /**
   * The list is in the order of names, and `last` in its links is a name, as the specification defines it for tags. So if a
   * link has lost its `last`, the page after the last name can be requested all the same.
   */
  readonly continuesByName?: boolean
  /**
   * Requests a page.
   *
   * @param page its URL; undefined for the first page
   */
  request(page: URL | undefined): Promise<Response>
  /** Reads the names on a page. Any other result ends the list and becomes the result of `readPages`. May throw. */
  read(page: Page): Names<Name> | Other
}

/** The response for one page of a list. */
export interface Page {
  readonly response: Response
  /** The parsed body; undefined unless the response is a whole 200 with JSON. */
  readonly body: unknown
  readonly isFirst: boolean
}

/** The names on one page, or in a whole list. */
export interface Names<Name> {
  readonly is: 'names'
  readonly names: readonly Name[]
}

/** The response comes out of a cache. `cache` is the header that shows it. */
export interface Cached {
  readonly is: 'cached'
  readonly cache: string
}

/** The list cannot be read to its end. */
export interface Flawed {
  readonly is: 'flawed'
  readonly flaw: ListFlaw
}

/**
 * Reads a list to its last page. Only the Link header leads to the next page: a page may be shorter than requested.
 *
 * @returns each name once, in the registry's order; or why the list could not be read
 */
export async function readPages<Name, Other extends { readonly is: string }>(
  list: PagedList<Name, Other>,
): Promise<Names<Name> | Cached | Flawed | Other> {
  const named = new Set<Name>()
  const trail = new Trail(list.first)
  let page: URL | undefined
  for (let pages = 0; pages < list.mostPages; pages++) {
    const response = await list.request(page)
    const cache = cacheOf(response)
    if (cache !== undefined) return { is: 'cached', cache }
    const body = response.status === 200 && !response.cut ? parseJson(response.body) : undefined
    const read = list.read({ response, body, isFirst: page === undefined })
    if (!isNames(read)) return read
    const before = named.size
    for (const name of read.names) named.add(name)
    if (named.size > list.mostEntries) return flawed({ is: 'too-many-entries', most: list.mostEntries })

    const next = trail.next({
      response,
      body,
      count: read.names.length,
      grew: named.size > before,
      named: named.size,
      ...(list.continuesByName === true && { end: () => endOf(read.names, named) }),
    })
    if (next === undefined) return { is: 'names', names: [...named] }
    if (!(next instanceof URL)) return flawed(next)
    page = next
  }
  return flawed({ is: 'too-many-pages', most: list.mostPages })
}

/** @returns the last name of a page, if it is the greatest so far: only then nothing can be missing before it */
function endOf(names: readonly unknown[], all: ReadonlySet<unknown>): string | undefined {
  const last = names.at(-1)
  if (typeof last !== 'string') return undefined
  for (const name of all) if (typeof name !== 'string' || name > last) return undefined
  return last
}

function isNames<Name>(read: Names<Name> | { readonly is: string }): read is Names<Name> {
  return read.is === 'names'
}

function flawed(flaw: ListFlaw): Flawed {
  return { is: 'flawed', flaw }
}

/**
 * Sends a request. If the response comes out of a cache, sends it again with a query string that no cache has seen.
 *
 * @param send sends the request, with the query string that it is given
 * @param atOnce whether the first request has such a query string already
 * @returns `cached` if the last response comes out of a cache as well
 */
export async function pastCaches<T extends { readonly is: string }>(
  client: Client,
  send: (cacheBuster: string | undefined) => Promise<T | Cached>,
  atOnce = false,
): Promise<T | Cached> {
  if (!atOnce) {
    const response = await send(undefined)
    if (response.is !== 'cached') return response
  }
  return send(client.newCacheBuster())
}
