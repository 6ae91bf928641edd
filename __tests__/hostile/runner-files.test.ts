/** The bundle, and a runner whose files and streams cannot be written: what was done is done, and is told elsewhere. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from '../../src/report/report.js'
import { ociImage } from '../../testbed/images/image.js'
import { node24 } from '../../testbed/obtain/node24.js'
import { readOutputs } from '../../testbed/run/output-file.js'
import { runAction, type ActionResult, type ActionRun } from '../../testbed/run/runner.js'
import { pushImage } from '../support/push.js'
import type { MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'

jest.setTimeout(180_000)
const registryWith = useRegistries()
const REPO = 'acme/search-indexer'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-files-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const reportFile = (): string => join(folder, 'reports', 'report.json')

async function run(
  registry: MemoryRegistry,
  more: Partial<ActionRun> = {},
  inputs: Readonly<Record<string, string>> = {},
): Promise<ActionResult> {
  const all = {
    registry: registry.url,
    image: `${REPO}:debug-42`,
    'verify-attempts': '1',
    'verify-interval': '0s',
    'report-file': reportFile(),
    ...inputs,
  }
  mkdirSync(join(folder, 'run'), { recursive: true })
  const done = await runAction({ inputs: all, folder: join(folder, 'run'), timeoutMs: 60_000, ...more })
  expect(done.timedOut).toBe(false)
  expect(`${done.log}`).not.toMatch(
    /^\s+at \S.*[:(]\d*|has a defect|Uncaught|Unhandled|node:internal|throw /m,
  )
  return done
}

const errorsIn = (log: string): string[] => log.split('\n').filter((line) => line.startsWith('::error'))
const readReport = (path = reportFile()): Report => JSON.parse(readFileSync(path, 'utf8')) as Report

async function scene(): Promise<MemoryRegistry & { readonly gone: () => boolean }> {
  const registry = await registryWith()
  const { gone } = referenceScene(registry.store)
  return Object.assign(registry, {
    gone: () =>
      gone.every(
        (digest) => !registry.store.hasBlob(REPO, digest) && !registry.store.hasManifest(REPO, digest),
      ),
  })
}

const PLACES: Readonly<Record<string, [path: () => string | undefined, why: RegExp]>> = {
  'is not set': [() => undefined, /is not set/],
  'is empty': [() => '', /is not set/],
  'is gone': [() => join(folder, 'gone'), /ENOENT/],
  'is in a folder that is gone': [() => join(folder, 'gone', 'file'), /ENOENT/],
  'is a folder': [() => folder, /EISDIR/],
  'may not be written': [() => '/proc/version', /EACCES|EPERM|EIO/],
  'is on a full disk': [() => '/dev/full', /ENOSPC/],
}
const VARIABLES = ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'] as const

test.each(VARIABLES.flatMap((variable) => Object.keys(PLACES).map((place) => [variable, place] as const)))(
  '%s %s: one error, and everything else is handed over',
  async (variable, place) => {
    const [path, why] = PLACES[place] ?? [() => '', /never/]
    const registry = await scene()
    const done = await run(registry, { env: { [variable]: path() } })
    expect(registry.gone()).toBe(true)
    expect(done.code).toBe(0)
    const errors = errorsIn(done.log)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain(variable)
    expect(errors[0]).toMatch(why)
    expect(errors[0]).toContain(reportFile())
    expect(readReport()).toMatchObject({ result: 'purged', endedAt: expect.any(String) })
    if (variable === 'GITHUB_OUTPUT') expect(done.summary).toMatch(/^## ✅/)
    else expect(done.outputs).toMatchObject({ result: 'purged', report: reportFile() })
  },
)

test('both cannot be written: an error each, and the log has the verdict', async () => {
  const registry = await scene()
  const env = { GITHUB_OUTPUT: '/dev/full', GITHUB_STEP_SUMMARY: undefined }
  const done = await run(registry, { env })
  expect(done.code).toBe(0)
  expect(errorsIn(done.log)).toHaveLength(2)
  expect(done.log).toContain('gone; 2 digests STILL SERVED')
  expect(readReport().result).toBe('purged')
})

test('a run that fails has its own exit status and errors as well', async () => {
  const registry = await registryWith({ deleteOff: true })
  referenceScene(registry.store)
  const done = await run(registry, { env: { GITHUB_OUTPUT: join(folder, 'gone') } })
  expect(done.code).toBe(1)
  expect(errorsIn(done.log).filter((line) => line.includes('GITHUB_OUTPUT'))).toHaveLength(1)
  expect(errorsIn(done.log).length).toBeGreaterThan(1)
  expect(done.summary).toMatch(/^## ⛔/)
})

/**
 * Node, started by a shell so that files and streams are what the script makes of them. Other shells than bash drop
 * variables whose names have a dash.
 */
