import type { Settings } from '../config/settings.js'
import { plan as decide } from '../plan/decide.js'
import type { Journal, Result } from '../plan/journal.js'
import type { Plan, RepositoryPlan } from '../plan/plan.js'
import type { Tools } from '../survey/tools.js'
import { ask, type SurveyedRun } from './ask/ask.js'
import type { SurveyedCase } from './case.js'
import { proveAll } from './prove/prove.js'
import { purgeAll, type Job } from './purge.js'
import { Results } from './results.js'
import { Search } from './search.js'

/**
 * Carries out a run: survey → plan → show → refuse or stop → purge → prove. Reports everything to the journal.
 *
 * @returns how the run ended
 * @throws Stopped, WireError if the registry does not respond at all, and defects
 */
export async function run(settings: Settings, tools: Tools, journal: Journal): Promise<Result> {
  const asked = await ask(settings, tools, journal)
  for (const problem of asked.problems) journal.problem(problem)
  if (asked.problems.length > 0) return 'refused'

  const { rules } = asked
  const plan = decide(casesOf(asked), rules, asked.idle)
  const results = new Results(journal)
  const jobs = show(plan, asked, results, journal)
  const plans = jobs.map((job) => job.plan)
  const search = new Search(settings, tools, journal)
  const isRefused = plan.refusals.length > 0 || (rules.together && jobs.length < plan.repositories.length)
  if (isRefused || (await search.forbids(plans))) {
    for (const { repository } of plan.repositories) results.end(repository, 'refused')
    return 'refused'
  }
  if (settings.dryRun) {
    if (!rules.together) journal.separable(plans, rules)
    for (const { repository } of plans) results.end(repository, 'planned')
    return results.sum
  }
  if (jobs.length > 0) {
    const purging = { settings, rules, tools, journal, results }
    await proveAll(await purgeAll(jobs, purging), { ...purging, search })
  }
  return results.sum
}

function casesOf({ parts }: SurveyedRun): SurveyedCase[] {
  return parts.flatMap((part) => ('is' in part ? [] : [part]))
}

/** Reports the plan to the journal. @returns the repositories whose plan may be carried out */
function show(plan: Plan, asked: SurveyedRun, results: Results, journal: Journal): Job[] {
  const planned = new Map(plan.repositories.map((each) => [each.repository, each]))
  const planOf = ({ target }: SurveyedCase): RepositoryPlan => {
    const found = planned.get(target.repository)
    if (found === undefined) throw new Error(`${target.repository} has no plan`)
    return found
  }
  journal.planned(
    plan,
    asked.parts.map((part) => ('is' in part ? part : planOf(part))),
  )
  const jobs: Job[] = []
  for (const part of asked.parts) {
    if ('is' in part) results.end(part.repository, part.is === 'idle' ? 'nothing-to-do' : 'refused')
    else {
      const own = planOf(part)
      if (own.refusals.length > 0) results.end(own.repository, 'refused')
      else jobs.push({ case: part, plan: own })
    }
  }
  return jobs
}
