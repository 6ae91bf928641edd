import type { Glob } from '../../oci/glob.js'
import type { Repository } from '../../oci/reference.js'
import { attempt } from '../../registry/attempt.js'
import type { Client } from '../../registry/client.js'
import type { WireError } from '../../registry/errors.js'
import { CatalogError, problemOf } from '../errors.js'
import type { GlobProblem } from '../problem.js'
import { listRepositories } from './catalog.js'

/** The repositories of a run. If there are problems, the list is not complete. */
export interface Resolved {
  /** Sorted, each once. */
  readonly repositories: readonly Repository[]
  /** Those of them that were named without a glob. */
  readonly named: ReadonlySet<Repository>
  readonly problems: readonly GlobProblem[]
}

const INPUT = 'repositories'

/**
 * Expands globs of repositories. It reads the catalog once for all globs. It does not check whether a named repository
 * exists: a later request for its tag list does.
 *
 * @throws Stopped
 */
export async function resolveRepositories(
  entries: readonly ({ readonly name: Repository } | { readonly glob: Glob })[],
  client: Client,
): Promise<Resolved> {
  const named = new Set(entries.flatMap((entry) => ('name' in entry ? [entry.name] : [])))
  const globs = entries.flatMap((entry) => ('glob' in entry ? [entry.glob] : []))
  const catalog = globs.length === 0 ? [] : await readCatalog(client)
  if (catalog instanceof Error) {
    const problem = { kind: 'globs-not-expanded', input: INPUT, cause: problemOf(catalog) } as const
    return { repositories: [], named, problems: [problem] }
  }
  const problems = globs
    .filter((glob) => !catalog.some((name) => glob.matches(name)))
    .map(({ text: glob }): GlobProblem => {
      const { origin } = client
      return { kind: 'glob-without-match', input: INPUT, glob, origin, listed: catalog.length }
    })
  const matching = catalog.filter((name) => globs.some((glob) => glob.matches(name)))
  return { repositories: [...new Set([...named, ...matching])].sort(), named, problems }
}

async function readCatalog(client: Client): Promise<readonly Repository[] | CatalogError | WireError> {
  try {
    return await attempt(listRepositories(client))
  } catch (error) {
    if (error instanceof CatalogError) return error
    throw error
  }
}
