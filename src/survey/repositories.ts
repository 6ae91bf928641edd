import type { Glob } from '../oci/glob.js'
import type { Repository } from '../oci/reference.js'
import type { Client } from '../registry/client.js'
import { WireError } from '../registry/errors.js'
import { CatalogError, listRepositories } from './catalog.js'

/** Repositories that a run is for, or why it cannot be told which. */
export interface Resolved {
  /** Sorted, each once. */
  readonly repositories: readonly Repository[]
  /** Those of them that were written out. */
  readonly named: ReadonlySet<Repository>
  readonly problems: readonly string[]
}

/**
 * Writes out globs of repositories, for which the catalog is read once. That a name exists, its tag list will tell.
 *
 * @throws WireError only when the run is to stop
 */
export async function resolveRepositories(
  entries: readonly ({ readonly name: Repository } | { readonly glob: Glob })[],
  client: Client,
): Promise<Resolved> {
  const named = new Set(entries.flatMap((entry) => ('name' in entry ? [entry.name] : [])))
  const globs = entries.flatMap((entry) => ('glob' in entry ? [entry.glob] : []))
  const catalog = globs.length === 0 ? [] : await catalogOf(client)
  if (typeof catalog === 'string') return { repositories: [], named, problems: [`repositories: ${catalog}`] }
  const problems = globs
    .filter((glob) => !catalog.some((name) => glob.matches(name)))
    .map(
      ({ text }) =>
        `repositories: ${text} matches none of the ${catalog.length} repositories in the catalog of ${client.origin}. Correct or remove the entry`,
    )
  const matching = catalog.filter((name) => globs.some((glob) => glob.matches(name)))
  return { repositories: [...new Set([...named, ...matching])].sort(), named, problems }
}

async function catalogOf(client: Client): Promise<readonly Repository[] | string> {
  try {
    return await listRepositories(client)
  } catch (error) {
    if (error instanceof CatalogError || error instanceof WireError) return error.message
    throw error
  }
}
