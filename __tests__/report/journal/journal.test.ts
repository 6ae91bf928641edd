import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Digest } from '../../../src/oci/digest.js'
import type { Repository } from '../../../src/oci/reference.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { Done, PlaceholderTrace, Intent } from '../../../src/plan/outcome.js'
import type { RepositoryPlan, Rules } from '../../../src/plan/plan.js'
import { ReportFile } from '../../../src/report/journal/file.js'
import { ReportJournal } from '../../../src/report/journal/journal.js'
import type { Report, RepositoryEntry } from '../../../src/report/report.js'
import { FakeClock } from '../../support/clock.js'
import { listen } from '../listen.js'
import { app, partOf, plannedContent, plannedTag, planOf, selectionOf, STAYS } from '../plans.js'
import { content, of, problem, reported, reportOf, repositoryOf, tagOf } from '../reports.js'
import { sayTrace } from '../../../src/report/words/detail.js'

let folder = ''
let clock = new FakeClock()
let heard = listen()
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'))
  clock = new FakeClock({ autoAdvance: false })
  heard = listen()
})
afterEach(() => rmSync(folder, { recursive: true }))

const other = 'acme/other' as Repository
const blob = (name: string): { kind: 'blob'; name: Digest } => ({ kind: 'blob', name: of(name) })
const root = { kind: 'manifest', name: of('root') } as const
const leak = { kind: 'tag', name: 'leak' as Tag } as const

const part = partOf({
  tags: [plannedTag('leak')],
  manifests: [plannedContent('root')],
  blobs: [plannedContent('a'), plannedContent('b')],
  kept: [{ ...plannedContent('k'), kind: 'blob', heldBy: ['latest' as Tag] }],
})

const same = (text: string): string => text
function make(name = 'report.json', report = reportOf({ result: 'refused' }), redact = same): ReportJournal {
  const file = new ReportFile(join(folder, name), 'stamp')
  return new ReportJournal(report, { file, clock, log: heard.log, redact })
}

/** A journal that was told of a plan, and whose file is there. */
function planned(name = 'report.json', parts: readonly RepositoryPlan[] = [part]): ReportJournal {
  const journal = make(name)
  journal.planned(planOf(parts), parts)
  journal.save()
  return journal
}

const read = (path: string): Report => JSON.parse(readFileSync(path, 'utf8')) as Report
const files = (): string[] => readdirSync(folder).sort()
const entryIn = (report: Report, at = 0): RepositoryEntry => report.repositories[at]!
const outcomesOf = (report: Report): string[] => entryIn(report).blobs.map(({ outcome }) => outcome)

