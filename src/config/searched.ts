import { compileRepositoryGlob } from '../oci/glob.js'
import { parseRepository } from '../oci/reference.js'
import type { Searched } from './settings.js'
import { list, shown } from './values.js'

/**
 * Reads `search-repositories`: names, and globs of them.
 *
 * @param text of the input
 * @param problems is added to
 */
export function readSearched(text: string, problems: string[]): Searched[] {
  const entries = list(text)
  if (entries.length === 0 && text !== '')
    problems.push('search-repositories: it holds no entry; names or globs of repositories are accepted')
  const searched: Searched[] = []
  for (const entry of entries) {
    const name = parseRepository(entry)
    if (name !== undefined) {
      searched.push({ name })
      continue
    }
    const glob = compileRepositoryGlob(entry)
    if (typeof glob === 'string') problems.push(`search-repositories: ${shown(entry)}: ${glob}`)
    else if (!/[*?[{]/.test(entry))
      problems.push(
        `search-repositories: ${shown(entry)}: it is no repository (lower-case letters, digits, . _ - and /, without the registry's host), and no glob`,
      )
    else searched.push({ glob })
  }
  return searched
}
