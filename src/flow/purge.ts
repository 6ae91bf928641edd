import type { Settings } from '../config/settings.js'
import type { Digest } from '../oci/digest.js'
import type { Journal } from '../plan/journal.js'
import type { RepositoryPlan, Rules } from '../plan/plan.js'
import { execute } from '../purge/execute.js'
import type { Execution } from '../purge/execution.js'
import { isAged } from '../purge/freshness.js'
import { RepositoryPurge } from '../purge/repository-purge.js'
import { WireError } from '../registry/errors.js'
import { ListError, problemOf } from '../survey/errors.js'
import type { Tools } from '../survey/tools.js'
import type { SurveyedCase } from './case.js'
import type { Results } from './results.js'

/** One repository's plan, with the case that it was made for. */
export interface Job {
  readonly case: SurveyedCase
  readonly plan: RepositoryPlan
}

/** The tools and rules of a purge. */
export interface Purging {
  readonly settings: Settings
  readonly rules: Rules
  readonly tools: Tools
  readonly journal: Journal
  readonly results: Results
}

/** The purge of one repository, before anything is proven. */
export interface Purged {
  readonly purge: RepositoryPurge
  /** Undefined if the purge was refused or failed. */
  readonly execution?: Execution
}

/**
 * Purges one repository after the other.
 *
 * @returns the result of each; empty if all are refused together before anything was written
 * @throws Stopped, and defects
 */
export async function purgeAll(jobs: readonly Job[], purging: Purging): Promise<Purged[]> {
  const { rules, journal, results } = purging
  // Until something is sent for a repository, it counts as refused.
  for (const { plan } of jobs) results.end(plan.repository, 'refused')
  journal.save()
  const sensitive = new Set(jobs.flatMap(({ plan }) => [...plan.image]))
  const all: Purged[] = []
  for (const job of jobs) {
    const purged = await purgeOne(job, sensitive, jobs.length > 1, purging)
    results.end(job.plan.repository, isUntouched(purged) ? 'refused' : 'incomplete')
    journal.close()
    all.push(purged)
    // Until something is written, one refusal refuses all repositories.
    if (rules.together && all.every(isUntouched)) return []
  }
  return all
}

function isUntouched({ purge, execution }: Purged): boolean {
  return execution === undefined && !purge.wrote
}

/**
 * Purges one repository. If that fails, the other repositories are still purged.
 *
 * @param several whether the run has several repositories, so that this one's survey may be old
 * @throws Stopped, and defects
 */
async function purgeOne(
  { case: own, plan }: Job,
  sensitive: ReadonlySet<Digest>,
  several: boolean,
  { rules, tools, journal, results }: Purging,
): Promise<Purged> {
  const { surveyor, surveyed, ...known } = own
  const aged = several || isAged(surveyed, tools.clock.now())
  const purge = new RepositoryPurge(plan, known.survey, sensitive, { ...tools, surveyor, journal })
  try {
    const execution = await execute(purge, { ...known, rules, aged })
    if (execution.refused.length === 0) return { purge, execution }
    for (const problem of execution.refused) journal.problem(problem, plan.repository)
    return { purge }
  } catch (error) {
    if (purge.wrote) results.end(plan.repository, 'incomplete')
    if (!(error instanceof WireError || error instanceof ListError)) throw error
    journal.problem(problemOf(error), plan.repository)
    return { purge }
  } finally {
    journal.withdraw(plan.repository)
  }
}