describe('the report', () => {
  test('is a copy of what it began with, and hands out copies', () => {
    const begun = reportOf({ warnings: ['at the start'] })
    const journal = make('report.json', begun)
    journal.warn(problem('later'))
    expect(begun.warnings).toEqual(['at the start'])
    expect(journal.copy()).toEqual({ ...begun, warnings: ['at the start', 'later'] })
    expect(journal.copy()).not.toBe(journal.copy())
  })

  test('is its file, whole, as JSON', () => {
    const journal = planned()
    journal.save()
    expect(read(journal.path)).toEqual(JSON.parse(JSON.stringify(journal.copy())))
    expect(readFileSync(journal.path, 'utf8')).toBe(journal.render())
    expect(journal.render()).toMatch(/\}\n$/)
    expect(files()).toEqual(['report.json'])
  })

  test('holds what is planned, refused or idle, in the order of the run', () => {
    const journal = make()
    const selection = selectionOf([{ tag: 'stable' as Tag, digest: of('s'), because: STAYS }])
    journal.planned(planOf([part]), [
      { is: 'failed', repository: 'acme/a' as Repository, problem: problem('not listed') },
      part,
      { is: 'idle', repository: other, selection },
    ])
    const report = journal.copy()
    expect(report.fingerprint).toBe(of('the plan'))
    expect(report.repositories.map(({ name, result }) => [name, result])).toEqual([
      ['acme/a', 'refused'],
      ['acme/app', 'incomplete'],
      ['acme/other', 'nothing-to-do'],
    ])
    expect(entryIn(report).problems).toEqual([reported('not listed', 'image')])
    expect(entryIn(report, 1)).toEqual(
      repositoryOf({
        tags: [tagOf('leak', { outcome: 'planned', via: null })],
        manifests: [content('root', { mediaType: 'x/y' })],
        blobs: [content('a', { mediaType: 'x/y' }), content('b', { mediaType: 'x/y' })],
        kept: [{ digest: of('k'), heldBy: ['latest'] }],
      }),
    )
    expect(entryIn(report, 2).tags).toMatchObject([{ tag: 'stable', outcome: 'kept', onlyLabel: false }])
  })

  test('says of the whole plan what refuses it, and tells the log its warnings', () => {
    const journal = make()
    const whole = { refusals: [problem('another plan')], warnings: [problem('a pattern matches nothing')] }
    journal.planned(planOf([part], whole), [part])
    expect(journal.copy().problems).toEqual([reported('another plan', 'image')])
    expect(heard.lines).toContain('notice: a pattern matches nothing')
  })

  test('takes in problems and warnings of the run and of its repositories', () => {
    const journal = planned('report.json', [part, partOf({ repository: other })])
    journal.problem(problem('of all'))
    journal.problem(problem('of one'), other)
    journal.warn(problem('to all'))
    journal.warn(problem('to one'), other)
    const report = journal.copy()
    expect([report.problems, report.warnings]).toEqual([[reported('of all', 'image')], ['to all']])
    expect(report.repositories.map(({ problems, warnings }) => [problems, warnings])).toEqual([
      [[], []],
      [[reported('of one', 'image')], ['to one']],
    ])
  })

  test('counts requests by their purpose', () => {
    const journal = make()
    for (const purpose of ['survey', 'proof', 'survey']) journal.sent(purpose)
    expect(journal.copy().requests).toEqual({ survey: 2, proof: 1 })
  })

  test('has the run and its end', () => {
    const journal = make()
    const { run } = reportOf()
    journal.finish({ ...run, actor: 'eve' })
    expect(journal.copy()).toMatchObject({
      run: { ...run, actor: 'eve' },
      endedAt: '2026-06-01T00:00:00.000Z',
    })
  })

  test('has a job matrix of plans that can be carried out by themselves', () => {
    const journal = planned()
    const rules = { registry: 'https://registry.example.com', scope: 'image', protectedTags: [] }
    journal.separable([part], rules as unknown as Rules)
    expect(journal.copy().matrix?.include).toEqual([
      { repositories: app, fingerprint: expect.stringMatching(/^sha256:/) },
    ])
  })

  test('replaces what an earlier search found, with its warnings, and keeps the others', () => {
    const journal = planned()
    const found = (name: string) => [{ repository: other, digest: of(name), heldBy: ['v1' as Tag] }]
    journal.warn(problem('odd'), app)
    journal.exposed(app, found('a'), [problem('served by other'), problem('not searched in full')])
    journal.warn(problem('odd again'), app)
    expect(entryIn(journal.copy())).toMatchObject({
      exposed: found('a'),
      warnings: ['odd', 'odd again', 'served by other', 'not searched in full'],
    })
    journal.exposed(app, found('b'), [problem('still served')])
    expect(entryIn(journal.copy())).toMatchObject({
      exposed: found('b'),
      warnings: ['odd', 'odd again', 'still served'],
    })
    journal.exposed(app, [], [])
    expect(entryIn(journal.copy())).toMatchObject({ exposed: [], warnings: ['odd', 'odd again'] })
  })

  test('says how the run and its repositories ended', () => {
    const journal = planned('report.json', [part, partOf({ repository: other })])
    journal.ended('purged', app)
    journal.ended('incomplete')
    const report = journal.copy()
    expect(report.result).toBe('incomplete')
    expect(report.repositories.map(({ result }) => result)).toEqual(['purged', 'incomplete'])
  })

  test('of a cancelled run has no repository that was refused or found incomplete', () => {
    const results = ['purged', 'nothing-to-do', 'refused', 'incomplete'] as const
    const names = results.map((result) => `acme/${result}` as Repository)
    const journal = planned(
      'report.json',
      names.map((repository) => partOf({ repository })),
    )
    names.forEach((name, at) => journal.ended(results[at]!, name))
    journal.ended('cancelled', names[3])
    expect(journal.copy().repositories.map(({ result }) => result)).toEqual([
      ...results.slice(0, 3),
      'cancelled',
    ])
    journal.ended('cancelled')
    expect(journal.copy().result).toBe('cancelled')
    expect(journal.copy().repositories.map(({ result }) => result)).toEqual([
      'purged',
      'nothing-to-do',
      'cancelled',
      'cancelled',
    ])
  })
})

