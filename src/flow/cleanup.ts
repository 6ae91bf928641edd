import type { Cleanup, Settings } from '../config/settings.js'
import type { Repository } from '../oci/reference.js'
import { unmatched } from '../plan/cleanup/match.js'
import { plan } from '../plan/decide.js'
import type { Plan, Selection } from '../plan/plan.js'
import type { Tag } from '../oci/tag.js'
import { counted } from '../registry/progress.js'
import { matrixOf } from '../report/matrix.js'
import {
  entryOf,
  idleEntry,
  refusedEntry,
  time,
  type RepositoryEntry,
  type Result,
} from '../report/report.js'
import { Narrator } from '../report/narrate.js'
import { Turns } from '../report/turns.js'
import { resolveRepositories } from '../survey/repositories.js'
import { carryOut, searchFirst, type Job } from './carry-out.js'
import { Exposures } from './exposure.js'
import type { Part, Ports } from './repository.js'
import { rulesOf } from './rules.js'
import { selectIn, type Selected } from './selecting.js'

/** A registry that does not answer for so many repositories in a row does not answer for the next either. */
const SILENT = 3
/** Small repositories are surveyed side by side: one alone has not enough requests to keep a registry busy. */
const SIDE_BY_SIDE = 4

/**
 * The flow of a cleanup: the same engine, rules and proof as for an incident, but that tags are selected and not named,
 * and that the refusal or failure of one repository does not stop the others.
 *
 * @param wanted what to select
 * @param wrote is called before anything may be written
 * @returns how the run ended; the record's report holds what happened
 * @throws Stopped
 */
export async function cleanup(
  settings: Settings,
  wanted: Cleanup,
  ports: Ports,
  wrote: () => void,
): Promise<Result> {
  const { record, narrator, log } = ports
  const asOf = wanted.asOf ?? Date.parse(record.report.startedAt)
  record.report.inputs['as-of'] = time(asOf)
  const surveyed = await surveyAll(settings, { ...wanted, asOf }, ports)
  if (surveyed.problems.length > 0) {
    record.report.problems.push(...surveyed.problems, ...surveyed.failed.map(({ why }) => why))
    return 'refused'
  }
  for (const glob of unmatched([...wanted.globs, ...wanted.except], surveyed.listed)) {
    const belonging = surveyed.listed.some((tags) => tags.some((tag) => glob.matches(tag)))
    record.report.warnings.push(
      `tags: ${glob.text} matches no tag in any repository of this run${belonging ? ' but those that belong to an image by their name: they go and stay with it' : ''}`,
    )
  }

  const rules = rulesOf(settings)
  const whole = plan(
    surveyed.parts,
    rules,
    surveyed.idle.map(({ listed }) => listed),
  )
  const { entries, jobs } = show(whole, surveyed, asOf, ports)
  record.report.fingerprint = whole.fingerprint
  record.report.repositories = entries
  if (whole.refusals.length > 0) {
    record.report.problems.push(...whole.refusals)
    for (const { entry } of jobs) entry.result = 'refused'
    return 'refused'
  }
  for (const warning of whole.warnings) log.notice(warning)
  const exposures = new Exposures(settings, ports)
  const exposed = await searchFirst(jobs, exposures)
  if (exposed.length > 0) {
    record.report.problems.push(...exposed)
    for (const { entry } of jobs) entry.result = 'refused'
    return 'refused'
  }
  if (settings.dryRun) {
    record.report.matrix = matrixOf(
      jobs.map(({ plan }) => plan),
      rules,
    )
    for (const { entry } of jobs) entry.result = 'planned'
  } else if (jobs.length > 0) {
    narrator.expect(surveyed.count)
    await carryOut(jobs, { settings, rules, ports, exposures, together: false, wrote })
  }
  return sum(entries)
}

