import type { Named, Settings } from './config/settings.js'
import type { Digest } from './oci/digest.js'
import { plan, type Case, type Plan, type RepositoryPlan, type Rules } from './plan/plan.js'
import { execute } from './purge/execute.js'
import type { Recorder } from './purge/outcome.js'
import { Work } from './purge/work.js'
import type { Client } from './registry/client.js'
import { Stopped, WireError } from './registry/errors.js'
import type { Clock, Random } from './registry/time.js'
import type { Log } from './report/log.js'
import type { Narrator } from './report/narrate.js'
import type { Record } from './report/record.js'
import { entriesOf, type RepositoryEntry, type Result } from './report/report.js'
import { count, some } from './report/text.js'
import { Surveyor } from './survey/collect.js'
import type { Survey } from './survey/facts.js'
import { ListError } from './survey/tags.js'
import { verify } from './verify.js'

/** What the flow of a run works with; everything that reaches outside is passed in. */
export interface Ports {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly narrator: Narrator
  readonly record: Record
}

/** One repository between survey and purge. */
interface Part {
  readonly surveyor: Surveyor
  readonly survey: Survey
  readonly named: Named
}

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
  if (settings.dryRun) {
    for (const entry of record.report.repositories) entry.result = 'planned'
    return 'planned'
  }
  for (const entry of record.report.repositories) entry.result = 'refused'
  record.write()

  const sensitive = new Set(whole.repositories.flatMap(({ image }) => [...image]))
  const results: Result[] = []
  for (const [at, repository] of whole.repositories.entries()) {
    const part = parts[at]
    const entry = record.report.repositories[at]
    if (part === undefined || entry === undefined) continue
    entry.result = await purge(part, repository, entry, { settings, rules, ports, sensitive, wrote })
    results.push(entry.result)
    narrator.close()
    // Nothing was written anywhere: one refusal refuses all.
    if (entry.result === 'refused' && results.every((result) => result === 'refused')) return 'refused'
  }
  return results.every((result) => result === 'purged') ? 'purged' : 'incomplete'
}

async function survey(
  named: Named,
  settings: Settings,
  { client, random, narrator }: Ports,
): Promise<Part | string> {
  const { repository } = named
  const surveyor = new Surveyor({
    client,
    target: named,
    protectedNames: settings.protectedNames,
    width: settings.concurrency,
    random,
  })
  try {
    narrator.begin(repository, 'List tags')
    const listed = await surveyor.list()
    narrator.note(listed.length === 0 ? 'no tags' : some(listed, 50))
    narrator.end(repository, 'List tags', `${repository} has ${count(listed.length, 'tag')}`)
    narrator.begin(repository, 'Resolve')
    const facts = await surveyor.survey(listed)
    for (const { tag } of named.tags) {
      const state = facts.tags.get(tag)
      narrator.note(
        `${repository}:${tag} ${state?.is === 'resolved' ? `→ ${state.digest}` : 'does not resolve'}`,
      )
    }
    narrator.end(
      repository,
      'Resolve',
      `${count(facts.tags.size, 'tag')} on ${count(facts.manifests.size, 'manifest')} read; deletion of manifests is ${facts.manifestDeletion.is}, of blobs ${facts.blobDeletion.is}`,
    )
    return { surveyor, survey: facts, named }
  } catch (error) {
    narrator.close()
    if (error instanceof WireError && error.failure === 'cancelled') throw new Stopped()
    if (error instanceof ListError) return error.message
    throw error
  }
}

function show(whole: Plan, { narrator, record, log }: Ports): void {
  record.report.fingerprint = whole.fingerprint
  record.report.repositories = entriesOf(whole)
  record.report.problems.push(...whole.refusals)
  record.report.warnings.push(...whole.warnings)
  for (const each of whole.repositories) narrator.plan(each, whole.fingerprint)
  for (const warning of whole.warnings) log.notice(warning)
}

interface Purging {
  readonly settings: Settings
  readonly rules: Rules
  readonly ports: Ports
  /** Every digest of the purged images, in whatever repository. */
  readonly sensitive: ReadonlySet<Digest>
  readonly wrote: () => void
}

/** Purges and verifies one repository. What goes wrong there is its own; only a stop ends the run. */
async function purge(
  { surveyor, survey, named: target }: Part,
  repositoryPlan: RepositoryPlan,
  entry: RepositoryEntry,
  { settings, rules, ports, sensitive, wrote }: Purging,
): Promise<Result> {
  const { client, clock, random, narrator, record } = ports
  const tools = {
    client,
    surveyor,
    clock,
    recorder: both(record, narrator, wrote),
    width: settings.concurrency,
  }
  const work = new Work(repositoryPlan, survey, sensitive, tools)
  try {
    const execution = await execute(work, { target, survey, rules })
    if (execution.refused.length > 0) {
      entry.problems.push(...execution.refused)
      return 'refused'
    }
    for (const [digest, heldBy] of execution.left) entry.kept.push({ digest, heldBy: [...heldBy] })
    const thoroughness = {
      attempts: settings.verifyAttempts,
      interval: settings.verifyInterval,
      timeout: settings.verifyTimeout,
    }
    const proof = await verify(work, execution, thoroughness, { clock, random, narrator, record })
    entry.remaining = proof.intact.remaining.map(({ tag, digest, verdict, detail }) => ({
      tag,
      digest: digest ?? null,
      verdict,
      detail: detail ?? null,
    }))
    entry.problems.push(...proof.problems)
    entry.warnings.push(...proof.warnings)
    return proof.proven ? 'purged' : 'incomplete'
  } catch (error) {
    if (work.wrote) entry.result = 'incomplete'
    if (!(error instanceof WireError || error instanceof ListError)) throw error
    if (error instanceof WireError && error.failure === 'cancelled') throw new Stopped()
    entry.problems.push(error.message)
    return work.wrote ? 'incomplete' : 'refused'
  }
}

/** The file and the log are told alike, the file first. */
function both(record: Record, narrator: Narrator, wrote: () => void): Recorder {
  return {
    begin: (repository, step) => {
      record.begin()
      narrator.begin(repository, step)
    },
    about: (repository, item) => {
      wrote()
      record.about(repository, item)
      narrator.about()
    },
    done: (repository, done) => {
      record.done(repository, done)
      narrator.done(repository, done)
    },
    release: (repository, kept) => {
      record.release(repository, kept)
      narrator.release(repository, kept)
    },
    note: (text) => narrator.note(text),
    end: (repository, step, summary) => {
      record.end()
      narrator.end(repository, step, summary)
    },
  }
}
