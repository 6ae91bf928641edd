import { span } from '../plan/cleanup/age.js'
import { subjectKey } from '../oci/tag.js'
import type { ContentEntry, Report, RepositoryEntry, TagEntry } from './report.js'
import { appendForRunner, type RunnerFile } from './runner-file.js'
import { HEAD, STAYING } from './table.js'
import { bytes, code, count, prose, some } from './text.js'
import { verdict } from './verdict.js'

/** A summary above 1 MiB is dropped whole by GitHub. */
const LONGEST = 900 * 1024
/** Kept free for what follows the lists. */
const TAIL = 16 * 1024
/** Kept free for saying how much was left out. */
const NOTES = 16 * 1024
const HOLDERS = 10
const LONGEST_WORD = 500

/** Hands the summary to the runner. @throws RunnerFileError */
export function writeSummary(report: Report, path: string, file: RunnerFile): void {
  appendForRunner(file, renderSummary(report, path))
}

/**
 * @param report the whole report
 * @param path of its file
 * @returns Markdown of at most 900 KiB: the verdict first, cut with counts where there is too much
 */
export function renderSummary(report: Report, path: string): string {
  const text = new Bounded(LONGEST - TAIL - NOTES)
  const sign = {
    purged: '✅',
    planned: '📋',
    'nothing-to-do': '✅',
    refused: '⛔',
    incomplete: '❌',
    cancelled: '❌',
  }
  text.add(`## ${sign[report.result]} ${prose(verdict(report))}`, '')
  if (report.registry !== null) text.add(`Registry ${code(report.registry)}`, '')
  if (report.reason !== null) text.add(`Reason: ${word(report.reason)}`, '')
  list(text, 'What is in the way', [
    ...report.problems,
    ...report.repositories.flatMap(({ name, problems }) =>
      problems.map((each) =>
        report.repositories.length === 1 || each.includes(name) ? each : `${name}: ${each}`,
      ),
    ),
  ])
  if (report.inputs['repositories'] !== undefined) addSelection(text, report)
  for (const repository of report.repositories)
    if (repository.result !== 'nothing-to-do') addRepository(text, repository, report)
  list(text, 'Warnings', [...report.warnings, ...report.repositories.flatMap((each) => each.warnings)])
  return `${text.render()}${tail(report, path)}`
}

/** What a cleanup selects and what not, as one table: what goes first, of every repository. */
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
  const shown = [...rows(false), ...staying.slice(0, STAYING)]
  const [name, tag, ...rest] = HEAD
  if (shown.length > 0) table(text, [name, tag, 'digest', ...rest], shown)
  const more = staying.length - STAYING
  if (more > 0) text.add(`… and ${more} more that match and stay, which stand in the report.`, '')
}

/** Why a tag of a cleanup goes for which nothing else has to be said. */
function because(tag: string, outcome: TagEntry['outcome']): string {
  if (outcome === 'kept') return ''
  return subjectKey(tag) === undefined ? 'its image goes' : 'belongs to an image that goes'
}

function addRepository(text: Bounded, entry: RepositoryEntry, { inputs, repositories }: Report): void {
  const result = repositories.length > 1 ? `: ${entry.result}` : ''
  text.add(`### ${code(entry.name)}${result}`, '')
  if (entry.tags.length > 0 && inputs['repositories'] === undefined) {
    table(
      text,
      ['tag that leaked', 'digest', 'outcome'],
      entry.tags.map(({ tag, digest, outcome, reason }) => [
        code(tag),
        digest === null ? 'did not resolve' : code(digest),
        `${outcome}${reason === null ? '' : ` ${code(reason)}`}`,
      ]),
    )
  }
  const rows = [
    ...entry.manifests.map((each) => row('manifest', each)),
    ...entry.blobs.map((each) => row('blob', each)),
  ]
  if (rows.length > 0)
    table(text, ['kind', 'digest', 'size', 'outcome', 'verdict', 'rounds', 'first and last 404'], rows)
  if (entry.kept.length > 0) {
    text.add(
      `**${count(entry.kept.length, 'digest')} of the image STILL SERVED**, since remaining tags need them:`,
      '',
    )
    table(
      text,
      ['digest', 'held by'],
      entry.kept.map(({ digest, heldBy }) => [code(digest), code(some(heldBy, HOLDERS))]),
    )
  }
  if (entry.exposed.length > 0) {
    text.add(`**${count(entry.exposed.length, 'digest')} EXPOSED**: other repositories serve them:`, '')
    table(
      text,
      ['repository', 'digest', 'held by'],
      entry.exposed.map(({ repository, digest, heldBy }) => [
        code(repository),
        code(digest),
        heldBy.length === 0 ? '' : code(some(heldBy, HOLDERS)),
      ]),
    )
  }
  if (entry.remaining.length > 0) {
    const sound = entry.remaining.filter(({ verdict }) => verdict === 'intact').length
    text.add(`${sound} of ${count(entry.remaining.length, 'remaining tag')} verified to the last blob:`, '')
    table(
      text,
      ['remaining tag', 'digest', 'verdict'],
      entry.remaining.map(({ tag, digest, verdict }) => [
        code(tag),
        digest === null ? '' : code(digest),
        verdict,
      ]),
    )
  }
}

