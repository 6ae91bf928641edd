import { compileTagGlob, type Glob } from '../oci/glob.js'
import { parseInstant } from '../oci/instant.js'
import type { InputName } from './declared.js'
import { readSearched } from './searched.js'
import type { Cleanup } from './settings.js'
import { duration, list, shown, whole, type Parsed } from './values.js'

/** What belongs to cleanup and to nothing else. */
const OWN = ['repositories', 'tags', 'older-than', 'keep-newest', 'as-of'] as const satisfies InputName[]
const MOST = 1_000_000

/**
 * Reads what selects tags by pattern, age and count.
 *
 * @param text of an input
 * @param now milliseconds since the epoch: `as-of` cannot be later
 * @param problems is added to
 * @returns undefined where none of these inputs is given, or something is wrong with them
 */
export function readCleanup(
  text: (name: InputName) => string,
  now: number,
  problems: string[],
): Cleanup | undefined {
  const before = problems.length
  const maxDeletions = parsed('max-deletions', text, (value) => whole(value, 0, MOST), 0, problems)
  const given = OWN.filter((name) => text(name) !== '')
  if (given.length === 0) return undefined
  const named = (['image', 'blobs'] as const).filter((name) => text(name) !== '')
  if (named.length > 0)
    problems.push(
      `${given.join(', ')}: ${belong(given)} to a cleanup, and ${named.map((name) => `\`${name}\``).join(' and ')} to an incident. One run is one of the two: leave one side out`,
    )
  if (text('repositories') === '')
    problems.push(
      `repositories: it is not given, and ${given.map((name) => `\`${name}\``).join(', ')} ${given.length === 1 ? 'selects' : 'select'} in the repositories that it names`,
    )
  if (text('tags') === '')
    problems.push('tags: it is not given. A cleanup selects by globs of tags, such as `debug-*`')
  if (text('older-than') === '' && text('keep-newest') === '')
    problems.push(
      'older-than, keep-newest: neither is written. Say how old an image must be (`older-than: 14d`) or how many of the newest stay (`keep-newest: 10`); `0s` or `0` selects whatever matches',
    )
  const repositories =
    text('repositories') === '' ? [] : readSearched('repositories', text('repositories'), problems)
  const { globs, except } = readTags(text('tags'), problems)
  const cleanup: Cleanup = {
    repositories,
    globs,
    except,
    olderThan: parsed('older-than', text, (value) => duration(value, true), 0, problems),
    keepNewest: parsed('keep-newest', text, (value) => whole(value, 0, MOST), 0, problems),
    asOf: parsed('as-of', text, (value) => instant(value, now), undefined, problems),
    maxDeletions,
  }
  return problems.length > before ? undefined : cleanup
}

function belong(names: readonly string[]): string {
  return names.length === 1 ? 'it belongs' : 'they belong'
}

function parsed<T>(
  name: InputName,
  text: (name: InputName) => string,
  parser: (value: string) => Parsed<T>,
  fallback: T,
  problems: string[],
): T {
  const value = text(name)
  if (value === '') return fallback
  const found = parser(value)
  if ('value' in found) return found.value
  problems.push(`${name}: ${shown(value)}: ${found.wrong}`)
  return fallback
}

function instant(value: string, now: number): Parsed<number> {
  const at = parseInstant(value)
  if (at === undefined)
    return { wrong: 'a time such as `2026-06-01T03:00:00Z` (RFC 3339, with its zone) is accepted' }
  if (at > now)
    return { wrong: 'it lies in the future, where nothing has an age yet; a time up to now is accepted' }
  return { value: at }
}

function readTags(text: string, problems: string[]): { globs: Glob[]; except: Glob[] } {
  const entries = list(text)
  const globs: Glob[] = []
  const except: Glob[] = []
  if (entries.length === 0 && text !== '')
    problems.push('tags: it holds no entry; globs of tags are accepted')
  for (const entry of entries) {
    const away = entry.startsWith('!')
    const glob = compileTagGlob(away ? entry.slice(1) : entry)
    if (entry === '!') problems.push('tags: "!": a glob has to follow the !')
    else if (typeof glob === 'string') problems.push(`tags: ${shown(entry)}: ${glob}`)
    else (away ? except : globs).push(away ? { ...glob, text: entry } : glob)
  }
  if (except.length > 0 && globs.length === 0)
    problems.push('tags: every entry takes away; at least one without ! is needed')
  return { globs, except }
}