describe('what is done', () => {
  test('writes nothing of itself before the file is opened', async () => {
    const journal = make()
    journal.planned(planOf([part]), [part])
    journal.about(app, blob('a'))
    journal.done(app, { item: blob('a'), outcome: 'deleted', at: 0 })
    journal.end(app, 'Delete blobs', '1 deleted')
    await clock.advance(5_000)
    expect(files()).toEqual([])
  })

  test('is unknown as soon as it is about to be done, until it is known', () => {
    const journal = planned()
    journal.about(app, blob('a'))
    expect(outcomesOf(journal.copy())).toEqual(['unknown', 'planned'])
    journal.done(app, { item: blob('a'), outcome: 'deleted', at: Date.UTC(2026, 0, 1), ...said('202') })
    expect(entryIn(journal.copy()).blobs[0]).toMatchObject({
      outcome: 'deleted',
      deletedAt: '2026-01-01T00:00:00.000Z',
      detail: '202',
    })
    journal.about(app, blob('a'))
    expect(outcomesOf(journal.copy())).toEqual(['deleted', 'planned'])
  })

  test('is marked as a whole by one write, before the first of it is sent', () => {
    const journal = planned()
    journal.ended('refused', app)
    journal.save()
    const onDisk = () => {
      const report = read(journal.path)
      return [report.result, entryIn(report).result, ...outcomesOf(report)]
    }
    journal.intend(app, [{ item: blob('a') }, { item: blob('b') }])
    expect(onDisk()).toEqual(['refused', 'refused', 'planned', 'planned'])
    expect(journal.wrote).toBe(false)
    journal.about(app, blob('a'))
    expect(journal.wrote).toBe(true)
    expect(onDisk()).toEqual(['incomplete', 'incomplete', 'unknown', 'unknown'])
    const { ctimeNs } = statSync(journal.path, { bigint: true })
    journal.about(app, blob('b'))
    expect(statSync(journal.path, { bigint: true }).ctimeNs).toBe(ctimeNs)
  })

  test('leaves repositories refused for which nothing was sent', () => {
    const journal = planned('report.json', [part, partOf({ repository: other })])
    for (const repository of [app, other]) journal.ended('refused', repository)
    journal.save()
    journal.about(app)
    expect(read(journal.path).repositories.map(({ result }) => result)).toEqual(['incomplete', 'refused'])
  })

  test('is taken back if it was not sent when the step ends, and nothing else is', () => {
    const journal = planned()
    journal.intend(app, [{ item: blob('a') }, { item: blob('b') }, { item: root }])
    journal.about(app, blob('a'))
    journal.about(app, blob('b'))
    journal.done(app, { item: blob('b'), outcome: 'failed', at: 0 })
    journal.end(app, 'Delete blobs', '1 failed')
    const report = read(journal.path)
    expect(outcomesOf(report)).toEqual(['unknown', 'failed'])
    expect(entryIn(report).manifests.map(({ outcome }) => outcome)).toEqual(['planned'])
  })

  test('of one repository is not taken back with that of another', () => {
    const journal = planned('report.json', [part, { ...part, repository: other }])
    for (const repository of [app, other]) {
      journal.intend(repository, [{ item: blob('a') }])
      journal.about(repository)
    }
    journal.withdraw(other)
    const of = (at: number): string | undefined => entryIn(journal.copy(), at).blobs[0]?.outcome
    expect([of(0), of(1)]).toEqual(['unknown', 'planned'])
  })

  test('names the placeholder that a tag may be put on, until it is known what came of it', () => {
    const journal = planned()
    const trace = (name: string): PlaceholderTrace => ({ digest: of(name), parts: [], before: of('leak') })
    const on = (name: string): Intent[] => [{ item: leak, placeholder: trace(name) }]
    journal.done(app, { item: leak, outcome: 'failed', at: 0, ...said('500') })
    journal.intend(app, on('first'))
    journal.intend(app, on('second'))
    journal.about(app)
    const marked = { outcome: 'unknown', via: 'placeholder', reason: sayTrace(trace('second')) }
    expect(entryIn(read(journal.path)).tags).toMatchObject([marked])
    journal.about(app, leak)
    journal.done(app, { item: leak, outcome: 'deleted', via: 'placeholder', at: 0 })
    const gone = { outcome: 'deleted', via: 'placeholder', reason: '500' }
    expect(entryIn(journal.copy()).tags).toMatchObject([gone])
    // Another placeholder puts the tag back where it can be seen.
    journal.intend(app, on('third'))
    journal.about(app)
    expect(entryIn(read(journal.path)).tags).toMatchObject([{ ...marked, reason: sayTrace(trace('third')) }])
    journal.withdraw(app)
    expect(entryIn(journal.copy()).tags).toMatchObject([gone])
  })

  test('stays deleted when it is deleted again', () => {
    const journal = planned()
    journal.done(app, { item: blob('a'), outcome: 'deleted', at: 0 })
    journal.done(app, { item: blob('b'), outcome: 'already-gone', at: 0 })
    journal.intend(app, [{ item: blob('a') }, { item: blob('b') }])
    journal.about(app, blob('a'))
    expect(outcomesOf(journal.copy())).toEqual(['deleted', 'unknown'])
    journal.withdraw(app)
    expect(outcomesOf(journal.copy())).toEqual(['deleted', 'already-gone'])
  })

  test('keeps the time of the first delete', () => {
    const journal = planned()
    for (const at of [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)])
      journal.done(app, { item: blob('a'), outcome: 'deleted', at })
    journal.done(app, { item: blob('b'), outcome: 'already-gone', at: 0 })
    const { blobs } = entryIn(journal.copy())
    expect(blobs.map(({ deletedAt }) => deletedAt)).toEqual(['2026-01-01T00:00:00.000Z', null])
  })

  test('says of a tag by which way it went', () => {
    const journal = planned()
    const why = 'this registry cannot delete tags'
    journal.done(app, { item: leak, outcome: 'with-manifest', via: 'manifest', at: 0, ...said(why) })
    expect(entryIn(journal.copy()).tags).toEqual([
      tagOf('leak', { outcome: 'with-manifest', via: 'manifest', reason: why }),
    ])
  })

  test('is passed over if the report does not know it', () => {
    const journal = planned()
    journal.about(app)
    const before = JSON.stringify(journal.copy())
    journal.about(app, blob('other'))
    journal.intend(other, [{ item: blob('a') }])
    journal.about(other, blob('a'))
    journal.done(other, { item: blob('a'), outcome: 'deleted', at: 0 })
    journal.exposed(other, [], [])
    journal.ended('purged', other)
    expect(JSON.stringify(journal.copy())).toBe(before)
  })

  test('moves what is released from what is kept to what goes, and follows it from then on', () => {
    const journal = planned()
    journal.about(app, blob('a'))
    journal.release(app, {
      tags: [{ tag: 'sig' as Tag, digest: of('s'), root: of('s'), belongsTo: of('k') }],
      manifests: [plannedContent('m')],
      blobs: [plannedContent('k', { size: 7 })],
    })
    const sig = { kind: 'tag', name: 'sig' as Tag } as const
    journal.done(app, { item: sig, outcome: 'with-manifest', via: 'manifest', at: 0 })
    journal.done(app, { item: blob('k'), outcome: 'deleted', at: 0 })
    const entry = entryIn(journal.copy())
    expect(entry.kept).toEqual([])
    expect(entry.tags.at(-1)).toMatchObject({ tag: 'sig', outcome: 'with-manifest', via: 'manifest' })
    expect(entry.manifests.at(-1)).toMatchObject({ digest: of('m'), outcome: 'planned' })
    expect(entry.blobs.at(-1)).toMatchObject({
      digest: of('k'),
      mediaType: 'x/y',
      size: 7,
      outcome: 'deleted',
    })
  })

  test('adds what is left to what is kept', () => {
    const journal = planned()
    journal.left(app, of('a'), ['new' as Tag])
    expect(entryIn(journal.copy()).kept.at(-1)).toEqual({ digest: of('a'), heldBy: ['new'] })
  })
})

