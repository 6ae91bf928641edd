import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Digest } from '../../src/oci/digest.js'
import type { Repository } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import { Record } from '../../src/report/record.js'
import type { Report } from '../../src/report/report.js'
import { FakeClock } from '../support/clock.js'
import { content, of, reportOf, repositoryOf } from './reports.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'record-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const app = 'acme/app' as Repository
const blob = (name: string): { kind: 'blob'; name: Digest } => ({ kind: 'blob', name: of(name) })

function make(path: string, report = reportOf(), redact = (text: string): string => text): Record {
  return new Record(report, path, new FakeClock({ autoAdvance: false }), redact)
}

const read = (path: string): Report => JSON.parse(readFileSync(path, 'utf8')) as Report
const files = (): string[] => readdirSync(folder).sort()

/** The name to which a file gives way that stood in the place of report.json. */
const BESIDE = 'report-2026-01-02T03-04-05.678Z.json'

describe('the file of a report', () => {
  test('is the whole report as JSON, and nothing else stays beside it', () => {
    const report = reportOf({ repositories: [repositoryOf({ blobs: [content('a')] })] })
    const record = make(join(folder, 'report.json'), report)
    record.write()
    expect(read(record.path)).toEqual(JSON.parse(JSON.stringify(report)))
    expect(readFileSync(record.path, 'utf8')).toMatch(/\}\n$/)
    expect(files()).toEqual(['report.json'])
  })

  test('is in folders that are made for it', () => {
    const record = make(join(folder, 'a/b/report.json'))
    record.write()
    expect(existsSync(join(folder, 'a/b/report.json'))).toBe(true)
  })

  test('is a new file each time, put in place whole: who reads meanwhile reads the old one to its end', () => {
    const report = reportOf({ problems: ['first'] })
    const record = make(join(folder, 'report.json'), report)
    record.write()
    const inode = statSync(record.path).ino
    report.problems[0] = 'second'
    record.write()
    expect(statSync(record.path).ino).not.toBe(inode)
    expect(read(record.path).problems).toEqual(['second'])
    expect(files()).toEqual(['report.json'])
  })

  test('takes the place of another one only after renaming that, by the time of the run', () => {
    writeFileSync(join(folder, 'report.json'), 'somebody else’s')
    const record = make(join(folder, 'report.json'))
    record.write()
    record.write()
    expect(files()).toEqual([BESIDE, 'report.json'].sort())
    expect(readFileSync(join(folder, BESIDE), 'utf8')).toBe('somebody else’s')
  })

  test('renames to a name that is not taken either', () => {
    const second = BESIDE.replace('.json', '-2.json')
    writeFileSync(join(folder, 'report.json'), 'two')
    writeFileSync(join(folder, BESIDE), 'one')
    make(join(folder, 'report.json')).write()
    expect(files()).toEqual([second, BESIDE, 'report.json'].sort())
    expect([BESIDE, second].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['one', 'two'])
  })

  test('may have a name without an ending, or with a dot in front', () => {
    for (const name of ['report', '.report']) {
      writeFileSync(join(folder, name), name)
      make(join(folder, name)).write()
      expect(read(join(folder, name)).schema).toBe(1)
    }
    expect(files()).toHaveLength(4)
  })

  test('takes the place of a link, and never of what that leads to', () => {
    writeFileSync(join(folder, 'target'), 'precious')
    symlinkSync(join(folder, 'target'), join(folder, 'report.json'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'other.json'))
    make(join(folder, 'report.json')).write()
    make(join(folder, 'other.json')).write()
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('precious')
    expect(existsSync(join(folder, 'nowhere'))).toBe(false)
    for (const name of ['report.json', 'other.json'])
      expect(lstatSync(join(folder, name)).isSymbolicLink()).toBe(false)
  })

  test('does not take the place of a folder, and leaves no draft behind', () => {
    mkdirSync(join(folder, 'report.json'))
    expect(() => make(join(folder, 'report.json')).write()).toThrow()
    expect(files()).toEqual(['report.json'])
    expect(lstatSync(join(folder, 'report.json')).isDirectory()).toBe(true)
  })

  test('cannot be where a file is on the way, and says so', () => {
    writeFileSync(join(folder, 'a'), '')
    expect(() => make(join(folder, 'a/report.json')).write()).toThrow(
      expect.objectContaining({ code: 'ENOTDIR', syscall: expect.any(String) }),
    )
  })
})

