import type { Verdict } from '../plan/standing.js'
import type { Report, RepositoryEntry, Result } from './report.js'
import { count, some } from './text.js'

const HOLDERS = 5

/**
 * The one sentence that stands first everywhere. It never says "purged" alone where something is still served.
 *
 * @returns a sentence without a full stop
 */
export function verdict(report: Report): string {
  const { problems } = report
  // Of what was refused nothing was touched, whatever became of the rest.
  const repositories = report.repositories.filter(({ result }) => result !== 'refused')
  const contents = distinct(repositories)
  const kept = [stillServed(repositories), exposure(repositories)].filter((text) => text !== '').join('; ')
  const labels = report.inputs['scope'] === 'tag'
  const tags = repositories.flatMap((each) => each.tags)
  const cleanup = report.inputs['repositories'] !== undefined
  if (report.result === 'nothing-to-do') return nothing(tags)
  if (report.result === 'planned') {
    const planned = cleanup ? tags.filter(({ outcome }) => outcome === 'planned') : tags
    const going = labels
      ? `${count(planned.length, 'label')}, and nothing else,`
      : `${cleanup ? `${tagsOf(planned).replace(/(?:is|are) STILL/, 'would stay')} and ` : ''}${count(contents.length, 'digest')}`
    return `Dry run: ${going} would go${kept === '' ? '' : `; ${kept.replace('STILL SERVED', 'would stay SERVED')}`}. Nothing was written`
  }
  if (report.result === 'refused') {
    const first =
      problems[0] ??
      report.repositories.flatMap((each) => each.problems)[0] ??
      'the run ended before the first write'
    return `Refused, nothing was written: ${headline(first)}`
  }
  const failed = cleanup ? failing(report) : ''
  if (labels) return `${ofLabels(report, tags, failed)}${kept === '' ? '' : `; ${kept}`}`
  const proven404 = contents.filter((each) => each.verdict === 'gone')
  const gone = proven404.length
  const removed = tags.filter(({ outcome }) => ['deleted', 'with-manifest', 'already-gone'].includes(outcome))
  const proven = `${cleanup ? `${tagsOf(removed)} removed, ` : ''}${ofDigests(proven404)}`
  const served = kept === '' ? '' : `; ${kept}`
  if (report.result === 'purged') return `${proven}${served}`
  const open = contents.length - gone
  const present = contents.filter((each) => each.verdict === 'present').length
  const rest = [
    ...(open > 0
      ? [
          `${open} of ${contents.length} digests NOT proven gone${present > 0 ? ` (${present} still answer)` : ''}`,
        ]
      : []),
    ...(gone > 0 || (cleanup && removed.length > 0) ? [proven] : []),
  ].join('; ')
  if (report.result === 'cancelled') return `Cancelled: ${rest === '' ? 'nothing was done' : rest}${served}`
  return `${failed === '' ? 'NOT PROVEN: ' : failed}${rest}${served}`
}

/** What was not there before its DELETE is not called gone: it may be a DiffID, or in another repository. */
function ofDigests(proven: readonly Content[]): string {
  const deleted = proven.filter(({ absent }) => !absent).length
  const absent = proven.length - deleted
  if (absent === 0) return `${count(deleted, 'digest')} gone`
  const rest = `${count(absent, 'digest')} ${absent === 1 ? 'was' : 'were'} not there to be deleted`
  return deleted === 0 ? `Nothing was deleted: ${rest}` : `${count(deleted, 'digest')} gone, ${rest}`
}

/** What became of the repositories of a cleanup that did not come to their goal: it leads the sentence. */
function failing({ result, repositories }: Report): string {
  const of = (which: Result): string[] =>
    repositories.filter((each) => each.result === which).map(({ name }) => name)
  const [refused, unproven] = [of('refused'), of('incomplete')]
  if (result !== 'incomplete' || repositories.length < 2) return ''
  const parts = [
    ...(unproven.length > 0 ? [`${unproven.length} NOT PROVEN (${some(unproven, HOLDERS)})`] : []),
    ...(refused.length > 0 ? [`${refused.length} refused (${some(refused, HOLDERS)})`] : []),
  ]
  return `Of ${repositories.length} repositories ${parts.join(', ')}: `
}

function nothing(tags: RepositoryEntry['tags']): string {
  const stay =
    tags.length === 0
      ? 'no tag matches'
      : `${count(tags.length, 'matching tag')} stay${tags.length === 1 ? 's' : ''}`
  return `Nothing to do: no tag is selected, and ${stay}. Nothing was written`
}

/** In a cleanup some tags may lose only their label, and then what they pointed at is no digest that goes. */
function tagsOf(tags: RepositoryEntry['tags']): string {
  const labels = tags.filter(({ reason }) => reason?.startsWith('only the label goes') === true).length
  const served =
    labels === 1
      ? 'as a label only: its image is STILL SERVED'
      : 'as labels only: their images are STILL SERVED'
  return `${count(tags.length, 'tag')}${labels === 0 ? '' : ` (${labels} of them ${served})`}`
}

/** With `scope: tag` no content goes, and the verdict must not sound as if it did. */
function ofLabels({ result, inputs }: Report, all: RepositoryEntry['tags'], failed: string): string {
  // What a cleanup's globs match and what stays was never to go.
  const tags = inputs['repositories'] === undefined ? all : all.filter(({ outcome }) => outcome !== 'kept')
  const removed = tags.filter(({ outcome }) => outcome === 'deleted')
  const before = tags.filter(({ outcome }) => outcome === 'already-gone').length
  const what = [
    `${removed.length} of ${count(tags.length, 'label')} removed${before > 0 ? `, ${before} gone before` : ''}`,
    ...(removed.length > 0 && result === 'purged'
      ? ['what they pointed at is STILL SERVED by digest, as asked']
      : []),
  ].join('; ')
  if (result === 'purged') return what
  return result === 'cancelled' ? `Cancelled: ${what}` : `${failed === '' ? 'NOT PROVEN: ' : failed}${what}`
}

function exposure(repositories: readonly RepositoryEntry[]): string {
  const found = repositories.flatMap((each) => each.exposed)
  if (found.length === 0) return ''
  const places = [...new Set(found.map(({ repository }) => repository))].sort()
  return `${count(new Set(found.map(({ digest }) => digest)).size, 'digest')} EXPOSED in ${some(places, HOLDERS)}`
}

/** The first line, without a sentence that only leads over to the next. */
function headline(text: string): string {
  const [line = ''] = text.split('\n')
  if (!line.endsWith(':')) return line
  return line.includes('. ') ? line.slice(0, line.lastIndexOf('. ')) : line.slice(0, -1)
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

function stillServed(repositories: readonly RepositoryEntry[]): string {
  const kept = repositories.flatMap((each) => each.kept)
  const digests = new Set(kept.map(({ digest }) => digest)).size
  if (digests === 0) return ''
  const holders = [...new Set(kept.flatMap(({ heldBy }) => heldBy))].sort()
  return `${count(digests, 'digest')} STILL SERVED, held by ${some(holders, HOLDERS)}`
}