function row(
  kind: string,
  { digest, size, outcome, verdict, rounds, goneSince, goneUntil }: ContentEntry,
): string[] {
  const span = goneSince === null ? '' : `${goneSince} – ${goneUntil ?? ''}`
  return [kind, code(digest), bytes(size), outcome, verdict, String(rounds), span]
}

function list(text: Bounded, title: string, entries: readonly string[]): void {
  if (entries.length === 0) return
  text.add(`### ${title}`, '')
  text.addAll(entries.map((entry) => `- ${prose(entry)}`))
  text.add('')
}

function table(text: Bounded, head: readonly string[], rows: readonly (readonly string[])[]): void {
  text.add(`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`)
  text.addAll(rows.map((cells) => `| ${cells.join(' | ')} |`))
  text.add('')
}

function tail(report: Report, path: string): string {
  const { run } = report
  const url = /^https?:\/\/[\w.:-]+\/[\w./-]{0,500}$/.test(run.url) ? `[run](${run.url})` : word(run.url)
  return [
    '### Not checked',
    '',
    `${(report.requests['search'] ?? 0) === 0 ? 'Other repositories' : `Repositories other than those in ${code('search-repositories')}`} and registries; mirrors, CDNs and caches beyond this host; older pushes of the tag, which keep their own digests; untagged images that are deployed by digest, and pushes of an index whose children were up first; listed tags that do not resolve, which are taken for broken before; replicas that this runner does not reach (sticky balancers, proxies that keep their connections, a replica that sleeps); whoever has pulled the image already. Bytes stay on the disk of the registry until its garbage collection, which must not run before or during a purge (on 2.x it keeps each repository's link to a layer, and so serves what another repository holds for ever).`,
    '',
    `Fingerprint ${report.fingerprint === null ? 'none' : code(report.fingerprint)} · report ${word(path)}`,
    '',
    '### Next',
    '',
    ...steps(report).map((step, at) => `${at + 1}. ${step}`),
    '',
    `${word(run.workflow)} in ${word(run.repository)}, ${url}, attempt ${run.attempt}, by ${word(run.actor)} on ${word(run.event)}, commit ${word(run.commit)}, registry-purge ${word(run.actionVersion)}`,
    '',
  ].join('\n')
}

/** One word of the run, cut to what a line can bear. */
function word(text: string): string {
  return code(text.length > LONGEST_WORD ? `${text.slice(0, LONGEST_WORD)}…` : text)
}

function steps(report: Report): string[] {
  const rotate =
    'Rotate every credential that was in the image, if that has not been done: whoever pulled it has it.'
  const keep = 'Keep the report: with the digests in it a later run can go on or verify again.'
  const asOf = report.inputs['repositories'] === undefined ? undefined : report.inputs['as-of']
  if (report.result === 'nothing-to-do') return [keep]
  if (report.result === 'refused') return ['Remove what is in the way, and run again.', rotate]
  if (report.result === 'planned')
    return [
      `Read the plan, and run again with ${code('dry-run: false')} and ${code(`approve: ${report.fingerprint ?? ''}`)}${asOf === undefined ? '' : `, and with ${code(`as-of: ${asOf}`)}, so that age counts from the same moment`}.`,
      rotate,
    ]
  if (report.result !== 'purged' && asOf !== undefined)
    return [
      'Read above what became of each repository, and remove what is in the way. A cleanup that is run again selects by what is there then.',
      ...(report.repositories.every(({ result }) => result !== 'incomplete' && result !== 'cancelled')
        ? []
        : [
            'What is not proven gone may have no tag any more: purge it with the lines that the step Plan printed for that repository.',
          ]),
      rotate,
      keep,
    ]
  if (report.result !== 'purged')
    return [
      'Run again with the lines that the step Plan printed: what is gone already is proven again.',
      rotate,
      keep,
    ]
  if (report.inputs['scope'] === 'tag')
    return [
      'If what the label pointed at leaked: purge it by its digest, with `scope: image`. It is still served.',
      keep,
    ]
  return [
    rotate,
    "Run the registry's garbage collection, so that the bytes leave its disk, and restart its replicas afterwards.",
    'Purge caches and mirrors in front of the registry.',
    keep,
  ]
}

/** Lines up to a number of bytes; what does not fit is counted. */
class Bounded {
  readonly #lines: string[] = []
  readonly #most: number
  #size = 0
  #left = 0
  #notes = 0

  constructor(most: number) {
    this.#most = most
  }

  add(...lines: string[]): void {
    for (const line of lines) this.#take(line)
  }

  /** Rows of one list: says how many of them were left out, as long as there is room to say it. */
  addAll(lines: readonly string[]): void {
    const before = this.#left
    for (const line of lines) this.#take(line)
    const left = this.#left - before
    const note = `\n… and ${left} more, which stand in the report.`
    if (left === 0 || this.#notes + note.length > NOTES) return
    this.#notes += 2 * note.length
    this.#lines.push(note)
  }

  render(): string {
    const rest =
      this.#left === 0
        ? ''
        : `\n… ${this.#left} lines in all were left out here. The report has everything.\n`
    return `${this.#lines.join('\n')}\n${rest}`
  }

  #take(line: string): void {
    const size = Buffer.byteLength(line) + 1
    if (this.#size + size > this.#most) this.#left++
    else {
      this.#size += size
      this.#lines.push(line)
    }
  }
}
