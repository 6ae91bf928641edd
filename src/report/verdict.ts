import type { Result } from '../plan/journal.js'
import type { Verdict } from '../plan/standing.js'
import { isLabelsOnly, type Report, type RepositoryEntry, type TagEntry } from './report.js'
import { count, plural, some } from './text.js'

/** Tags or repositories that the sentence names. */
const SHOWN = 5

/**
 * The one sentence that stands first everywhere. It never says "gone" alone if something is still served.
 *
 * @returns a sentence without a full stop
 */
export function verdict(report: Report): string {
  // Nothing was touched in a repository that was refused, whatever became of the others.
  const repositories = report.repositories.filter(({ result }) => result !== 'refused')
  const tags = repositories.flatMap((each) => each.tags)
  if (report.result === 'nothing-to-do') return nothing(tags)
  if (report.result === 'refused') return `Refused, nothing was written: ${headline(firstProblem(report))}`
  const labelsOnly = isLabelsOnly(report)
  if (report.result === 'planned') return planned(repositories, labelsOnly)
  const done = labelsOnly ? ofLabels(report.result, tags) : ofContent(report.result, repositories)
  return [`${leadOf(report)}${done}`, ...open(repositories, 'STILL SERVED')].join('; ')
}

/** What is, or would be, served after all, and which remaining tags are not known to be whole. */
function open(repositories: readonly RepositoryEntry[], served: string): string[] {
  return [...stillServed(repositories, served), ...exposed(repositories), ...unchecked(repositories)]
}

function unchecked(repositories: readonly RepositoryEntry[]): string[] {
  const tags = repositories
    .flatMap(({ remaining }) => remaining)
    .filter((each) => each.verdict === 'unchecked').length
  return tags === 0 ? [] : [`${count(tags, 'remaining tag')} NOT CHECKED`]
}

/** The lead-in of a run that is not a proof: in several repositories it names those that failed. */
function leadOf({ result, repositories }: Report): string {
  if (result === 'purged') return ''
  if (result === 'cancelled') return 'Cancelled: '
  const which = (wanted: Result, word: string): string[] => {
    const names = repositories.filter((each) => each.result === wanted).map(({ name }) => name)
    return names.length === 0 ? [] : [`${names.length} ${word} (${some(names, SHOWN)})`]
  }
  const parts = [...which('incomplete', 'NOT PROVEN'), ...which('refused', 'refused')]
  if (repositories.length < 2 || parts.length === 0) return 'NOT PROVEN: '
  return `Of ${repositories.length} repositories ${parts.join(', ')}: `
}

function planned(repositories: readonly RepositoryEntry[], labelsOnly: boolean): string {
  const tags = repositories.flatMap((each) => each.tags).filter(({ outcome }) => outcome === 'planned')
  const digests = count(distinct(repositories).length, 'digest')
  const deleted = labelsOnly
    ? `${count(tags.length, 'label')}, and nothing else,`
    : [...(tags.length > 0 ? [tagsIn(tags, 'would stay SERVED')] : []), digests].join(' and ')
  const planned = [`Dry run: ${deleted} would go`, ...open(repositories, 'would stay SERVED')].join('; ')
  return `${planned}. Nothing was written`
}

/** What became of tags, manifests and blobs. */
function ofContent(result: Result, repositories: readonly RepositoryEntry[]): string {
  const contents = distinct(repositories)
  const gone = contents.filter((each) => each.verdict === 'gone')
  const tags = ofTags(repositories.flatMap((each) => each.tags))
  const proven = [...tags, ofDigests(gone, tags.length > 0)].join(', ')
  if (result === 'purged') return proven
  const left = contents.length - gone.length
  const present = contents.filter((each) => each.verdict === 'present').length
  const served = present > 0 ? ` (${present} still served)` : ''
  const parts = [
    ...(left > 0 ? [`${left} of ${count(contents.length, 'digest')} NOT proven gone${served}`] : []),
    ...(gone.length > 0 ? [proven] : tags),
  ]
  return parts.length === 0 ? 'nothing was done' : parts.join('; ')
}

/** Tags that are removed, and those that were gone before this run deleted them. */
function ofTags(all: readonly TagEntry[]): string[] {
  const which = (...outcomes: TagEntry['outcome'][]): string[] => {
    const tags = all.filter(({ outcome }) => outcomes.includes(outcome))
    return tags.length === 0 ? [] : [tagsIn(tags, 'is STILL SERVED', 'are STILL SERVED')]
  }
  return [
    ...which('deleted', 'with-manifest').map((tags) => `${tags} removed`),
    ...which('already-gone').map((tags) => `${tags} gone before`),
  ]
}

