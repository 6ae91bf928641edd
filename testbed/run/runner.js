import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { readActionFile } from './action-file.js'
import { node24 } from '../obtain/node24.js'
import { readOutputs } from './output-file.js'
import { projectFolder, temporaryFolder } from '../project.js'

/**
 * @typedef {{
 *   inputs: Record<string, string>,
 *   env?: Record<string, string | undefined> | undefined,
 *   node?: string | undefined,
 *   entry?: string | undefined,
 *   kill?: AbortSignal | undefined,
 *   onLine?: ((line: string, stream: 'stdout' | 'stderr') => void) | undefined,
 *   signalWhen?: ((line: string, stream: 'stdout' | 'stderr') => NodeJS.Signals | undefined) | undefined,
 *   timeoutMs?: number | undefined,
 *   folder?: string | undefined,
 * }} ActionRun
 * `entry` is a path relative to the project's folder. `env` is added last; undefined removes a variable. Aborting `kill`
 * simulates a lost runner (SIGKILL). `signalWhen` is called for every line until it returns a signal. SIGINT is a
 * cancellation: the runner sends SIGTERM and SIGKILL after it. `folder` is an existing folder to use instead of a new one.
 *
 * @typedef {{
 *   code: number | null,
 *   signal: NodeJS.Signals | null,
 *   stdout: string,
 *   stderr: string,
 *   log: string,
 *   outputs: Record<string, string>,
 *   summary: string,
 *   report: any,
 *   reportPath: string | undefined,
 *   folder: string,
 *   temp: string,
 *   workspace: string,
 *   ms: number,
 *   msAfterSignal: number | undefined,
 *   timedOut: boolean,
 * }} ActionResult
 * `folder` holds all files of this run, and the caller deletes it; `temp` is RUNNER_TEMP in it. `log` is the output of both
 * streams in the order of arrival.
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const alive = new Set()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** Milliseconds after a cancellation until the runner sends SIGTERM and SIGKILL. */
const patience = { term: 7_500, kill: 10_000 }

/**
 * Runs the bundled action as GitHub's runner does: same variables, same files, no standard input, and nothing from the
 * environment of this process except the PATH.
 * @param {ActionRun} run
 * @returns {Promise<ActionResult>}
 */
export async function runAction({
  inputs,
  env = {},
  node,
  entry,
  kill,
  onLine,
  signalWhen,
  timeoutMs = 120_000,
  folder,
}) {
  const action = readActionFile()
  const main = entry ?? action.main
  const program = isAbsolute(main) ? main : join(projectFolder, main)
  if (!existsSync(program)) throw new Error(`${main} is missing: npm ci && npm run build makes it`)
  const command = node ?? (await node24())
  const places = makePlaces(folder ?? (await temporaryFolder('run')))
  const started = Date.now()
  const child = spawn(command, [program], {
    cwd: places.workspace,
    env: { ...platformVariables(places), ...inputVariables(action, inputs), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  alive.add(child)

  /** @type {NodeJS.Timeout[]} */
  const timers = []
  const later = (/** @type {number} */ ms, /** @type {() => void} */ then) =>
    timers.push(setTimeout(then, ms))
  let timedOut = false
  later(timeoutMs, () => {
    timedOut = true
    child.kill('SIGKILL')
  })
  kill?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true })

  /** @type {number | undefined} */
  let signalledAt
  const readLine = (/** @type {string} */ line, /** @type {'stdout' | 'stderr'} */ stream) => {
    onLine?.(line, stream)
    const signal = signalledAt === undefined ? signalWhen?.(line, stream) : undefined
    if (!signal) return
    signalledAt = Date.now()
    child.kill(signal)
    if (signal !== 'SIGINT') return
    later(patience.term, () => child.kill('SIGTERM'))
    later(patience.kill, () => child.kill('SIGKILL'))
  }

  const texts = collectOutput(child, readLine)
  const { code, signal } = await ending(child).finally(() => alive.delete(child))
  for (const timer of timers) clearTimeout(timer)
  const ended = Date.now()
  const outputs = readOutputs(readFileSync(places.files.GITHUB_OUTPUT, 'utf8'))
  const reportPath = outputs['report'] || undefined
  return {
    code,
    signal,
    ...texts,
    outputs,
    summary: readFileSync(places.files.GITHUB_STEP_SUMMARY, 'utf8'),
    report: reportPath === undefined ? undefined : readJson(reportPath),
    reportPath,
    folder: places.folder,
    temp: places.temp,
    workspace: places.workspace,
    ms: ended - started,
    msAfterSignal: signalledAt === undefined ? undefined : ended - signalledAt,
    timedOut,
  }
}

/**
 * Collects the output of the child, and calls `readLine` for every line.
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} child
 * @param {(line: string, stream: 'stdout' | 'stderr') => void} readLine
 */
function collectOutput(child, readLine) {
  const texts = { stdout: '', stderr: '', log: '' }
  for (const stream of /** @type {const} */ (['stdout', 'stderr'])) {
    let rest = ''
    child[stream].setEncoding('utf8')
    child[stream].on('data', (/** @type {string} */ text) => {
      texts[stream] += text
      texts.log += text
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) readLine(line, stream)
    })
    child[stream].on('end', () => {
      if (rest !== '') readLine(rest, stream)
    })
  }
  return texts
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null }>}
 */
function ending(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
}

/** @param {string} folder */
function makePlaces(folder) {
  const commands = join(folder, 'commands')
  const places = {
    folder,
    home: join(folder, 'home'),
    temp: join(folder, 'temp'),
    workspace: join(folder, 'work', 'infra', 'infra'),
    event: join(folder, 'event.json'),
    files: {
      GITHUB_OUTPUT: join(commands, 'output'),
      GITHUB_STEP_SUMMARY: join(commands, 'summary'),
      GITHUB_ENV: join(commands, 'env'),
      GITHUB_PATH: join(commands, 'path'),
      GITHUB_STATE: join(commands, 'state'),
    },
  }
  for (const each of [places.home, places.temp, places.workspace, commands])
    mkdirSync(each, { recursive: true })
  for (const file of Object.values(places.files)) writeFileSync(file, '')
  writeFileSync(places.event, '{}')
  return places
}

/**
 * The variables that the runner sets. HOME is a new folder: the action must not use a developer's Docker logins.
 * @param {ReturnType<typeof makePlaces>} places
 */
function platformVariables(places) {
  return {
    PATH: process.env['PATH'],
    HOME: places.home,
    CI: 'true',
    RUNNER_TEMP: places.temp,
    RUNNER_OS: 'Linux',
    ...places.files,
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__acme_registry-purge',
    GITHUB_ACTION_REF: 'v1',
    GITHUB_ACTION_REPOSITORY: 'acme/registry-purge',
    GITHUB_ACTOR: 'octocat',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_EVENT_PATH: places.event,
    GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
    GITHUB_JOB: 'purge',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'acme/infra',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '1234567890',
    GITHUB_RUN_NUMBER: '42',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_WORKFLOW: 'Purge a leaked image',
    GITHUB_WORKSPACE: places.workspace,
  }
}

/**
 * The variables of the inputs. The runner sets one for every declared input (empty if it has neither a value nor a default)
 * and for every given input, even if it is not declared. An empty value replaces the default.
 * @param {import('./action-file.js').ActionFile} action
 * @param {Record<string, string>} inputs
 */
function inputVariables(action, inputs) {
  const declared = action.inputs.map((input) => [input.name, input.default ?? ''])
  const values = Object.entries({ ...Object.fromEntries(declared), ...inputs })
  return Object.fromEntries(
    values.map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  )
}

/** @param {string} path */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