describe('what is proven', () => {
  test('stands with each item after a round', () => {
    const journal = planned()
    const at = Date.UTC(2026, 0, 1)
    journal.round(app, [
      { item: blob('a'), verdict: 'gone', rounds: 2, goneSince: at, goneUntil: at + 1000 },
      { item: blob('b'), verdict: 'present', rounds: 0 },
      { item: leak, verdict: 'gone', rounds: 2 },
      { item: blob('other'), verdict: 'gone', rounds: 2 },
    ])
    const { blobs, tags } = entryIn(journal.copy())
    expect(blobs).toMatchObject([
      {
        verdict: 'gone',
        rounds: 2,
        goneSince: '2026-01-01T00:00:00.000Z',
        goneUntil: '2026-01-01T00:00:01.000Z',
      },
      { verdict: 'present', rounds: 0, goneSince: null, goneUntil: null },
    ])
    expect(tags).toEqual([tagOf('leak', { outcome: 'planned', via: null })])
  })

  test('stands with each tag that was to stay', () => {
    const journal = planned()
    const latest = { tag: 'latest' as Tag, digest: of('latest'), protected: false }
    journal.remaining(app, [{ ...latest, verdict: 'broken' }])
    journal.remaining(app, [{ ...latest, verdict: 'intact' }])
    expect(entryIn(journal.copy()).remaining).toEqual([
      { tag: 'latest', digest: of('latest'), verdict: 'intact', detail: null },
    ])
  })
})

