import { compileRepositoryGlob } from '../oci/glob.js'
import { parseRepository } from '../oci/reference.js'
import type { Searched } from './settings.js'
import { list, shown } from './values.js'

/**
 * Reads a list of repositories: names, and globs of them.
 *
 * @param input its name, for messages
 * @param text of the input
 * @param problems is added to
 */
export function readSearched(
  input: 'repositories' | 'search-repositories',
  text: string,
  problems: string[],
): Searched[] {
  const entries = list(text)
  if (entries.length === 0 && text !== '')
    problems.push(`${input}: it holds no entry; names or globs of repositories are accepted`)
  const searched: Searched[] = []
  for (const entry of entries) {
    const name = parseRepository(entry)
    if (name !== undefined) {
      searched.push({ name })
      continue
    }
    const glob = compileRepositoryGlob(entry)
    if (typeof glob === 'string') problems.push(`${input}: ${shown(entry)}: ${glob}`)
    else if (!/[*?[{]/.test(entry))
      problems.push(
        `${input}: ${shown(entry)}: it is no repository (lower-case letters, digits, . _ - and /, without the registry's host), and no glob`,
      )
    else searched.push({ glob })
  }
  return searched
}
