import { subjectKey } from '../../oci/tag.js'
import type { Report, ReportedProblem, RepositoryEntry, TagEntry } from '../report.js'
import { HEAD, MOST_STAYING } from '../log/table.js'
import { bytes, code, prose, span } from '../text.js'
import { verdict } from '../verdict.js'
import { Bounded } from './bounded.js'
import { list, table, word } from './markdown.js'
import { nextSteps } from './next.js'
import { addRepository, hasSelection } from './repository.js'

/** Bytes. GitHub drops a summary above 1 MiB as a whole. */
const LONGEST = 900 * 1024
/** Bytes kept free for what follows the lists. */
const TAIL = 16 * 1024

const SIGNS: Readonly<Record<Report['result'], string>> = {
  purged: '✅',
  planned: '📋',
  'nothing-to-do': '✅',
  refused: '⛔',
  incomplete: '❌',
  cancelled: '❌',
}

/**
 * @param report the whole report
 * @param path of its file
 * @returns Markdown of at most 900 KiB: the verdict first, cut with counts if there is too much
 */
export function renderSummary(report: Report, path: string): string {
  const text = new Bounded(LONGEST - TAIL)
  text.add(`## ${SIGNS[report.result]} ${prose(verdict(report))}`, '')
  if (report.registry !== null) text.add(`Registry ${code(report.registry)}`, '')
  if (report.reason !== null) text.add(`Reason: ${word(report.reason)}`, '')
  list(text, 'What is in the way', problemsIn(report))
  if (report.repositories.some(hasSelection)) addSelection(text, report)
  for (const repository of report.repositories)
    if (repository.result !== 'nothing-to-do') addRepository(text, repository, report.repositories.length > 1)
  list(text, 'Warnings', [...report.warnings, ...report.repositories.flatMap((each) => each.warnings)])
  return `${text.render()}${tail(report, path)}`
}

/** Every problem, with its repository if there are several and it does not name it. */
function problemsIn({ problems, repositories }: Report): string[] {
  const named = (entry: RepositoryEntry) => (problem: ReportedProblem) =>
    repositories.length === 1 || isAbout(problem, entry) ? problem.text : `${entry.name}: ${problem.text}`
  return [
    ...problems.map(({ text }) => text),
    ...repositories.flatMap((entry) => entry.problems.map(named(entry))),
  ]
}

/** Whether a problem names its repository, or something in it. */
function isAbout({ items }: ReportedProblem, { name }: RepositoryEntry): boolean {
  return items.some((item) => item === name || item.startsWith(`${name}:`) || item.startsWith(`${name}@`))
}

/** The tags that were considered, as one table: deleted ones first, of every repository. */
function addSelection(text: Bounded, { repositories, inputs }: Report): void {
  const asOf = Date.parse(inputs['as-of'] ?? '')
  const row = (name: string, { tag, digest, created, size, outcome, reason }: TagEntry): string[] => [
    code(name),
    code(tag),
    digest === null ? '–' : code(digest),
    created === undefined || created === null ? '–' : span(asOf - Date.parse(created)),
    size === undefined || size === null ? '–' : bytes(size),
    outcome === 'kept' ? 'stays' : outcome,
    reason === null ? because(tag, outcome) : word(reason),
  ]
  const rows = (stays: boolean): string[][] =>
    repositories.flatMap(({ name, tags }) =>
      tags.filter(({ outcome }) => (outcome === 'kept') === stays).map((each) => row(name, each)),
    )
  const staying = rows(true)
  const shown = [...rows(false), ...staying.slice(0, MOST_STAYING)]
  const [name, tag, ...rest] = HEAD
  if (shown.length > 0) table(text, [name, tag, 'digest', ...rest], shown)
  const more = staying.length - MOST_STAYING
  if (more > 0) text.add(`… and ${more} more that match and stay: see the report.`, '')
}

/** Why a selected tag goes, if its entry gives no reason. */
function because(tag: string, outcome: TagEntry['outcome']): string {
  if (outcome === 'kept') return ''
  return subjectKey(tag) === undefined ? 'its image goes' : 'belongs to an image that goes'
}

function tail(report: Report, path: string): string {
  const { run } = report
  const isSearched = (report.requests['search'] ?? 0) > 0
  const others = isSearched
    ? `Repositories other than those in ${code('search-repositories')}`
    : 'Other repositories'
  const url = /^https?:\/\/[\w.:-]+\/[\w./-]{0,500}$/.test(run.url) ? `[run](${run.url})` : word(run.url)
  return [
    '### Not checked',
    '',
    `${others} and registries; mirrors, CDNs and caches beyond this host; older pushes of the tag, which keep their own digests; untagged images that are deployed by digest, and pushes of an index whose children were up first; listed tags that do not resolve, which count as broken before; replicas that this runner does not reach (sticky balancers, proxies that keep their connections, a replica that sleeps); whoever has pulled the image already. Bytes stay on the disk of the registry until its garbage collection, which must not run before or during a purge (on 2.x it keeps each repository's link to a layer, and so keeps serving what another repository holds).`,
    '',
    `Fingerprint ${report.fingerprint === null ? 'none' : code(report.fingerprint)} · report ${word(path)}`,
    '',
    '### Next',
    '',
    ...nextSteps(report).map((step, at) => `${at + 1}. ${step}`),
    '',
    `${word(run.workflow)} in ${word(run.repository)}, ${url}, attempt ${run.attempt}, by ${word(run.actor)} on ${word(run.event)}, commit ${word(run.commit)}, registry-purge ${word(run.actionVersion)}`,
    '',
  ].join('\n')
}
