import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readOutputs } from '../../scripts/lib/output-file.js'
import { conclude } from '../../src/conclude.js'
import type { Log } from '../../src/report/log.js'
import { Record } from '../../src/report/record.js'
import type { Report } from '../../src/report/report.js'
import { guardStreams } from '../../src/streams.js'
import { FakeClock } from '../support/clock.js'
import { reportOf } from './reports.js'

let folder = ''
let said: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclude-'))
  said = []
  for (const name of ['outputs', 'summary']) writeFileSync(join(folder, name), '')
})
afterEach(() => rmSync(folder, { recursive: true }))

const add = (kind: string) => (text: string) => void said.push(`${kind}: ${text}`)
const log: Log = {
  begin: add('begin'),
  end: () => undefined,
  info: add('info'),
  notice: add('notice'),
  warning: add('warning'),
  error: add('error'),
  debug: add('debug'),
}
const same = (text: string): string => text
const errors = (): string[] => said.filter((line) => line.startsWith('error: '))
const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8')

interface Places {
  readonly report: string
  readonly fallbacks: readonly string[]
  readonly outputs: string
  readonly summary: string
}

function end(places: Partial<Places> = {}, report: Report = reportOf({ result: 'purged' })): void {
  const all = {
    report: 'report.json',
    fallbacks: ['other.json'],
    outputs: 'outputs',
    summary: 'summary',
    ...places,
  }
  const record = new Record(report, join(folder, all.report), new FakeClock(), same)
  conclude(record, {
    fallbacks: all.fallbacks.map((name) => join(folder, name)),
    redact: same,
    log,
    outputs: { variable: 'GITHUB_OUTPUT', path: join(folder, all.outputs) },
    summary: { variable: 'GITHUB_STEP_SUMMARY', path: join(folder, all.summary) },
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
    expect(errors()).toEqual([expect.stringMatching(/report-file: .*nor to .*nowhere/)])
    expect(readOutputs(textOf('outputs'))).toMatchObject({ result: 'purged', report: '' })
  })

  test('does not tell a second time what refused the run', () => {
    writeFileSync(join(folder, 'file'), '')
    const problem = 'report-file: the report cannot be written (ENOTDIR)'
    end({ report: 'file/report.json' }, reportOf({ result: 'refused', problems: [problem] }))
    expect(errors()).toEqual([`error: ${problem}`])
    expect(said).toContainEqual(expect.stringMatching(/^info: report-file: .*it is in .*other\.json/))
  })
})

describe('the streams of a run', () => {
  const failure = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
  const pair = () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const streams = guardStreams({ stdout, stderr } as unknown as NodeJS.Process)
    return { stdout, stderr, streams }
  }

  test('may lose standard output, which is said once on the other', () => {
    const { stdout, stderr, streams } = pair()
    expect(streams.lost).toBeUndefined()
    stdout.emit('error', failure)
    stdout.emit('error', failure)
    expect(streams.lost).toBe('EPIPE')
    expect(String(stderr.read()).match(/cannot be written \(EPIPE\)/g)).toHaveLength(1)
  })

  test('may lose standard error', () => {
    const { stderr, streams } = pair()
    stderr.emit('error', failure)
    expect(streams.lost).toBeUndefined()
  })
})