async function shell(script: string): Promise<string> {
  const path = join(folder, 'node.sh')
  writeFileSync(path, `#!/bin/bash\nnode() { exec '${await node24()}' "$@"; }\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}
const codeIn = (): string => readFileSync(join(folder, 'code'), 'utf8').trim()
/** Keeps the exit status of a process whose output goes into a pipe. */
const noting = (): string => `{ (node "$@"); echo $? > '${join(folder, 'code')}'; }`

test.each([
  ['at once', '| true'],
  ['after some lines', '| head -n 6'],
])(
  'nobody reads standard output any more, %s: the run goes on to its end, and says so once',
  async (_, reader) => {
    const registry = await scene()
    const done = await run(registry, { node: await shell(`${noting()} ${reader}`) })
    expect(codeIn()).toBe('0')
    expect(registry.gone()).toBe(true)
    expect(done.outputs).toMatchObject({ result: 'purged', report: reportFile() })
    expect(done.summary).toMatch(/^## ✅/)
    expect(done.stderr).toMatch(/^registry-purge: the log cannot be written \(EPIPE\)\. .*\n$/)
    expect(readReport().warnings).toEqual([expect.stringContaining('EPIPE')])
  },
)

test.each([
  [
    'standard output is on a full disk',
    '> /dev/full',
    /^registry-purge: the log cannot be written \(ENOSPC\)\. .*\n$/,
  ],
  ['standard output is closed', '>&-', /^$/],
  ['standard error is on a full disk', '2> /dev/full', /^$/],
  ['standard error is closed', '2>&-', /^$/],
  ['both are on a full disk', '> /dev/full 2>&1', /^$/],
])('%s: the run goes on to its end', async (_, streams, stderr) => {
  const registry = await scene()
  const done = await run(registry, { node: await shell(`node "$@" ${streams}`) })
  expect(done.code).toBe(0)
  expect(registry.gone()).toBe(true)
  expect(done.outputs).toMatchObject({ result: 'purged' })
  expect(done.summary).toMatch(/^## ✅/)
  expect(done.stderr).toMatch(stderr)
})

test('both streams have no reader: the run goes on to its end', async () => {
  const registry = await scene()
  const done = await run(registry, { node: await shell(`${noting()} 2>&1 | true`) })
  expect(codeIn()).toBe('0')
  expect(registry.gone()).toBe(true)
  expect(done.outputs).toMatchObject({ result: 'purged' })
})

/** A limit on the size of a file cuts a write off part way, as a disk does that fills up. */
const BLOCKS = 64
const LIMIT = BLOCKS * 1024
const limited = (): Promise<string> => shell(`ulimit -f ${BLOCKS}\nnode "$@"`)

test.each(VARIABLES)('%s takes only a part: the file is left as it was', async (variable) => {
  const registry = await scene()
  const path = join(folder, 'filled')
  const filled = `earlier=${'x'.repeat(LIMIT - 64)}\n`
  writeFileSync(path, filled)
  const done = await run(registry, { node: await limited(), env: { [variable]: path } })
  expect(done.code).toBe(0)
  expect(readFileSync(path, 'utf8')).toBe(filled)
  if (variable === 'GITHUB_OUTPUT') expect(Object.keys(readOutputs(filled))).toEqual(['earlier'])
  expect(errorsIn(done.log)).toEqual([expect.stringMatching(`${variable}: EFBIG`)])
})

test('a report that does not fit on the disk before the first write: refused, and no draft of it stays behind', async () => {
  const registry = await registryWith()
  const layers = Array.from({ length: 400 }, (_, at) => `own/${at}`)
  pushImage(registry.store, REPO, ociImage('debug-42', { layers }), 'debug-42')
  pushImage(registry.store, REPO, ociImage('latest'), 'latest')
  const before = JSON.stringify(registry.store.snapshot())
  const done = await run(registry, { node: await limited() })
  expect(done.code).toBe(1)
  expect(done.outputs['result']).toBe('refused')
  expect(JSON.stringify(registry.store.snapshot())).toBe(before)
  expect(errorsIn(done.log).filter((line) => line.includes('report-file: '))).toHaveLength(1)
  const places = [join(folder, 'reports'), done.temp, done.workspace]
  expect(places.flatMap((place) => readdirSync(place)).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

/** The folder of the report becomes a file, as if a disk went away. */
function loseFolder(): void {
  renameSync(join(folder, 'reports'), join(folder, 'away'))
  writeFileSync(join(folder, 'reports'), '')
}

test('the place of the report is lost after the first DELETE: the run goes on, and the report is elsewhere', async () => {
  const registry = await scene()
  registry.options.after = ({ method, path }) => {
    if (method === 'DELETE' && path.endsWith('/manifests/debug-42')) loseFolder()
  }
  const done = await run(registry)
  expect(registry.gone()).toBe(true)
  expect(done.code).toBe(0)
  expect(done.log).toContain('report-file: the report could not be written to')
  expect(errorsIn(done.log)).toEqual([expect.stringMatching(/report-file: .*ENOTDIR.*it is in .*temp/)])
  expect(done.reportPath).toContain(done.temp)
  expect(done.report).toMatchObject({ result: 'purged' })
  expect(readReport(join(folder, 'away', 'report.json')).result).toBe('incomplete')
  expect(done.summary).toContain(done.reportPath)
})

test('the place of the report is lost right before the first DELETE: refused, and nothing is sent', async () => {
  const registry = await scene()
  let lists = 0
  registry.options.after = ({ path }) => {
    if (path.endsWith('/tags/list') && ++lists === 2) loseFolder()
  }
  const before = JSON.stringify(registry.store.snapshot())
  const done = await run(registry)
  expect(lists).toBe(2)
  expect(done.code).toBe(1)
  expect(done.outputs['result']).toBe('refused')
  expect(JSON.stringify(registry.store.snapshot())).toBe(before)
  expect(errorsIn(done.log)).toEqual([expect.stringContaining('report-file: the report cannot be written')])
  expect(done.report).toMatchObject({ result: 'refused' })
  expect(done.report.repositories[0].tags[0].outcome).toBe('planned')
})

test('neither the report nor what takes its place can be written at the end: one error, and the outputs say so', async () => {
  const registry = await scene()
  registry.options.after = ({ method, path }) => {
    if (method !== 'DELETE' || !path.endsWith('/manifests/debug-42')) return
    loseFolder()
    for (const place of ['temp', 'tmp']) {
      rmSync(join(folder, 'run', place), { recursive: true, force: true })
      writeFileSync(join(folder, 'run', place), '')
    }
  }
  const done = await run(registry, { env: { TMPDIR: join(folder, 'run', 'tmp') } })
  expect(registry.gone()).toBe(true)
  expect(done.code).toBe(0)
  expect(errorsIn(done.log)).toEqual([
    expect.stringMatching(/report-file: .*ENOTDIR.*nor to .*no report was written/),
  ])
  expect(done.outputs).toMatchObject({ result: 'purged', report: '' })
  expect(done.summary).toMatch(/^## ✅/)
})

test.each<[string, () => string | undefined, () => string]>([
  ['is not set', () => undefined, () => join(folder, 'tmp')],
  ['is empty', () => '', () => join(folder, 'tmp')],
  ['is gone', () => join(folder, 'gone'), () => join(folder, 'gone')],
])('RUNNER_TEMP %s: the report finds a place', async (_, path, place) => {
  const registry = await scene()
  mkdirSync(join(folder, 'tmp'))
  const env = { RUNNER_TEMP: path(), TMPDIR: join(folder, 'tmp') }
  const done = await run(registry, { env }, { 'report-file': '' })
  expect(done.code).toBe(0)
  expect(errorsIn(done.log)).toEqual([])
  expect(readdirSync(place())).toEqual([expect.stringMatching(/^registry-purge-.*\.json$/)])
  expect(done.reportPath?.startsWith(`${place()}/`)).toBe(true)
  expect(readdirSync(done.workspace)).toEqual([])
})

test('RUNNER_TEMP is a file: refused before anything is sent, and the report is in the system’s folder', async () => {
  const registry = await scene()
  mkdirSync(join(folder, 'tmp'))
  writeFileSync(join(folder, 'file'), '')
  const env = { RUNNER_TEMP: join(folder, 'file'), TMPDIR: join(folder, 'tmp') }
  const done = await run(registry, { env }, { 'report-file': '' })
  expect(done.outputs['result']).toBe('refused')
  expect(registry.requests).toEqual([])
  expect(errorsIn(done.log)).toHaveLength(1)
  expect(done.reportPath?.startsWith(join(folder, 'tmp'))).toBe(true)
})

test.each([
  ['gone', () => undefined],
  ['no JSON', (path: string) => writeFileSync(path, '{')],
  ['a folder', (path: string) => void mkdirSync(path)],
])('the file of the event is %s: the report names the run all the same', async (_, make) => {
  const registry = await scene()
  const path = join(folder, 'event')
  make(path)
  const done = await run(registry, { env: { GITHUB_EVENT_PATH: path } })
  expect(done.code).toBe(0)
  expect(errorsIn(done.log)).toEqual([])
  expect(done.report.run).toMatchObject({
    repository: 'acme/infra',
    url: 'https://github.com/acme/infra/actions/runs/1234567890',
    actor: 'octocat',
    attempt: 1,
  })
  expect(existsSync(reportFile()) && statSync(reportFile()).isFile()).toBe(true)
})
