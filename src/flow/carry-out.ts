import type { Settings } from '../config/settings.js'
import type { RepositoryPlan, Rules } from '../plan/plan.js'
import type { Exposures } from './exposure.js'
import { Replicas } from '../proof/replicas.js'
import { remainingEntries, type RepositoryEntry, type Result } from '../report/report.js'
import { proveAll } from './prove.js'
import { purge, type Part, type Ports, type Purged } from './repository.js'
import { Verification } from './verification.js'

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
 * Carries out plans: purges a repository after the other, reads what stays in all of them, searches elsewhere, and only
 * then proves each.
 *
 * @returns how each repository ended; the report's entries hold what happened
 * @throws Stopped, and defects
 */
export async function carryOut(jobs: readonly Job[], carrying: Carrying): Promise<Result[]> {
  const { settings, rules, ports, together, wrote } = carrying
  const { narrator, record } = ports
  for (const { entry } of jobs) entry.result = 'refused'
  record.write()

  const sensitive = new Set(jobs.flatMap(({ plan }) => [...plan.image]))
  const all: (Job & { readonly purged: Purged })[] = []
  for (const job of jobs) {
    const { part, plan, entry } = job
    const several = jobs.length > 1
    const purged = await purge(part, plan, entry, { settings, rules, ports, sensitive, several, wrote })
    entry.result = purged.execution === undefined && !purged.work.wrote ? 'refused' : 'incomplete'
    all.push({ ...job, purged })
    narrator.close()
    if (together && all.every(({ entry: { result } }) => result === 'refused')) return ['refused']
  }
  try {
    await verifyAll(all, carrying)
  } finally {
    // What a burst intended when the run was stopped, and never sent, is again what it was.
    for (const { plan } of all) record.withdraw(plan.repository)
  }
  return all.map(({ entry }) => entry.result)
}

/** @throws Stopped, and defects */
async function verifyAll(
  all: readonly (Job & { readonly purged: Purged })[],
  { settings, ports, exposures }: Carrying,
): Promise<void> {
  const { record } = ports
  const replicas = new Replicas()
  const thoroughness = {
    attempts: settings.verifyAttempts,
    interval: settings.verifyInterval,
    timeout: settings.verifyTimeout,
  }
  const verified = all.flatMap(({ entry, purged: { work, execution } }) => {
    if (execution === undefined) return []
    if (work.differed) replicas.differed()
    const others = all.filter(({ purged }) => purged.work !== work)
    const elsewhere = new Set(
      others.flatMap(
        ({
          purged: {
            work: { plan },
          },
        }) => [...plan.manifests, ...plan.blobs].map(({ digest }) => digest),
      ),
    )
    return [
      {
        entry,
        verification: new Verification(work, execution, thoroughness, ports, { elsewhere, replicas }),
      },
    ]
  })
  for (const { entry, verification } of verified) {
    await verification.readWhatStays()
    entry.remaining = remainingEntries(verification.remaining)
  }
  const exposed = await exposures.look(
    all.map(({ purged: { work } }) => work.plan),
    all.map(({ entry }) => entry),
    new Set(verified.map(({ verification: { work } }) => work.plan.repository)),
  )
  await proveAll(verified.map(({ verification }) => verification))
  for (const { entry, verification } of verified) {
    const { proven, left, problems, warnings } = verification.conclude()
    for (const [digest, heldBy] of left) entry.kept.push({ digest, heldBy: [...heldBy] })
    entry.remaining = remainingEntries(verification.remaining)
    entry.problems.push(...problems)
    entry.warnings.push(...warnings)
    entry.result = proven && exposed.length === 0 ? 'purged' : 'incomplete'
  }
  record.report.problems.push(...exposed)
}