describe('the file', () => {
  const breakFolder = (): void => {
    renameSync(join(folder, 'place'), join(folder, 'away'))
    writeFileSync(join(folder, 'place'), 'no folder any more')
  }
  const mendFolder = (): void => {
    unlinkSync(join(folder, 'place'))
    renameSync(join(folder, 'away'), join(folder, 'place'))
  }
  const failure = expect.objectContaining({ code: 'ENOTDIR', name: 'JournalError' })
  const told = (): string[] => heard.lines.filter((line) => line.includes('report-file'))

  test('is written at each step, and at most once a second within one', async () => {
    const journal = planned()
    const onDisk = (): string[] => outcomesOf(read(journal.path))
    journal.begin(app, 'Delete blobs')
    journal.done(app, { item: blob('a'), outcome: 'deleted', at: 0 })
    expect(onDisk()).toEqual(['planned', 'planned'])
    await clock.advance(1000)
    expect(onDisk()).toEqual(['deleted', 'planned'])
    journal.done(app, { item: blob('b'), outcome: 'failed', at: 0 })
    expect(onDisk()).toEqual(['deleted', 'planned'])
    journal.end(app, 'Delete blobs', '1 deleted, 1 failed')
    expect(onDisk()).toEqual(['deleted', 'failed'])
    expect(clock.sleeping()).toBe(0)
  })

  test('is written after a round, at most once a second', async () => {
    const journal = planned()
    journal.round(app, [{ item: blob('a'), verdict: 'gone', rounds: 1 }])
    journal.round(app, [{ item: blob('a'), verdict: 'gone', rounds: 2 }])
    expect(entryIn(read(journal.path)).blobs[0]?.rounds).toBe(0)
    await clock.advance(1000)
    expect(entryIn(read(journal.path)).blobs[0]?.rounds).toBe(2)
  })

  test('that cannot be written is an error each time that it is saved', () => {
    writeFileSync(join(folder, 'place'), 'no folder')
    const journal = make('place/report.json')
    expect(() => journal.save()).toThrow(failure)
    journal.planned(planOf([part]), [part])
    expect(() => journal.save()).toThrow(failure)
    expect(journal.wrote).toBe(false)
  })

  test('that cannot be written forbids the first request, and every one after it', () => {
    const journal = planned('place/report.json')
    journal.save()
    const before = JSON.stringify(journal.copy())
    breakFolder()
    journal.intend(app, [{ item: blob('a') }, { item: blob('b') }])
    expect(() => journal.about(app, blob('a'))).toThrow(failure)
    expect(JSON.stringify(journal.copy())).toBe(before)
    mendFolder()
    expect(() => journal.about(app, blob('b'))).toThrow(failure)
    expect(JSON.stringify(journal.copy())).toBe(before)
    expect([journal.wrote, told()]).toEqual([false, []])
  })

  test('that cannot be written is told once if something was sent before, and the run goes on', () => {
    const journal = planned('place/report.json')
    journal.about(app, blob('a'))
    expect(told()).toEqual([])
    breakFolder()
    journal.intend(app, [{ item: blob('b') }])
    journal.about(app, blob('b'))
    const once = [expect.stringMatching(/^info: report-file: the report could not be written .*ENOTDIR/)]
    expect(told()).toEqual(once)
    journal.intend(app, [{ item: root }])
    journal.about(app)
    expect(told()).toEqual(once)
    expect(outcomesOf(journal.copy())).toEqual(['unknown', 'unknown'])
    expect(journal.wrote).toBe(true)
  })

  test('that cannot be written stops no purge, but is an error at the last write', async () => {
    const journal = planned('place/report.json')
    journal.about(app, blob('a'))
    breakFolder()
    journal.begin(app, 'Delete blobs')
    journal.done(app, { item: blob('a'), outcome: 'deleted', at: 0 })
    await clock.advance(2000)
    journal.end(app, 'Delete blobs', '1 deleted')
    expect(() => journal.save()).toThrow(failure)
    expect(readFileSync(join(folder, 'place'), 'utf8')).toBe('no folder any more')
  })

  test('has no credentials in any free text, and the value keeps them', () => {
    const secret = 'it said hunter22'
    const begun = reportOf({
      reason: secret,
      inputs: { tags: secret },
      problems: [reported(secret, secret)],
      warnings: [secret],
      repositories: [
        repositoryOf({
          problems: [reported(secret)],
          warnings: [secret],
          tags: [tagOf('leak', { reason: secret })],
          manifests: [content('root', { detail: secret, mediaType: secret })],
          blobs: [content('a', { detail: secret })],
          remaining: [{ tag: 'latest', digest: null, verdict: 'broken', detail: secret }],
        }),
      ],
    })
    let redacts = true
    const journal = make('report.json', begun, (text) =>
      redacts ? text.replaceAll('hunter22', '***') : text,
    )
    journal.save()
    const text = readFileSync(journal.path, 'utf8')
    expect(text).not.toContain('hunter22')
    expect(text.match(/it said \*\*\*/g)).toHaveLength(12)
    expect(JSON.stringify(journal.copy())).not.toContain('hunter22')
    expect(JSON.stringify(begun)).not.toContain('***')
    redacts = false
    expect(journal.copy()).toEqual(begun)
  })

  test('shows everything that acts on a terminal, or hides, and has the same values', () => {
    const odd = 'a\u001b[2J\u202e\u2028\u{e0041}b'
    const journal = make('report.json', reportOf({ warnings: [odd] }))
    journal.save()
    const text = readFileSync(journal.path, 'utf8')
    expect(text).toContain('a\\u001b[2J\\u202e\\u2028\\udb40\\udc41b')
    expect(read(journal.path).warnings).toEqual([odd])
  })
})

