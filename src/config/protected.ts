import { compileTagGlob, guards, type Glob } from '../oci/glob.js'
import { parseTag, type Tag } from '../oci/tag.js'
import type { InputReader } from './reader.js'
import type { Named } from './settings.js'
import { quoted } from './text/values.js'

/** The input `protected-tags`. */
export interface ProtectedTags {
  readonly protectedTags: readonly Glob[]
  /** The entries that are plain names. */
  readonly protectedNames: readonly Tag[]
}

const INPUT = 'protected-tags'

/** @param named the tags of `image`, none of which may be protected */
export function readProtectedTags(reader: InputReader, named: readonly Named[]): ProtectedTags {
  const entries = reader.list(INPUT)
  if (entries.length === 1 && entries[0] === 'none') return { protectedTags: [], protectedNames: [] }
  if (entries.length === 0 && reader.text(INPUT) !== '')
    reader.addProblem(INPUT, 'it holds no entry; write globs of tags, or `none`')
  if (entries.includes('none')) reader.addProblem(INPUT, '`none` cannot be combined with other entries')
  const protectedTags: Glob[] = []
  const protectedNames: Tag[] = []
  for (const entry of entries) {
    if (entry === 'none') continue
    const glob = entry.startsWith('!')
      ? { wrong: 'an entry cannot begin with !; write globs without !' }
      : compileTagGlob(entry)
    if ('wrong' in glob) {
      reader.addValueProblem(INPUT, entry, glob.wrong)
      continue
    }
    protectedTags.push(glob.value)
    const name = parseTag(entry)
    if (name !== undefined) protectedNames.push(name)
    checkNamed(reader, glob.value, named)
  }
  return { protectedTags, protectedNames }
}

function checkNamed(reader: InputReader, glob: Glob, named: readonly Named[]): void {
  for (const { repository, tags } of named)
    for (const { tag } of tags)
      if (guards(glob, tag))
        reader.addProblem(
          INPUT,
          `${quoted(glob.text)} matches ${repository}:${tag}, which \`image\` names: a tag cannot be both deleted and kept`,
        )
}
