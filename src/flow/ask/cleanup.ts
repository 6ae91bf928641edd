import type { Cleanup, Settings } from '../../config/settings.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import { unmatched } from '../../plan/cleanup/match.js'
import type { Journal, Unplanned } from '../../plan/journal.js'
import type { Problem } from '../../plan/problem.js'
import { counted } from '../../registry/progress.js'
import { resolveRepositories } from '../../survey/lists/repositories.js'
import type { Tools } from '../../survey/tools.js'
import type { SurveyedCase } from '../case.js'
import type { SurveyedRun } from './ask.js'
import { rulesOf, SELECTED } from './rules.js'
import { selectIn, type Selected } from './select.js'

/** Give up after this many consecutive repositories without a response. */
const SILENT = 3
/** Repositories to survey in parallel, since a small one has only a few requests. */
const IN_PARALLEL = 4

/**
 * A cleanup: the user described tags by patterns, age and number. If one repository is refused or fails, the others
 * still run.
 *
 * @throws Stopped, and defects
 */
export async function askCleanup(
  wanted: Cleanup,
  settings: Settings,
  tools: Tools,
  journal: Journal,
): Promise<SurveyedRun> {
  const { client, progress } = tools
  const rules = { ...rulesOf(settings, SELECTED), maxDeletions: wanted.maxDeletions }
  const { repositories, named, problems } = await resolveRepositories(wanted.repositories, client)
  if (problems.length > 0) return { parts: [], idle: [], rules, problems }
  journal.expect(repositories.length)
  let silent = 0
  const one = async (repository: Repository): Promise<Selected> => {
    if (silent >= SILENT)
      return { is: 'failed', problem: { kind: 'registry-stopped-responding', repository }, silent: true }
    const { steps, done } = journal.beside()
    try {
      const selected = await selectIn(repository, { settings, wanted, rules }, { ...tools, steps })
      silent = selected.is === 'failed' && selected.silent ? silent + 1 : 0
      return selected
    } finally {
      done()
    }
  }
  const selected = await counted(progress, 'repositories surveyed', repositories, IN_PARALLEL, one)
  const found = sorted(repositories, selected, named)
  if (found.problems.length === 0) warnOfUnmatched(wanted, found.listed, journal)
  for (const each of selected) if ('warning' in each) journal.warn(each.warning)
  return { parts: found.parts, idle: found.idle, problems: found.problems, rules }
}

interface Sorted {
  readonly parts: (SurveyedCase | Unplanned)[]
  /** The tags of each repository that could be listed. */
  readonly listed: (readonly Tag[])[]
  /** The tags of each repository in which nothing is selected. */
  readonly idle: (readonly Tag[])[]
  readonly problems: Problem[]
}

/** @param named the repositories that were named without a glob. These must exist */
function sorted(
  repositories: readonly Repository[],
  selected: readonly Selected[],
  named: ReadonlySet<Repository>,
): Sorted {
  const all: Sorted = { parts: [], listed: [], idle: [], problems: [] }
  const failed: Problem[] = []
  for (const [at, repository] of repositories.entries()) {
    const each = selected[at]
    if (each === undefined) continue
    if (each.is === 'case') {
      all.listed.push(each.listed)
      all.parts.push(each.case)
    } else if (each.is === 'idle') {
      all.listed.push(each.listed)
      all.idle.push(each.listed)
      all.parts.push({ is: 'idle', repository, selection: each.selection })
    } else if (each.is === 'failed') {
      if (each.listed !== undefined) {
        all.listed.push(each.listed)
        all.idle.push(each.listed)
      }
      failed.push(each.problem)
      all.parts.push({ is: 'failed', repository, problem: each.problem })
    } else if (named.has(repository))
      all.problems.push({ kind: 'listed-repository-unknown', about: each.problem })
    // A catalog may still list a repository whose tags were all deleted.
    else all.parts.push({ is: 'idle', repository, selection: each.selection })
  }
  if (all.problems.length > 0) all.problems.push(...failed)
  return all
}

function warnOfUnmatched(
  { globs, except }: Cleanup,
  listed: readonly (readonly Tag[])[],
  journal: Journal,
): void {
  for (const glob of unmatched([...globs, ...except], listed)) {
    const belonging = listed.some((tags) => tags.some((tag) => glob.matches(tag)))
    journal.warn({ kind: 'glob-matches-nothing', glob: glob.text, belonging })
  }
}
