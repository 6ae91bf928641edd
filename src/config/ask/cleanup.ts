import { compileTagGlob, type Glob } from '../../oci/glob.js'
import { parseInstant } from '../../oci/instant.js'
import type { Parsed } from '../../oci/parsed.js'
import type { InputName } from '../declared.js'
import type { InputReader } from '../reader.js'
import type { Cleanup } from '../settings.js'
import { parseDuration, parseInteger } from '../text/values.js'
import { readSearched } from './searched.js'

/** Inputs that only a cleanup has. If one of them is given, the run is a cleanup. */
const CLEANUP_INPUTS = ['repositories', 'tags', 'older-than', 'keep-newest', 'as-of'] as const
/** The highest count that an input accepts. */
const MOST = 1_000_000

/**
 * Reads the inputs of a cleanup.
 *
 * @param now milliseconds since the epoch; `as-of` must not be later
 * @returns undefined if no input of a cleanup is given
 */
export function readCleanup(reader: InputReader, now: number): Cleanup | undefined {
  // `max-deletions` has a default, so it is checked in an incident too.
  const maxDeletions = reader.parse('max-deletions', parseCount, 0)
  const [first, ...others] = CLEANUP_INPUTS.filter((name) => isGiven(reader, name))
  if (first === undefined) return undefined
  checkComplete(reader, [first, ...others])
  return {
    is: 'cleanup',
    repositories: readSearched(reader, 'repositories'),
    ...readTags(reader),
    olderThan: reader.parse('older-than', (text) => parseDuration(text, true), 0),
    keepNewest: reader.parse('keep-newest', parseCount, 0),
    asOf: reader.parse('as-of', (text) => parseAsOf(text, now), now),
    maxDeletions,
  }
}

/** Checks that all necessary inputs of a cleanup are given, and none of an incident. */
function checkComplete(reader: InputReader, given: readonly [InputName, ...InputName[]]): void {
  const single = given.length === 1
  const incident = (['image', 'blobs'] as const).filter((name) => isGiven(reader, name))
  if (incident.length > 0)
    reader.addSharedProblem(
      given,
      `${single ? 'it belongs' : 'they belong'} to a cleanup, and ${quoteNames(incident).join(' and ')} to an incident. A run is either a cleanup or an incident: remove the inputs of one of them`,
    )
  if (!isGiven(reader, 'repositories'))
    reader.addProblem(
      'repositories',
      `it is not given, and ${quoteNames(given).join(', ')} ${single ? 'selects' : 'select'} in the repositories that it names`,
    )
  if (!isGiven(reader, 'tags'))
    reader.addProblem('tags', 'it is not given. A cleanup selects by globs of tags, such as `debug-*`')
  if (!isGiven(reader, 'older-than') && !isGiven(reader, 'keep-newest'))
    reader.addSharedProblem(
      ['older-than', 'keep-newest'],
      'neither is given. Say how old an image must be (`older-than: 14d`) or how many of the newest to keep (`keep-newest: 10`); `0s` or `0` selects everything that matches',
    )
}

function isGiven(reader: InputReader, name: InputName): boolean {
  return reader.text(name) !== ''
}

function quoteNames(names: readonly InputName[]): string[] {
  return names.map((name) => `\`${name}\``)
}

function parseCount(text: string): Parsed<number> {
  return parseInteger(text, 0, MOST)
}

function parseAsOf(text: string, now: number): Parsed<number> {
  const at = parseInstant(text)
  if (at === undefined)
    return { wrong: 'write a time such as `2026-06-01T03:00:00Z` (RFC 3339, with its zone)' }
  if (at > now) return { wrong: 'it is in the future; write a time that is not later than now' }
  return { value: at }
}

function readTags(reader: InputReader): { globs: Glob[]; except: Glob[] } {
  const entries = reader.list('tags')
  const globs: Glob[] = []
  const except: Glob[] = []
  if (entries.length === 0 && reader.text('tags') !== '')
    reader.addProblem('tags', 'it holds no entry; write globs of tags')
  for (const entry of entries) {
    const excludes = entry.startsWith('!')
    const glob =
      entry === '!'
        ? { wrong: 'a glob must follow the !' }
        : compileTagGlob(excludes ? entry.slice(1) : entry)
    if ('wrong' in glob) reader.addValueProblem('tags', entry, glob.wrong)
    else if (excludes) except.push({ ...glob.value, text: entry })
    else globs.push(glob.value)
  }
  if (except.length > 0 && globs.length === 0)
    reader.addProblem('tags', 'every entry begins with !; at least one entry without ! is needed')
  return { globs, except }
}