/** Counts tags. The image of a label-only tag stays, and is no digest that is deleted. */
function tagsIn(tags: readonly TagEntry[], one: string, many = one): string {
  const labels = tags.filter(({ onlyLabel }) => onlyLabel).length
  const all = count(tags.length, 'tag')
  if (labels === 0) return all
  const images = plural(labels, `a label only: its image ${one}`, `labels only: their images ${many}`)
  return `${all} (${labels} of them as ${images})`
}

/**
 * A digest that did not exist before its DELETE is not called gone: it may be a DiffID, or in another repository.
 *
 * @param isMore whether something else was deleted
 */
function ofDigests(proven: readonly Content[], isMore: boolean): string {
  const deleted = proven.filter(({ absent }) => !absent).length
  const absent = proven.length - deleted
  if (absent === 0) return `${count(deleted, 'digest')} gone`
  const rest = `${count(absent, 'digest')} ${plural(absent, 'was', 'were')} not there to be deleted`
  if (deleted > 0) return `${count(deleted, 'digest')} gone, ${rest}`
  return isMore ? rest : `Nothing was deleted: ${rest}`
}

function nothing(tags: readonly TagEntry[]): string {
  const matching = `${count(tags.length, 'matching tag')} ${plural(tags.length, 'stays', 'stay')}`
  return `Nothing to do: no tag is selected, and ${tags.length === 0 ? 'no tag matches' : matching}. Nothing was written`
}

/** With `scope: tag` no content is deleted, and the verdict must not sound as if it was. */
function ofLabels(result: Result, all: readonly TagEntry[]): string {
  const tags = all.filter(({ outcome }) => outcome !== 'kept')
  const removed = tags.filter(({ outcome }) => outcome === 'deleted').length
  const before = tags.filter(({ outcome }) => outcome === 'already-gone').length
  const manifests = plural(removed, 'the manifest it pointed to is', 'the manifests they pointed to are')
  return [
    `${removed} of ${count(tags.length, 'label')} removed${before > 0 ? `, ${before} gone before` : ''}`,
    ...(removed > 0 && result === 'purged' ? [`${manifests} STILL SERVED by digest, as asked`] : []),
  ].join('; ')
}

function exposed(repositories: readonly RepositoryEntry[]): string[] {
  const found = repositories.flatMap((each) => each.exposed)
  if (found.length === 0) return []
  const places = [...new Set(found.map(({ repository }) => repository))].sort()
  const digests = new Set(found.map(({ digest }) => digest)).size
  return [`${count(digests, 'digest')} EXPOSED in ${some(places, SHOWN)}`]
}

function firstProblem({ problems, repositories }: Report): string {
  const [first] = [...problems, ...repositories.flatMap((each) => each.problems)]
  return first?.text ?? 'the run ended before the first write'
}

/** The first line, which says what happened. */
function headline(text: string): string {
  const [line = ''] = text.split('\n')
  return line.replace(/[.:]$/, '')
}

/** One digest, in whatever repositories. */
interface Content {
  readonly verdict: Verdict
  /** Each DELETE of it found nothing. */
  readonly absent: boolean
}

/** Each digest once, with the worst that is known of it in any repository. */
function distinct(repositories: readonly RepositoryEntry[]): Content[] {
  const all = new Map<string, Content>()
  for (const { manifests, blobs } of repositories)
    for (const { digest, verdict, outcome } of [...manifests, ...blobs]) {
      const known = all.get(digest)
      const absent = outcome === 'already-gone' && known?.absent !== false
      const worse = known === undefined || verdict === 'present' || known.verdict === 'gone'
      all.set(digest, { verdict: worse ? verdict : known.verdict, absent })
    }
  return [...all.values()]
}

function stillServed(repositories: readonly RepositoryEntry[], served: string): string[] {
  const kept = repositories.flatMap((each) => each.kept)
  const digests = new Set(kept.map(({ digest }) => digest)).size
  if (digests === 0) return []
  const holders = [...new Set(kept.flatMap(({ heldBy }) => heldBy))].sort()
  return [`${count(digests, 'digest')} ${served}, held by ${some(holders, SHOWN)}`]
}
