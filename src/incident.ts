import type { Settings } from './config/settings.js'
import { Exposures } from './exposure.js'
import { plan } from './plan/decide.js'
import type { Case, Plan, Rules } from './plan/plan.js'
import { entriesOf, type Result } from './report/report.js'
import { purge, survey, type Part, type Ports, type Purged } from './repository.js'
import { stillGone } from './verify.js'

/**
 * The flow of an incident: facts → plan → act → prove. All repositories are planned before the first write in any.
 *
 * @param wrote is called before anything may be written
 * @returns how the run ended; the record's report holds what happened
 * @throws Stopped, and WireError where the registry as a whole does not answer
 */
export async function incident(settings: Settings, ports: Ports, wrote: () => void): Promise<Result> {
  const { narrator, record } = ports
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

  const rules: Rules = {
    registry: settings.origin,
    scope: settings.scope,
    unreadableTags: settings.unreadableTags,
    sharedBlobs: settings.sharedBlobs,
    protectedTags: settings.protectedTags,
    dryRun: settings.dryRun,
    ...(settings.approved !== undefined && { approved: settings.approved }),
  }
  const cases = parts.map(({ named: target, survey }): Case => ({ target, survey }))
  const whole = plan(cases, rules)
  show(whole, ports)
  if (whole.refusals.length > 0 || whole.repositories.some(({ refusals }) => refusals.length > 0))
    return 'refused'
  const exposures = new Exposures(settings, ports)
  const exposed = await exposures.look(
    whole.repositories,
    record.report.repositories,
    new Set(whole.repositories.map(({ repository }) => repository)),
  )
  if (exposed.length > 0) {
    for (const entry of record.report.repositories) entry.result = 'refused'
    record.report.problems.push(...exposed)
    return 'refused'
  }
  if (settings.dryRun) {
    for (const entry of record.report.repositories) entry.result = 'planned'
    return 'planned'
  }
  for (const entry of record.report.repositories) entry.result = 'refused'
  record.write()

  const sensitive = new Set(whole.repositories.flatMap(({ image }) => [...image]))
  const all: Purged[] = []
  for (const [at, repository] of whole.repositories.entries()) {
    const part = parts[at]
    const entry = record.report.repositories[at]
    if (part === undefined || entry === undefined) continue
    const several = whole.repositories.length > 1
    const purged = await purge(part, repository, entry, { settings, rules, ports, sensitive, several, wrote })
    entry.result = purged.result
    all.push(purged)
    narrator.close()
    // Nothing was written anywhere: one refusal refuses all.
    if (all.every(({ result }) => result === 'refused')) return 'refused'
  }
  return conclusion(all, exposures, ports)
}

/**
 * Searches the other repositories again, and then asks once more for what was proven before something else was
 * touched: that may be served again by now.
 */
async function conclusion(all: readonly Purged[], exposures: Exposures, ports: Ports): Promise<Result> {
  const { report } = ports.record
  const plans = all.map(({ work }) => work.plan)
  const purged = all.filter(({ result }) => result === 'purged').map(({ work }) => work.plan.repository)
  const exposed = await exposures.look(plans, report.repositories, new Set(purged))
  report.problems.push(...exposed)
  if (exposed.length > 0)
    for (const entry of report.repositories) if (entry.result === 'purged') entry.result = 'incomplete'
  const results: Result[] = exposed.length > 0 ? ['incomplete'] : []
  for (const [at, { result, work, standings }] of all.entries()) {
    const again = result === 'purged' && (at < all.length - 1 || exposures.looked)
    const problems = again ? await stillGone(work, standings, ports) : []
    const entry = report.repositories[at]
    if (problems.length > 0 && entry !== undefined) {
      entry.result = 'incomplete'
      entry.problems.push(...problems)
    }
    results.push(problems.length > 0 ? 'incomplete' : result)
  }
  return results.every((result) => result === 'purged') ? 'purged' : 'incomplete'
}

function show(whole: Plan, { narrator, record, log }: Ports): void {
  record.report.fingerprint = whole.fingerprint
  record.report.repositories = entriesOf(whole)
  record.report.problems.push(...whole.refusals)
  for (const each of whole.repositories) narrator.plan(each, whole.fingerprint)
  for (const warning of whole.warnings) log.notice(warning)
}
