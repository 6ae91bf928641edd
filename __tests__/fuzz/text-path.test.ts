/** Text of the wire on its way to everything that a run writes, in this process: what a reader makes of it. */
import { afterAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { readOutputs } from '../../testbed/run/output-file.js'
import { setOutputs } from '../../src/action/outputs.js'
import { ReportFile } from '../../src/report/journal/file.js'
import { ReportJournal } from '../../src/report/journal/journal.js'
import { outputsOf } from '../../src/report/outputs.js'
import { renderSummary } from '../../src/report/summary/summary.js'
import { listen } from '../report/listen.js'
import { FakeClock } from '../support/clock.js'
import { linesOf, parseOutput, type ParsedOutput } from '../support/runner-commands.js'
import { startWork } from '../support/work-time.js'
import { headerText, hostileBytes, hostileText } from './hostile-text.js'
import { rendered } from './markdown.js'
import { logOf, reportWith } from './printed.js'
import { ONLY, SEED, TEXTS } from './seeds.js'
import { saidOf, type Said, type Wire } from './sentences.js'
import { unseenIn } from './unseen.js'
import { Wrongs } from './wrongs.js'

const SECRET = 'zq9kx-7rvt0-m4wj2'
const PATH = '/tmp/report.json'
/** A text that takes longer to compute, in milliseconds, has found a pattern or a loop that is not bounded as it should be. */
const LONGEST = 5_000
/** Bytes that may be left behind by all the texts. */
const MEMORY = 64 << 20
/** A file is synced to the disk at each write, so many texts share one. */
const BATCH = 100

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** The memory that is used once what is not needed has been thrown away. */
function used(): number {
  collect()
  return process.memoryUsage().heapUsed
}

const folder = mkdtempSync(join(tmpdir(), 'registry-purge-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const wireText: fc.Arbitrary<Wire> = fc.record({ text: hostileText, bytes: hostileBytes, header: headerText })

/** Every text of this seed, or those that are to be repeated. Every tenth brings the password back. */
function* wireTexts(): Generator<[number: number, wire: Wire]> {
  for (const number of ONLY ?? Array.from({ length: TEXTS }, (_, at) => at)) {
    const [wire] = fc.sample(wireText, { seed: SEED + number, numRuns: 1 })
    if (wire === undefined) continue
    const { text, bytes, header } = wire
    if (number % 10 !== 0) yield [number, wire]
    else
      yield [
        number,
        { text: text + SECRET, bytes: Buffer.concat([bytes, Buffer.from(SECRET)]), header: SECRET + header },
      ]
  }
}

/** What harmless words of the same number look like. */
const plain = ({ sentences, mediaTypes }: Said): Said => ({
  sentences: sentences.map(() => 'x'),
  mediaTypes: mediaTypes.map(() => 'a/b'),
})

/** The form of a log: for each line the command in it, if any. */
function formOf(log: string, { commands }: ParsedOutput): string[] {
  const form = linesOf(log).map(() => '')
  for (const { line, name } of commands) form[line - 1] = name
  return form
}

const forms = new Map<string, string>()
function plainForm(said: Said): string {
  const key = `${said.sentences.length} ${said.mediaTypes.length}`
  const known = forms.get(key)
  if (known !== undefined) return known
  const log = logOf(plain(said), SECRET)
  const form = formOf(log, parseOutput(log)).join()
  forms.set(key, form)
  return form
}

/** What is wrong with what a run writes, a sentence each. @param text of the wire, which begins no line as a rule */
function wrongWithLog({ sentences, mediaTypes }: Said, text: string): string[] {
  const said = { sentences: [...sentences, text.replaceAll('\n', '')], mediaTypes }
  const log = logOf(said, SECRET)
  const output = parseOutput(log)
  const wrong: string[] = []
  if (formOf(log, output).join() !== plainForm(said)) {
    const broken = [...said.sentences, ...said.mediaTypes].filter((text) => /[\r\n]/.test(text))
    wrong.push(`the log has other lines or other commands: ${JSON.stringify(broken).slice(0, 500)}`)
  }
  wrong.push(...output.problems)
  wrong.push(...unseenIn(log).map((line) => `something unseen in the log: ${line}`))
  for (const { name, message, properties } of output.commands) {
    // One sentence is one line, also after the runner has undone the escapes.
    if (/[\r\n]/.test(message))
      wrong.push(`a line break in ${name}: ${JSON.stringify(message.slice(0, 300))}`)
    if (Object.keys(properties).length > 0)
      wrong.push(`${name} with properties: ${JSON.stringify(properties)}`)
  }
  if (output.masks.join() !== SECRET) wrong.push(`masks: ${JSON.stringify(output.masks)}`)
  if (log.replace(/^::add-mask::.*$/m, '').includes(SECRET)) wrong.push('the password stands in the log')
  return wrong
}

function wrongWithSummary(said: Said): string[] {
  // As it stands in a file: half of a pair does not survive that.
  const summary = renderSummary(reportWith(said), PATH).toWellFormed()
  const plainly = renderSummary(reportWith(plain(said)), PATH)
  const lines = (text: string): number => text.split('\n').length
  return [
    ...rendered(summary).map((what) => `the summary renders ${what}`),
    ...(lines(summary) === lines(plainly) ? [] : ['the summary has other lines']),
  ]
}

function wrongWithOutputs(said: Said): string[] {
  const file = join(folder, 'output')
  const written = (about: Said): unknown => {
    writeFileSync(file, '')
    setOutputs(outputsOf(reportWith(about), PATH), { variable: 'GITHUB_OUTPUT', path: file })
    return readOutputs(readFileSync(file, 'utf8'))
  }
  return JSON.stringify(written(said)) === JSON.stringify(written(plain(said))) ? [] : ['the outputs differ']
}

/** @returns the first text of many that leaves a file of which something is wrong, and what that is */
function wrongInBatch(batch: ReadonlyMap<number, Said>): [number: number, wrong: string[]] | undefined {
  if (wrongWithFile([...batch.values()]).length === 0) return undefined
  for (const [number, said] of batch) {
    const wrong = wrongWithFile([said])
    if (wrong.length > 0) return [number, wrong]
  }
  return [-1, ['only together is something wrong with them']]
}

function wrongWithFile(all: readonly Said[]): string[] {
  const path = join(folder, 'report.json')
  const report = reportWith({
    sentences: all.flatMap(({ sentences }) => sentences),
    mediaTypes: all.flatMap(({ mediaTypes }) => mediaTypes),
  })
  const redact = (text: string): string => text.replaceAll(SECRET, '***')
  const file = new ReportFile(path, 'stamp')
  const journal = new ReportJournal(report, { file, clock: new FakeClock(), log: listen().log, redact })
  journal.save()
  const text = readFileSync(path, 'utf8')
  rmSync(path)
  return [
    ...unseenIn(text).map((line) => `something unseen in the report: ${line}`),
    ...(text.includes(SECRET) ? ['the password stands in the report'] : []),
    ...(JSON.stringify(JSON.parse(text)) === JSON.stringify(journal.copy())
      ? []
      : ['the report reads otherwise']),
  ]
}

describe('text of the wire', () => {
  const wrongs = {
    log: new Wrongs(),
    summary: new Wrongs(),
    outputs: new Wrongs(),
    file: new Wrongs(),
    time: new Wrongs(),
  }
  let texts = 0
  let sentences = 0
  let asked: Promise<void> | undefined
  let memory = 0

  async function ask(): Promise<void> {
    const started = Date.now()
    const before = used()
    const batch = new Map<number, Said>()
    for (const [number, wire] of wireTexts()) {
      const elapsed = startWork()
      const said = await saidOf(wire, number)
      texts++
      sentences += said.sentences.length
      wrongs.log.add(number, wrongWithLog(said, wire.text))
      wrongs.summary.add(number, wrongWithSummary(said))
      if (number % 10 === 0) wrongs.outputs.add(number, wrongWithOutputs(said))
      const took = elapsed()
      if (took > LONGEST) wrongs.time.add(number, [`it took ${took.toFixed(0)} ms`])
      batch.set(number, said)
      if (batch.size < BATCH && ONLY === undefined) continue
      const wrong = wrongInBatch(batch)
      if (wrong !== undefined) wrongs.file.add(...wrong)
      batch.clear()
    }
    memory = used() - before
    process.stdout.write(
      `${texts} texts, ${sentences} sentences of them, in ${((Date.now() - started) / 1000).toFixed(1)} s, ${memory >> 20} MiB more, seed ${SEED}\n`,
    )
  }
  const of = async (what: keyof typeof wrongs): Promise<string[]> => {
    await (asked ??= ask())
    return wrongs[what].all
  }

  test('gives the runner no command and no mask, and adds no line to the log', async () => {
    expect(await of('log')).toEqual([])
  }, 300_000)

  test('renders as nothing but text in the summary', async () => {
    expect(await of('summary')).toEqual([])
  })

  test('changes no output', async () => {
    expect(await of('outputs')).toEqual([])
  })

  test('leaves the report a JSON file in which everything can be seen', async () => {
    expect(await of('file')).toEqual([])
  })

  test('takes neither long nor much memory', async () => {
    expect(await of('time')).toEqual([])
    expect(texts).toBeGreaterThanOrEqual(ONLY?.length ?? TEXTS)
    expect(memory).toBeLessThan(MEMORY)
  })
})