describe('the log of a journal', () => {
  test('has steps, notes and what is done, a group each', () => {
    const journal = planned()
    heard.lines.length = 0
    journal.begin(app, 'Delete blobs')
    journal.note('a note')
    journal.done(app, { item: blob('a'), outcome: 'deleted', at: 0 })
    journal.progress('1 of 2')
    journal.end(app, 'Delete blobs', '1 deleted')
    journal.begin(app, 'Verify')
    journal.close()
    expect(heard.lines).toEqual([
      'begin: Delete blobs',
      'info: a note',
      `info: blob ${of('a')}: deleted`,
      'end: ',
      'info: Delete blobs: 1 of 2',
      'info: Delete blobs: 1 deleted',
      'begin: Verify',
      'end: ',
      'info: Verify: not finished, for the reason below',
    ])
  })

  test('of work in parallel is told in the order in which it began, and names its repository', () => {
    const journal = make()
    journal.expect(2)
    const [first, second] = [journal.beside(), journal.beside()]
    second.steps.begin(other, 'Resolve')
    first.steps.begin(app, 'Resolve')
    second.steps.end(other, 'Resolve', 'two')
    second.done()
    expect(heard.lines).toEqual([])
    first.steps.end(app, 'Resolve', 'one')
    first.done()
    expect(heard.lines.filter((line) => line.startsWith('info'))).toEqual([
      'info: Resolve (acme/app): one',
      'info: Resolve (acme/other): two',
    ])
  })

  test('of a single repository is told at once', () => {
    const journal = make()
    journal.expect(1)
    const { steps, done } = journal.beside()
    steps.begin(app, 'Resolve')
    expect(heard.lines).toEqual(['begin: Resolve'])
    done()
  })
})

/** What the registry said to a request. */
function said(text: string): Pick<Done, 'detail'> {
  return { detail: { is: 'answered', answered: text } }
}
