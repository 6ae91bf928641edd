import type { Settings } from '../config/settings.js'
import type { RepositoryPlan, Rules } from '../plan/plan.js'
import type { Exposures } from './exposure.js'
import { purge, type Part, type Ports, type Purged } from './repository.js'
import type { Work } from '../purge/work.js'
import { remainingEntries, type RepositoryEntry, type Result } from '../report/report.js'
import { stillGone, stillIntact } from './verify.js'

/** One repository's plan, on its way to be carried out. */
export interface Job {
  readonly part: Part
  readonly plan: RepositoryPlan
  /** Its part of the report. */
  readonly entry: RepositoryEntry
}

/** How plans are carried out. */
export interface Carrying {
  readonly settings: Settings
  readonly rules: Rules
  readonly ports: Ports
  readonly exposures: Exposures
  /** As long as nothing was written, the refusal of one repository is that of all. */
  readonly together: boolean
  /** Called before anything may be written. */
  readonly wrote: () => void
}

/** @returns what `on-exposure` has against these plans before the first write. @throws Stopped */
export function searchFirst(jobs: readonly Job[], exposures: Exposures): Promise<string[]> {
  const plans = jobs.map(({ plan }) => plan)
  return exposures.look(
    plans,
    jobs.map(({ entry }) => entry),
    new Set(plans.map(({ repository }) => repository)),
  )
}

/**
 * Carries out plans, a repository after the other, each to its proof, and asks once more at the end.
 *
 * @returns how each repository ended; the report's entries hold what happened
 * @throws Stopped, and defects
 */
export async function carryOut(jobs: readonly Job[], carrying: Carrying): Promise<Result[]> {
  const { settings, rules, ports, together, wrote, exposures } = carrying
  const { narrator, record } = ports
  for (const { entry } of jobs) entry.result = 'refused'
  record.write()

  const sensitive = new Set(jobs.flatMap(({ plan }) => [...plan.image]))
  const all: (Job & { readonly purged: Purged })[] = []
  for (const job of jobs) {
    const { part, plan, entry } = job
    const several = jobs.length > 1
    const purged = await purge(part, plan, entry, { settings, rules, ports, sensitive, several, wrote })
    entry.result = purged.result
    all.push({ ...job, purged })
    narrator.close()
    if (together && all.every(({ purged: { result } }) => result === 'refused')) return ['refused']
  }
  return conclusion(all, exposures, ports)
}

/**
 * Searches the other repositories again, and then asks once more for what was proven before something else was
 * touched: that may be served again by now.
 */
async function conclusion(
  all: readonly (Job & { readonly purged: Purged })[],
  exposures: Exposures,
  ports: Ports,
): Promise<Result[]> {
  const { report } = ports.record
  const plans = all.map(({ purged }) => purged.work.plan)
  const entries = all.map(({ entry }) => entry)
  const purged = all.flatMap(({ purged: { result, work } }) =>
    result === 'purged' ? [work.plan.repository] : [],
  )
  const exposed = await exposures.look(plans, entries, new Set(purged))
  report.problems.push(...exposed)
  if (exposed.length > 0)
    for (const entry of entries) if (entry.result === 'purged') entry.result = 'incomplete'
  const results: Result[] = exposed.length > 0 ? ['incomplete'] : []
  for (const [at, { entry, purged }] of all.entries()) {
    const { result, work, standings } = purged
    const last = at === all.length - 1
    const again = result === 'purged' && (!last || exposures.looked)
    const problems = again ? await stillGone(work, standings, ports) : []
    if (result === 'purged' && !last) problems.push(...(await stays(work, entry)))
    if (problems.length > 0) {
      entry.result = 'incomplete'
      entry.problems.push(...problems)
    }
    results.push(problems.length > 0 ? 'incomplete' : result)
  }
  return results
}

/** @returns what of a repository that was purged earlier does not stand any more as it should, in sentences */
async function stays(work: Work, entry: RepositoryEntry): Promise<readonly string[]> {
  const { remaining, problems, warnings } = await stillIntact(work)
  entry.remaining = remainingEntries(remaining)
  for (const warning of warnings) if (!entry.warnings.includes(warning)) entry.warnings.push(warning)
  return problems
}
