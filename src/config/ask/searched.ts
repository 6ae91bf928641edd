import { compileRepositoryGlob } from '../../oci/glob.js'
import type { Parsed } from '../../oci/parsed.js'
import { parseRepository } from '../../oci/reference.js'
import type { InputReader } from '../reader.js'
import type { Searched } from '../settings.js'

/** Reads a list of repositories and globs of repositories. */
export function readSearched(reader: InputReader, input: 'repositories' | 'search-repositories'): Searched[] {
  const entries = reader.list(input)
  if (entries.length === 0 && reader.text(input) !== '')
    reader.addProblem(input, 'it holds no entry; write names or globs of repositories')
  return entries.flatMap((entry) => {
    const searched = parseSearched(entry)
    if ('value' in searched) return searched.value
    reader.addValueProblem(input, entry, searched.wrong)
    return []
  })
}

function parseSearched(entry: string): Parsed<Searched> {
  const name = parseRepository(entry)
  if (name !== undefined) return { value: { name } }
  const glob = compileRepositoryGlob(entry)
  if ('wrong' in glob) return glob
  if (/[*?[{]/.test(entry)) return { value: { glob: glob.value } }
  return {
    wrong:
      "it is neither a repository (lower-case letters, digits, . _ - and /, without the registry's host) nor a glob",
  }
}
