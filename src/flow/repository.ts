import type { Named, Settings } from '../config/settings.js'
import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Case, RepositoryPlan, Rules } from '../plan/plan.js'
import { execute } from '../purge/execute.js'
import type { Execution } from '../purge/execution.js'
import type { Journal } from '../plan/journal.js'
import { Work } from '../purge/work.js'
import { WireError } from '../registry/errors.js'
import type { Log } from '../report/log.js'
import type { Narrator } from '../report/narrate.js'
import type { Record } from '../report/record.js'
import type { RepositoryEntry } from '../report/report.js'
import { count, some } from '../report/text.js'
import { Surveyor } from '../survey/collect.js'
import type { Survey } from '../survey/facts.js'
import { ListError, UnknownRepository } from '../survey/tags.js'
import type { Tools } from '../survey/tools.js'

/** What the flow of a run works with; everything that reaches outside is passed in. */
export interface Ports extends Tools {
  readonly log: Log
  readonly narrator: Narrator
  readonly record: Record
}

/** One repository between survey and purge. */
export interface Part extends Case {
  readonly surveyor: Surveyor
  /** When its survey began and ended, milliseconds since the epoch. */
  readonly surveyed: { readonly from: number; readonly to: number }
}

/** @returns what surveys one repository */
export function surveyorOf(
  repository: Repository,
  settings: Settings,
  { client, capabilities, progress }: Pick<Ports, 'client' | 'capabilities' | 'progress'>,
): Surveyor {
  return new Surveyor({
    client,
    capabilities,
    repository,
    labels: settings.scope === 'tag',
    protectedNames: settings.protectedNames,
    width: settings.concurrency,
    progress,
  })
}

/**
 * Surveys one repository.
 *
 * @returns what is there, or why nothing can be told of it
 * @throws Stopped, and WireError where the registry as a whole does not answer
 */
export async function survey(named: Named, settings: Settings, ports: Ports): Promise<Part | string> {
  const { clock, narrator } = ports
  const { repository } = named
  const from = clock.now()
  const surveyor = surveyorOf(repository, settings, ports)
  try {
    const listed = await listKnown(surveyor, named, narrator)
    narrator.begin(repository, 'Resolve')
    const read = await surveyor.survey(listed ?? [], named)
    const facts = listed === undefined ? { ...read, forgotten: true } : read
    for (const { tag } of named.tags) {
      const state = facts.tags.get(tag)
      narrator.note(
        `${repository}:${tag} ${state?.is === 'resolved' ? `→ ${state.digest}` : 'does not resolve'}`,
      )
    }
    narrator.end(
      repository,
      'Resolve',
      `${count(facts.tags.size, 'tag')} on ${count(facts.manifests.size, 'manifest')} read; ${possible(facts)}`,
    )
    return { surveyor, survey: facts, target: named, surveyed: { from, to: clock.now() } }
  } catch (error) {
    narrator.close()
    if (error instanceof ListError) return error.message
    throw error
  }
}

/** @returns undefined if the registry does not know the repository, and nothing has to be looked up by its tag */
async function listKnown(
  surveyor: Surveyor,
  { repository, tags }: Named,
  narrator: Narrator,
): Promise<Tag[] | undefined> {
  try {
    return await list(surveyor, repository, narrator)
  } catch (error) {
    const pinned = tags.every(({ digest }) => digest !== undefined)
    if (!(error instanceof UnknownRepository) || !pinned) throw error
    narrator.end(repository, 'List tags', `the registry does not know ${repository}, so it has no tags`)
    return undefined
  }
}

/** Lists the tags, as a step of its own. @throws ListError, WireError */
export async function list(surveyor: Surveyor, repository: Repository, narrator: Narrator): Promise<Tag[]> {
  narrator.begin(repository, 'List tags')
  const listed = await surveyor.list()
  narrator.note(listed.length === 0 ? 'no tags' : some(listed, 50))
  for (const remark of surveyor.remarks) narrator.note(remark)
  narrator.end(repository, 'List tags', `${repository} has ${count(listed.length, 'tag')}`)
  return listed
}

/** @returns what a survey found out about deletion, in words */
export function possible({ manifestDeletion, blobDeletion, untagging }: Survey): string {
  if (untagging === undefined)
    return `deletion of manifests is ${manifestDeletion.is}, of blobs ${blobDeletion.is}`
  return `removal of a label is ${untagging.is}`
}

export interface Purging {
  readonly settings: Settings
  readonly rules: Rules
  readonly ports: Ports
  /** Every digest of the purged images, in whatever repository. */
  readonly sensitive: ReadonlySet<Digest>
  /** More than one repository: another was worked on since this one's survey. */
  readonly several: boolean
  readonly wrote: () => void
}

/** What came of one repository, before anything is proven. */
export interface Purged {
  readonly work: Work
  /** Undefined if it was refused, or failed on the way. */
  readonly execution?: Execution
}

/**
 * Milliseconds after which a survey was made of a registry that may look otherwise by now, besides the time that it took
 * itself: to read everything once more takes as long, and would be no fresher.
 */
const FRESH = 10_000

/**
 * Purges one repository. What goes wrong there is its own.
 *
 * @param entry the repository's part of the report
 * @throws Stopped, and defects
 */
export async function purge(
  { surveyor, surveyed: { from, to }, ...known }: Part,
  repositoryPlan: RepositoryPlan,
  entry: RepositoryEntry,
  { settings, rules, ports, sensitive, several, wrote }: Purging,
): Promise<Purged> {
  const { client, capabilities, clock, random, narrator, record, progress } = ports
  const aged = several || clock.now() - to > FRESH + (to - from)
  const tools = {
    client,
    surveyor,
    capabilities,
    clock,
    random,
    journal: both(record, narrator, wrote),
    width: settings.concurrency,
    progress,
  }
  const work = new Work(repositoryPlan, known.survey, sensitive, tools)
  try {
    const execution = await execute(work, { ...known, rules, aged })
    if (execution.refused.length === 0) return { work, execution }
    entry.problems.push(...execution.refused)
    return { work }
  } catch (error) {
    if (work.wrote) entry.result = 'incomplete'
    if (!(error instanceof WireError || error instanceof ListError)) throw error
    entry.problems.push(error.message)
    return { work }
  } finally {
    record.withdraw(repositoryPlan.repository)
  }
}

/** The file and the log are told alike, the file first. */
function both(record: Record, narrator: Narrator, wrote: () => void): Journal {
  return {
    begin: (repository, step) => {
      narrator.begin(repository, step)
    },
    intend: (repository, intents) => record.intend(repository, intents),
    about: (repository, item) => {
      const failure = record.about(repository, item)
      if (failure !== undefined) narrator.note(failure)
      wrote()
      narrator.about()
    },
    withdraw: (repository) => record.withdraw(repository),
    done: (repository, done) => {
      record.done(repository, done)
      narrator.done(repository, done)
    },
    release: (repository, released) => {
      record.release(repository, released)
      narrator.release(repository, released)
    },
    note: (text) => narrator.note(text),
    end: (repository, step, summary) => {
      record.end(repository)
      narrator.end(repository, step, summary)
    },
  }
}
