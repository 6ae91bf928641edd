import type { Settings } from '../config/settings.js'
import { carryOut, searchFirst, type Job } from './carry-out.js'
import { Exposures } from './exposure.js'
import { plan } from '../plan/decide.js'
import type { Case, Plan } from '../plan/plan.js'
import { rulesOf } from './rules.js'
import { entriesOf, type Result } from '../report/report.js'
import { survey, type Part, type Ports } from './repository.js'

/**
 * The flow of an incident: facts → plan → act → prove. All repositories are planned before the first write in any.
 *
 * @param wrote is called before anything may be written
 * @returns how the run ended; the record's report holds what happened
 * @throws Stopped, and WireError where the registry as a whole does not answer
 */
export async function incident(settings: Settings, ports: Ports, wrote: () => void): Promise<Result> {
  const { record } = ports
  const parts: Part[] = []
  const problems: string[] = []
  for (const named of settings.named) {
    const part = await survey(named, settings, ports)
    if (typeof part === 'string') problems.push(part)
    else parts.push(part)
  }
  if (problems.length > 0) {
    record.report.problems.push(...problems)
    return 'refused'
  }

  const rules = rulesOf(settings)
  const cases = parts.map(({ target, survey }): Case => ({ target, survey }))
  const whole = plan(cases, rules)
  show(whole, ports)
  if (whole.refusals.length > 0 || whole.repositories.some(({ refusals }) => refusals.length > 0))
    return 'refused'
  const exposures = new Exposures(settings, ports)
  const jobs = whole.repositories.flatMap((each, at): Job[] => {
    const part = parts[at]
    const entry = record.report.repositories[at]
    return part === undefined || entry === undefined ? [] : [{ part, plan: each, entry }]
  })
  const exposed = await searchFirst(jobs, exposures)
  if (exposed.length > 0) {
    for (const entry of record.report.repositories) entry.result = 'refused'
    record.report.problems.push(...exposed)
    return 'refused'
  }
  if (settings.dryRun) {
    for (const entry of record.report.repositories) entry.result = 'planned'
    return 'planned'
  }
  const results = await carryOut(jobs, { settings, rules, ports, exposures, together: true, wrote })
  if (results.every((result) => result === 'purged')) return 'purged'
  return results.every((result) => result === 'refused') ? 'refused' : 'incomplete'
}

function show(whole: Plan, { narrator, record, log }: Ports): void {
  record.report.fingerprint = whole.fingerprint
  record.report.repositories = entriesOf(whole)
  record.report.problems.push(...whole.refusals)
  for (const each of whole.repositories) narrator.plan(each, whole.fingerprint)
  for (const warning of whole.warnings) log.notice(warning)
}