describe('two runs with one path', () => {
  test('never overwrite each other’s file', () => {
    const path = join(folder, 'report.json')
    const one = reportOf({ startedAt: '2026-01-01T00:00:00.000Z', problems: ['one'] })
    const two = reportOf({ startedAt: '2026-02-02T00:00:00.000Z', problems: ['two'] })
    const first = make(path, one)
    const second = make(path, two)
    first.write()
    second.write()
    one.problems.push('at the end')
    two.problems.push('at the end')
    first.write()
    second.write()
    first.write()
    expect(read(path).problems).toEqual(['two', 'at the end'])
    expect(second.path).toBe(path)
    expect(first.path).not.toBe(path)
    expect(read(first.path).problems).toEqual(['one', 'at the end'])
    for (const name of files()) expect(read(join(folder, name)).problems[0]).toMatch(/^(one|two)$/)
  })

  test('never overwrite what somebody put there in the meantime', () => {
    const record = make(join(folder, 'report.json'))
    record.write()
    renameSync(record.path, join(folder, 'moved.json'))
    writeFileSync(join(folder, 'report.json'), 'new')
    record.write()
    expect(readFileSync(join(folder, 'report.json'), 'utf8')).toBe('new')
    expect(read(record.path).schema).toBe(1)
  })

  test('write again where the file was taken away', () => {
    const record = make(join(folder, 'report.json'))
    record.write()
    unlinkSync(record.path)
    record.write()
    expect(read(record.path).schema).toBe(1)
  })
})