/** How the run ended, from how its repositories did. */
function sum(entries: readonly RepositoryEntry[]): Result {
  const has = (result: Result): boolean => entries.some((entry) => entry.result === result)
  if (has('incomplete') || (has('purged') && has('refused'))) return 'incomplete'
  if (has('refused')) return 'refused'
  if (has('purged')) return 'purged'
  return has('planned') ? 'planned' : 'nothing-to-do'
}

interface Idle {
  readonly repository: Repository
  readonly selection: Selection
  readonly listed: readonly Tag[]
}

/** What was found in all repositories; with `problems` in no repository anything may be done. */
interface Surveyed {
  readonly parts: Part[]
  readonly idle: Idle[]
  readonly failed: { repository: Repository; why: string }[]
  /** The tags of each repository that could be listed. */
  readonly listed: (readonly Tag[])[]
  readonly problems: string[]
  /** How many repositories the run is for. */
  readonly count: number
}

async function surveyAll(
  settings: Settings,
  wanted: Cleanup & { readonly asOf: number },
  ports: Ports,
): Promise<Surveyed> {
  const { repositories, named, problems } = await resolveRepositories(wanted.repositories, ports.client)
  const all: Surveyed = {
    parts: [],
    idle: [],
    failed: [],
    listed: [],
    problems: [...problems],
    count: repositories.length,
  }
  if (problems.length > 0) return all
  ports.narrator.expect(repositories.length)
  const turns = new Turns(ports.log)
  let silent = 0
  const one = async (repository: Repository): Promise<Selected> => {
    if (silent >= SILENT)
      return {
        is: 'failed',
        why: `${repository} was not surveyed: the registry stopped answering`,
        silent: true,
      }
    const selected = await inTurn(turns, repositories.length, ports, (own) =>
      selectIn(repository, settings, wanted, own),
    )
    silent = selected.is === 'failed' && selected.silent ? silent + 1 : 0
    return selected
  }
  const selected = await counted(ports.progress, 'repositories surveyed', repositories, SIDE_BY_SIDE, one)
  for (const [at, repository] of repositories.entries()) {
    const each = selected[at] as Selected
    if (each.is === 'failed') all.failed.push({ repository, why: each.why })
    else if (each.is === 'absent') {
      // A catalog goes on to list what was emptied.
      if (named.has(repository)) all.problems.push(`repositories: ${each.why}`)
      else all.idle.push({ repository, selection: NOTHING, listed: [] })
    } else {
      all.listed.push(each.listed)
      if (each.is === 'part') all.parts.push(each.part)
      else all.idle.push({ repository, selection: each.selection, listed: each.listed })
    }
  }
  return all
}

/** One repository is told of as it goes; of several, each when it is its turn. */
async function inTurn(
  turns: Turns,
  count: number,
  ports: Ports,
  work: (ports: Ports) => Promise<Selected>,
): Promise<Selected> {
  if (count === 1) return work(ports)
  const turn = turns.take()
  try {
    return await work({ ...ports, log: turn.log, narrator: new Narrator(turn.log, true) })
  } finally {
    turn.done()
  }
}

const NOTHING: Selection = { unselected: [], created: new Map(), sizes: new Map() }

/** Prints the plan of each repository, and makes their entries of the report, sorted. */
function show(
  whole: Plan,
  { parts, idle, failed }: Surveyed,
  asOf: number,
  { narrator }: Ports,
): { entries: RepositoryEntry[]; jobs: Job[] } {
  const jobs: Job[] = []
  const entries = failed.map(({ repository, why }) => refusedEntry(repository, why))
  for (const { repository, selection } of idle) {
    narrator.idle(repository, selection, asOf)
    entries.push(idleEntry(repository, selection))
  }
  for (const [at, each] of whole.repositories.entries()) {
    const part = parts[at]
    if (part === undefined) continue
    narrator.plan(each, whole.fingerprint, asOf)
    const entry = entryOf(each)
    entries.push(entry)
    if (each.refusals.length === 0) jobs.push({ part, plan: each, entry })
  }
  const sorted = entries.sort((one, other) => (one.name < other.name ? -1 : 1))
  return { entries: sorted, jobs }
}
