import { parseRepository, type Repository } from '../../oci/reference.js'
import type { Client } from '../../registry/client.js'
import { describe } from '../../registry/errors.js'
import { CatalogError } from '../errors.js'
import { pastCaches, readPages, type Names, type Page } from './pages.js'

const PAGES = 10_000
const REPOSITORIES = 1_000_000

/**
 * Reads the catalog to its last page. Skips names that no repository can have: nothing could be requested from them.
 *
 * @returns the repositories, each once, in the registry's order
 * @throws CatalogError if there is no catalog, no permission, or only a cached catalog; WireError
 */
export async function listRepositories(client: Client): Promise<Repository[]> {
  const { origin } = client
  const catalog = await pastCaches(client, (cacheBuster) =>
    readPages<unknown, never>({
      first: new URL('/v2/_catalog', origin),
      mostPages: PAGES,
      mostEntries: REPOSITORIES,
      request: (page) => client.catalogPage(page, cacheBuster === undefined ? {} : { cacheBuster }),
      read: (page) => namesOn(page, origin),
    }),
  )
  if (catalog.is === 'cached') throw new CatalogError({ kind: 'catalog-stale', origin, cache: catalog.cache })
  if (catalog.is === 'flawed')
    throw new CatalogError({ kind: 'catalog-not-whole', origin, flaw: catalog.flaw })
  const repositories = catalog.names.flatMap((name) =>
    typeof name === 'string' ? (parseRepository(name) ?? []) : [],
  )
  return [...new Set(repositories)]
}

function namesOn({ response, body }: Page, origin: string): Names<unknown> {
  const names = (body as { repositories?: unknown } | null | undefined)?.repositories
  if (names === null) return { is: 'names', names: [] }
  if (!Array.isArray(names))
    throw new CatalogError({ kind: 'catalog-refused', origin, answered: describe(response) })
  return { is: 'names', names }
}