describe('a record', () => {
  const report = (): Report =>
    reportOf({
      repositories: [
        repositoryOf({
          tags: [{ tag: 'leak', digest: of('root'), outcome: 'planned', via: null, reason: null }],
          manifests: [content('root')],
          blobs: [content('a'), content('b')],
          kept: [{ digest: of('k'), heldBy: ['latest'] }],
        }),
      ],
    })

  test('writes nothing of itself before it was told to write', async () => {
    const record = make(join(folder, 'report.json'), report())
    record.begin()
    record.about(app, blob('a'))
    record.done(app, { item: blob('a'), outcome: 'deleted', at: 0 })
    record.end(app)
    expect(files()).toEqual([])
  })

  test('says of what is about to be done that its outcome is unknown, until that is known', () => {
    const record = make(join(folder, 'report.json'), report())
    const [entry] = record.report.repositories
    record.about(app, blob('a'))
    expect(entry?.blobs.map(({ outcome }) => outcome)).toEqual(['unknown', 'planned'])
    record.done(app, { item: blob('a'), outcome: 'deleted', at: Date.UTC(2026, 0, 1), detail: '202' })
    expect(entry?.blobs[0]).toMatchObject({
      outcome: 'deleted',
      deletedAt: '2026-01-01T00:00:00.000Z',
      detail: '202',
    })
    record.about(app, blob('a'))
    expect(entry?.blobs[0]?.outcome).toBe('deleted')
  })

  test('marks all that a step may send by one write, before the first of it is sent', () => {
    const record = make(join(folder, 'report.json'), report())
    record.report.result = 'refused'
    for (const each of record.report.repositories) each.result = 'refused'
    record.write()
    const onDisk = () => {
      const { result, repositories } = read(record.path)
      const [entry] = repositories
      return [result, entry?.result, ...(entry?.blobs ?? []).map(({ outcome }) => outcome)]
    }
    record.begin()
    record.intend(app, [{ item: blob('a') }, { item: blob('b') }])
    expect(onDisk()).toEqual(['refused', 'refused', 'planned', 'planned'])
    record.about(app, blob('a'))
    expect(onDisk()).toEqual(['incomplete', 'incomplete', 'unknown', 'unknown'])
    const { ctimeNs } = statSync(record.path, { bigint: true })
    record.about(app, blob('b'))
    expect(statSync(record.path, { bigint: true }).ctimeNs).toBe(ctimeNs)
  })

  test('takes back what was not sent when the step ends, and nothing else', () => {
    const record = make(join(folder, 'report.json'), report())
    record.write()
    record.intend(app, [
      { item: blob('a') },
      { item: blob('b') },
      { item: { kind: 'manifest', name: of('root') } },
    ])
    record.about(app, blob('a'))
    record.about(app, blob('b'))
    record.done(app, { item: blob('b'), outcome: 'failed', at: 0 })
    record.end(app)
    const [entry] = read(record.path).repositories
    expect(entry?.blobs.map(({ outcome }) => outcome)).toEqual(['unknown', 'failed'])
    expect(entry?.manifests.map(({ outcome }) => outcome)).toEqual(['planned'])
  })

  test('names the placeholder that a tag may be put on, until it is known what came of it', () => {
    const record = make(join(folder, 'report.json'), report())
    record.write()
    const [entry] = record.report.repositories
    const tag = { kind: 'tag', name: 'leak' as Tag } as const
    if (entry?.tags[0] !== undefined) entry.tags[0].reason = 'only the label goes: because'
    record.intend(app, [{ item: tag, placeholder: 'on the first' }])
    record.intend(app, [{ item: tag, placeholder: 'on the second' }])
    record.about(app)
    const marked = { outcome: 'unknown', via: 'placeholder', reason: 'on the second' }
    expect(read(record.path).repositories[0]?.tags).toMatchObject([marked])
    record.about(app, tag)
    record.done(app, { item: tag, outcome: 'deleted', via: 'placeholder', at: 0 })
    expect(entry?.tags).toMatchObject([{ outcome: 'deleted', reason: 'only the label goes: because' }])
    // Another placeholder puts the tag back where it can be seen.
    record.intend(app, [{ item: tag, placeholder: 'on the third' }])
    record.about(app)
    expect(read(record.path).repositories[0]?.tags).toMatchObject([{ ...marked, reason: 'on the third' }])
    record.withdraw(app)
    expect(entry?.tags).toMatchObject([{ outcome: 'deleted', reason: 'only the label goes: because' }])
  })

  test('goes on to say of what was deleted that it was, when it is deleted again', () => {
    const record = make(join(folder, 'report.json'), report())
    record.done(app, { item: blob('a'), outcome: 'deleted', at: 0 })
    record.done(app, { item: blob('b'), outcome: 'already-gone', at: 0 })
    record.intend(app, [{ item: blob('a') }, { item: blob('b') }])
    record.about(app, blob('a'))
    const outcomes = () => record.report.repositories[0]?.blobs.map(({ outcome }) => outcome)
    expect(outcomes()).toEqual(['deleted', 'unknown'])
    record.withdraw(app)
    expect(outcomes()).toEqual(['deleted', 'already-gone'])
  })

  const breakFolder = (): void => {
    renameSync(join(folder, 'place'), join(folder, 'away'))
    writeFileSync(join(folder, 'place'), 'no folder any more')
  }

  test('forbids the first request if the file cannot be written, and every one after it', () => {
    const record = make(join(folder, 'place/report.json'), report())
    record.write()
    const before = JSON.stringify(record.report)
    breakFolder()
    record.intend(app, [{ item: blob('a') }, { item: blob('b') }])
    const forbidden = expect.objectContaining({ code: 'ENOTDIR', syscall: expect.any(String) })
    expect(() => record.about(app, blob('a'))).toThrow(forbidden)
    expect(JSON.stringify(record.report)).toBe(before)
    unlinkSync(join(folder, 'place'))
    renameSync(join(folder, 'away'), join(folder, 'place'))
    expect(() => record.about(app, blob('b'))).toThrow(forbidden)
    expect(JSON.stringify(record.report)).toBe(before)
  })

  test('tells once that the file cannot be written when something was sent before, and goes on', () => {
    const record = make(join(folder, 'place/report.json'), report())
    record.write()
    expect(record.about(app, blob('a'))).toBeUndefined()
    breakFolder()
    record.intend(app, [{ item: blob('b') }])
    expect(record.about(app, blob('b'))).toMatch(/^report-file: the report could not be written .*ENOTDIR/)
    record.intend(app, [{ item: { kind: 'manifest', name: of('root') } }])
    expect(record.about(app)).toBeUndefined()
    const [entry] = record.report.repositories
    expect(entry?.blobs.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown'])
  })

  test('keeps the time of the first delete', () => {
    const record = make(join(folder, 'report.json'), report())
    for (const at of [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)])
      record.done(app, { item: blob('a'), outcome: 'deleted', at })
    record.done(app, { item: blob('b'), outcome: 'already-gone', at: 0 })
    const blobs = record.report.repositories[0]?.blobs
    expect(blobs?.map(({ deletedAt }) => deletedAt)).toEqual(['2026-01-01T00:00:00.000Z', null])
  })

  test('says of a tag by which way it went', () => {
    const record = make(join(folder, 'report.json'), report())
    record.done(app, {
      item: { kind: 'tag', name: 'leak' as Tag },
      outcome: 'with-manifest',
      via: 'manifest',
      detail: 'this registry cannot delete tags',
      at: 0,
    })
    expect(record.report.repositories[0]?.tags).toEqual([
      {
        tag: 'leak',
        digest: of('root'),
        outcome: 'with-manifest',
        via: 'manifest',
        reason: 'this registry cannot delete tags',
      },
    ])
  })

  test('passes over what it does not know', () => {
    const record = make(join(folder, 'report.json'), report())
    const before = JSON.stringify(record.report)
    record.about(app, blob('other'))
    record.done('acme/other' as Repository, { item: blob('a'), outcome: 'deleted', at: 0 })
    expect(JSON.stringify(record.report)).toBe(before)
  })

  test('takes in what a round of looks came to', () => {
    const record = make(join(folder, 'report.json'), report())
    const at = Date.UTC(2026, 0, 1)
    record.standings(app, [
      { item: blob('a'), verdict: 'gone', rounds: 2, goneSince: at, goneUntil: at + 1000 },
      { item: blob('b'), verdict: 'present', rounds: 0 },
    ])
    expect(record.report.repositories[0]?.blobs).toMatchObject([
      {
        verdict: 'gone',
        rounds: 2,
        goneSince: '2026-01-01T00:00:00.000Z',
        goneUntil: '2026-01-01T00:00:01.000Z',
      },
      { verdict: 'present', rounds: 0, goneSince: null, goneUntil: null },
    ])
  })

  test('moves what is released from what is kept to what goes, and follows it from then on', () => {
    const record = make(join(folder, 'report.json'), report())
    record.about(app, blob('a'))
    const kept = { mediaType: 'x/y', level: 0, named: false, gone: false, foreign: false }
    record.release(app, {
      tags: [{ tag: 'sig' as Tag, digest: of('s'), root: of('s'), belongsTo: of('k') }],
      manifests: [],
      blobs: [{ ...kept, digest: of('k'), size: 7 }],
    })
    record.done(app, {
      item: { kind: 'tag', name: 'sig' as Tag },
      outcome: 'with-manifest',
      via: 'manifest',
      at: 0,
    })
    record.done(app, { item: blob('k'), outcome: 'deleted', at: 0 })
    const [entry] = record.report.repositories
    expect(entry?.kept).toEqual([])
    expect(entry?.tags.at(-1)).toMatchObject({ tag: 'sig', outcome: 'with-manifest', via: 'manifest' })
    expect(entry?.blobs.at(-1)).toMatchObject({
      digest: of('k'),
      mediaType: 'x/y',
      size: 7,
      outcome: 'deleted',
    })
  })

  test('writes at each step, and at most once a second within one', async () => {
    const clock = new FakeClock({ autoAdvance: false })
    const record = new Record(report(), join(folder, 'report.json'), clock, (text) => text)
    record.write()
    const outcomes = (): string[] =>
      read(record.path).repositories[0]?.blobs.map(({ outcome }) => outcome) ?? []
    record.begin()
    record.done(app, { item: blob('a'), outcome: 'deleted', at: 0 })
    expect(outcomes()).toEqual(['planned', 'planned'])
    await clock.advance(1000)
    expect(outcomes()).toEqual(['deleted', 'planned'])
    record.done(app, { item: blob('b'), outcome: 'failed', at: 0 })
    record.end(app)
    expect(outcomes()).toEqual(['deleted', 'failed'])
    expect(clock.sleeping()).toBe(0)
  })

  test('does not stop a purge because the file cannot be written, but says so at its last write', async () => {
    const record = make(join(folder, 'place/report.json'), report())
    record.write()
    renameSync(join(folder, 'place'), join(folder, 'away'))
    writeFileSync(join(folder, 'place'), 'no folder any more')
    record.begin()
    record.done(app, { item: blob('a'), outcome: 'deleted', at: 0 })
    record.end(app)
    expect(() => record.write()).toThrow()
    expect(readFileSync(join(folder, 'place'), 'utf8')).toBe('no folder any more')
  })

  test('takes credentials out of every free text before it writes', () => {
    const secret = 'it said hunter22'
    const all = reportOf({
      problems: [secret],
      warnings: [secret],
      repositories: [
        repositoryOf({
          problems: [secret],
          warnings: [secret],
          tags: [{ tag: 'leak', digest: null, outcome: 'failed', via: null, reason: secret }],
          manifests: [content('root', { detail: secret })],
          blobs: [content('a', { detail: secret })],
          remaining: [{ tag: 'latest', digest: null, verdict: 'broken', detail: secret }],
        }),
      ],
    })
    const record = make(join(folder, 'report.json'), all, (text) => text.replaceAll('hunter22', '***'))
    record.write()
    expect(readFileSync(record.path, 'utf8')).not.toContain('hunter22')
    expect(readFileSync(record.path, 'utf8').match(/it said \*\*\*/g)).toHaveLength(8)
  })
})
