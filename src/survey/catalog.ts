import { parseRepository, type Repository } from '../oci/reference.js'
import type { Client } from '../registry/client.js'
import { describe } from '../registry/errors.js'
import { nextPage } from '../registry/page.js'

/** A catalog that cannot be worked with; the message says what was wrong. */
export class CatalogError extends Error {
  override readonly name = 'CatalogError'
}

const PAGES = 10_000
const REPOSITORIES = 1_000_000

/**
 * Reads the catalog to its last page, by Link only. Names that no repository can have are passed over: nothing could be
 * asked of them.
 *
 * @returns the repositories, each once, in the registry's order
 * @throws CatalogError where there is none, or no permission; WireError
 */
export async function listRepositories(client: Client): Promise<Repository[]> {
  const found = new Set<Repository>()
  const first = new URL('/v2/_catalog', client.origin)
  const seen = new Set([first.href])
  let page: URL | undefined
  for (let pages = 0; pages < PAGES; pages++) {
    const response = await client.catalogPage(page)
    const names = response.status === 200 && !response.cut ? namesOn(response.body) : undefined
    if (names === undefined)
      throw new CatalogError(
        `the catalog of ${client.origin}, which a glob needs, was answered with ${describe(response)}. Name the repositories one by one, or use an account that may read the catalog`,
      )
    for (const name of names) {
      const repository = typeof name === 'string' ? parseRepository(name) : undefined
      if (repository !== undefined) found.add(repository)
    }
    if (found.size > REPOSITORIES)
      throw new CatalogError(`the catalog names more than ${REPOSITORIES} repositories`)
    const next = nextPage(response.headers.get('link'), page ?? first)
    if (next === undefined) return [...found]
    if (typeof next === 'string') throw new CatalogError(`the catalog is not followed: ${next}`)
    if (seen.has(next.href)) throw new CatalogError('the catalog links in a circle')
    seen.add(next.href)
    page = next
  }
  throw new CatalogError(`the catalog has more than ${PAGES} pages`)
}

function namesOn(body: Uint8Array): unknown[] | undefined {
  try {
    const names = (JSON.parse(Buffer.from(body).toString('utf8')) as { repositories?: unknown } | null)
      ?.repositories
    if (names === null) return []
    return Array.isArray(names) ? names : undefined
  } catch {
    return undefined
  }
}
