import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readOutputs } from '../../testbed/run/output-file.js'
import { conclude } from '../../src/action/conclude.js'
import { ReportFile } from '../../src/report/journal/file.js'
import { ReportJournal } from '../../src/report/journal/journal.js'
import type { Report } from '../../src/report/report.js'
import { listen } from '../report/listen.js'
import { reportOf, repositoryOf, tagOf } from '../report/reports.js'
import { FakeClock } from '../support/clock.js'

let folder = ''
let heard = listen()
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclude-'))
  heard = listen()
  for (const name of ['outputs', 'summary']) writeFileSync(join(folder, name), '')
})
afterEach(() => rmSync(folder, { recursive: true }))

const errors = (): string[] => heard.lines.filter((line) => line.startsWith('error: '))
const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8')

interface Places {
  readonly report: string
  readonly fallbacks: readonly string[]
  /** Undefined: the variable is not set. */
  readonly outputs: string | undefined
  readonly summary: string | undefined
}

function end(
  places: Partial<Places> = {},
  report: Report = reportOf({ result: 'purged' }),
  redact = (text: string): string => text,
): void {
  const all: Places = {
    report: 'report.json',
    fallbacks: ['other.json'],
    outputs: 'outputs',
    summary: 'summary',
    ...places,
  }
  const file = new ReportFile(join(folder, all.report), 'stamp')
  const journal = new ReportJournal(report, { file, clock: new FakeClock(), log: heard.log, redact })
  conclude(journal, {
    fallbacks: all.fallbacks.map((name) => join(folder, name)),
    stamp: 'stamp',
    log: heard.log,
    environment: {
      GITHUB_OUTPUT: all.outputs && join(folder, all.outputs),
      GITHUB_STEP_SUMMARY: all.summary && join(folder, all.summary),
    },
  })
}

describe('the end of a run', () => {
  test('hands over report, outputs and summary, and has no error to tell', () => {
    end()
    expect(errors()).toEqual([])
    expect(readOutputs(textOf('outputs'))).toMatchObject({
      result: 'purged',
      report: join(folder, 'report.json'),
    })
    expect(textOf('summary')).toMatch(/^## /)
  })

  test('adds to what stands in the files of the runner', () => {
    writeFileSync(join(folder, 'outputs'), 'earlier=1\n')
    end()
    expect(readOutputs(textOf('outputs'))).toMatchObject({ earlier: '1', result: 'purged' })
  })

  test('tells in one error that the outputs cannot be set, and writes the summary all the same', () => {
    end({ outputs: 'gone' })
    expect(errors()).toEqual([expect.stringMatching(/outputs .*GITHUB_OUTPUT: ENOENT/)])
    expect(textOf('summary')).toMatch(/^## /)
    expect(readdirSync(folder)).not.toContain('gone')
  })

  test('tells in one error that the summary cannot be written', () => {
    mkdirSync(join(folder, 'a folder'))
    end({ summary: 'a folder' })
    expect(errors()).toEqual([expect.stringMatching(/summary .*GITHUB_STEP_SUMMARY: EISDIR/)])
    expect(readOutputs(textOf('outputs'))).toMatchObject({ result: 'purged' })
  })

  test('tells in one error where the report is instead', () => {
    writeFileSync(join(folder, 'file'), '')
    end({ report: 'file/report.json', fallbacks: ['file/second.json', 'third.json'] })
    expect(errors()).toEqual([expect.stringMatching(/report-file: .*ENOTDIR.*it is in .*third\.json/)])
    expect(readOutputs(textOf('outputs'))).toMatchObject({ report: join(folder, 'third.json') })
    expect(JSON.parse(textOf('third.json'))).toMatchObject({ result: 'purged' })
  })

  test('tells in one error that there is no report, and names none', () => {
    writeFileSync(join(folder, 'file'), '')
    end({ report: 'file/report.json', fallbacks: ['file/report.json', 'file/second.json'] })
    expect(errors()).toEqual([expect.stringMatching(/report-file: .*nor to .*no report was written/)])
    expect(readOutputs(textOf('outputs'))).toMatchObject({ result: 'purged', report: '' })
  })

  test('does not tell a second time what refused the run', () => {
    writeFileSync(join(folder, 'file'), '')
    const text = 'report-file: the report cannot be written (ENOTDIR)'
    const problem = { kind: 'report-file', text, items: ['report-file'] } as const
    end({ report: 'file/report.json' }, reportOf({ result: 'refused', problems: [problem] }))
    expect(errors()).toEqual([`error: ${text}`])
    expect(heard.lines).toContainEqual(expect.stringMatching(/^info: report-file: .*it is in .*other\.json/))
  })

  test('tells in one error that the runner named no file', () => {
    end({ outputs: undefined })
    expect(errors()).toEqual([expect.stringMatching(/outputs .*GITHUB_OUTPUT is not set/)])
    heard = listen()
    end({ report: 'second.json', summary: undefined })
    expect(errors()).toEqual([expect.stringMatching(/summary .*GITHUB_STEP_SUMMARY is not set/)])
  })

  test('gives way to another run with the same path, and names where its own report is', () => {
    writeFileSync(join(folder, 'report.json'), 'another run’s')
    end()
    expect(textOf('report-stamp.json')).toBe('another run’s')
    expect(readOutputs(textOf('outputs'))).toMatchObject({ report: join(folder, 'report.json') })
  })

  test('tells warnings, problems and the verdict, in this order, the verdict last', () => {
    const problem = { kind: 'timeout', text: 'it took too long', items: [] } as const
    end(
      {},
      reportOf({
        result: 'incomplete',
        warnings: ['of all'],
        problems: [problem],
        repositories: [
          repositoryOf({ warnings: ['of one'], problems: [{ ...problem, text: 'it is still served' }] }),
        ],
      }),
    )
    expect(heard.lines).toEqual([
      'warning: of all',
      'warning: acme/app: of one',
      'error: it took too long',
      'error: it is still served',
      `info: NOT PROVEN: nothing was done. Report: ${join(folder, 'report.json')}`,
    ])
  })

  test.each<[how: string, Partial<Report>]>([
    ['error', { result: 'incomplete' }],
    ['info', { result: 'purged' }],
    ['info', { result: 'nothing-to-do' }],
    ['warning', { result: 'purged', repositories: [repositoryOf({ kept: [{ digest: 'd', heldBy: [] }] })] }],
  ])('tells the verdict as %s: %j', (how, report) => {
    end({}, reportOf(report))
    expect(heard.lines).toEqual([expect.stringMatching(new RegExp(`^${how}: .*Report: `))])
  })

  test('tells nobody a credential', () => {
    const secret = 'it said hunter22'
    const report = reportOf({
      result: 'incomplete',
      reason: secret,
      warnings: [secret],
      problems: [{ kind: 'timeout', text: secret, items: [] }],
      repositories: [repositoryOf({ tags: [tagOf('a', { reason: secret })], warnings: [secret] })],
    })
    end({}, report, (text) => text.replaceAll('hunter22', '***'))
    const all = [...heard.lines, ...['report.json', 'outputs', 'summary'].map(textOf)].join('\n')
    expect(all).toContain('it said ')
    expect(all).not.toContain('hunter22')
  })
})
