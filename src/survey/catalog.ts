import { parseRepository, type Repository } from '../oci/reference.js'
import { cacheOf } from '../registry/cached.js'
import type { Client } from '../registry/client.js'
import { describe } from '../registry/errors.js'
import { parseJson } from './json.js'
import { Trail } from './trail.js'

/** A catalog that cannot be worked with; the message says what was wrong. */
export class CatalogError extends Error {
  override readonly name = 'CatalogError'
}

const PAGES = 10_000
const REPOSITORIES = 1_000_000

/**
 * Reads the catalog to its last page, by Link only. Names that no repository can have are passed over: nothing could be
 * asked of them. A catalog that comes out of a cache is asked for once more, with a query that no cache knows.
 *
 * @returns the repositories, each once, in the registry's order
 * @throws CatalogError where there is none, no permission, or nothing but a cached one; WireError
 */
export async function listRepositories(client: Client): Promise<Repository[]> {
  const first = await listOnce(client)
  if (!('cache' in first)) return first
  const second = await listOnce(client, client.newCacheBuster())
  if (!('cache' in second)) return second
  throw new CatalogError(
    `the catalog of ${client.origin} comes out of a cache (${second.cache}), also when it is asked for past caches. Switch off caching of /v2/ in front of the registry, or name the repositories one by one`,
  )
}

async function listOnce(
  client: Client,
  cacheBuster?: string,
): Promise<Repository[] | { readonly cache: string }> {
  const found = new Set<Repository>()
  const named = new Set<unknown>()
  const trail = new Trail(new URL('/v2/_catalog', client.origin))
  let page: URL | undefined
  for (let pages = 0; pages < PAGES; pages++) {
    const response = await client.catalogPage(page, cacheBuster === undefined ? {} : { cacheBuster })
    const cache = cacheOf(response)
    if (cache !== undefined) return { cache }
    const body = response.status === 200 && !response.cut ? parseJson(response.body) : undefined
    const names = namesIn(body)
    if (names === undefined)
      throw new CatalogError(
        `the catalog of ${client.origin}, which a glob needs, was answered with ${describe(response)}. Name the repositories one by one, or use an account that may read the catalog`,
      )
    const before = named.size
    for (const name of names) {
      named.add(name)
      const repository = typeof name === 'string' ? parseRepository(name) : undefined
      if (repository !== undefined) found.add(repository)
    }
    if (named.size > REPOSITORIES)
      throw new CatalogError(`the catalog names more than ${REPOSITORIES} repositories`)
    const next = trail.next(response, body, named.size > before, named.size)
    if (next === undefined) return [...found]
    if (typeof next === 'string') throw new CatalogError(`the catalog ${next}`)
    page = next
  }
  throw new CatalogError(`the catalog has more than ${PAGES} pages`)
}

function namesIn(body: unknown): unknown[] | undefined {
  const names = (body as { repositories?: unknown } | null | undefined)?.repositories
  if (names === null) return []
  return Array.isArray(names) ? names : undefined
}
