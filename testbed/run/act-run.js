import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runCommand } from '../command.js'
import { projectFolder, temporaryFolder } from '../project.js'

/**
 * @typedef {{
 *   act: import('../obtain/fetched-binary.js').Binary,
 *   workflow: string,
 *   event?: 'workflow_dispatch' | 'schedule',
 *   secrets?: Record<string, string>,
 *   variables?: Record<string, string>,
 *   actions?: Record<string, string>,
 *   timeoutMs?: number,
 * }} ActRun
 * `workflow` is the text of the workflow. `actions` maps `owner/name@ref` to a local folder that replaces this action, so
 * that nothing is fetched.
 *
 * @typedef {{
 *   code: number | null,
 *   late: boolean,
 *   log: string,
 *   text: string,
 *   jobs: Record<string, string[]>,
 * }} ActResult
 * `log` is act's output, with secrets masked; `text` is the output of the steps. `jobs` are the results of each job by its
 * id, one for each entry of its matrix.
 */

const RUNNERS = ['ubuntu-latest', 'ubuntu-24.04', 'ubuntu-22.04']

/**
 * Runs a workflow in act on this machine, in a new folder that it removes afterwards.
 * @param {ActRun} run
 * @returns {Promise<ActResult>}
 */
export async function runAct(run) {
  const folder = await temporaryFolder('act')
  try {
    const places = await prepare(folder, run.workflow)
    return await execute(run, places)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Makes a git repository with a remote, which act needs, and a `node` for the PATH, with which act runs every action.
 * @param {string} folder
 * @param {string} workflow
 */
async function prepare(folder, workflow) {
  const places = {
    work: join(folder, 'work'),
    bin: join(folder, 'bin'),
    home: join(folder, 'home'),
    cache: join(folder, 'cache'),
    pids: join(folder, 'pids'),
    text: join(folder, 'text'),
    workflow: join(folder, 'work', '.github', 'workflows', 'test.yml'),
  }
  for (const each of [places.bin, places.home, join(places.work, '.github', 'workflows')])
    mkdirSync(each, { recursive: true })
  writeFileSync(places.workflow, workflow)
  writeFileSync(join(places.bin, 'node'), nodeShim(places), { mode: 0o755 })
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', '-c', 'commit.gpgsign=false']
  const env = { PATH: process.env['PATH'], HOME: places.home }
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '-A'],
    [...identity, 'commit', '-qm', 'a workflow'],
    ['remote', 'add', 'origin', 'https://github.com/acme/infra.git'],
  ]) {
    const { code, stderr } = await runCommand('git', args, { cwd: places.work, env })
    if (code !== 0) throw new Error(`git ${args[0]}: ${stderr}`)
  }
  return places
}

/** @typedef {Awaited<ReturnType<typeof prepare>>} Places */

/**
 * The script that replaces `node`. act gives steps a terminal, which GitHub's runner does not, and loses the last lines of
 * a failing step. So this script makes each action write to a pipe, and writes the id of its process to a file.
 * @param {{ bin: string, pids: string, text: string }} places
 */
function nodeShim({ bin, pids, text }) {
  return `#!/bin/bash
case "$*" in *'console.log(process.execPath)'*) echo '${join(bin, 'node')}'; exit 0;; esac
{ '${process.execPath}' "$@" 2>&1 < /dev/null & echo $! >> '${pids}'; wait $!; } | tee -a '${text}'
status=\${PIPESTATUS[0]}
[ "$status" = 0 ] || sleep 0.3
exit "$status"
`
}

/**
 * @param {ActRun} run
 * @param {Places} places
 * @returns {Promise<ActResult>}
 */
async function execute(run, places) {
  const { act, event = 'workflow_dispatch', timeoutMs = 120_000 } = run
  const args = [...act.args, event, '-W', places.workflow, '--json', '--rm', '--no-cache-server']
  args.push('--container-daemon-socket', '-', '--action-cache-path', places.cache)
  for (const label of RUNNERS) args.push('-P', `${label}=-self-hosted`)
  for (const kind of ['env', 'secret', 'var', 'input']) args.push(`--${kind}-file`, '/dev/null')
  if (event === 'schedule') {
    const payload = join(places.home, 'event.json')
    writeFileSync(payload, '{"schedule":"17 3 * * *"}')
    args.push('-e', payload)
  }
  for (const [name, value] of Object.entries(run.secrets ?? {})) args.push('-s', `${name}=${value}`)
  for (const [name, value] of Object.entries(run.variables ?? {})) args.push('--var', `${name}=${value}`)
  for (const [name, path] of Object.entries(run.actions ?? {}))
    args.push('--local-repository', `${name}=${path}`)
  // act passes its whole environment to the steps, so it must not get the one of this process.
  const env = { PATH: places.bin + delimiter + process.env['PATH'], HOME: places.home, LANG: 'C.UTF-8' }
  const child = spawn(act.command, args, { cwd: places.work, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => (out += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk) => (errors += chunk))
  let late = false
  const limit = setTimeout(() => {
    late = true
    child.kill('SIGTERM')
  }, timeoutMs)
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  clearTimeout(limit)
  if (late) endOrphans(places.pids)
  const events = out.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line)]
    } catch {
      return []
    }
  })
  const text = existsSync(places.text) ? readFileSync(places.text, 'utf8') : ''
  return {
    code,
    late,
    log: [...events.map(({ msg }) => msg), errors].join('\n'),
    text,
    jobs: resultsOf(events),
  }
}

/** Ends the processes that the shim started. They survive act. @param {string} pids */
function endOrphans(pids) {
  if (!existsSync(pids)) return
  for (const pid of readFileSync(pids, 'utf8').split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It has already ended.
    }
  }
}

/** @param {{ jobID?: string, jobResult?: string }[]} events */
function resultsOf(events) {
  /** @type {Record<string, string[]>} */
  const jobs = {}
  for (const { jobID, jobResult } of events)
    if (jobID !== undefined && jobResult !== undefined) (jobs[jobID] ??= []).push(jobResult)
  return jobs
}

/**
 * Copies the files of this action that a release contains, for `actions`.
 * @param {string} folder
 */
export function copyAction(folder) {
  for (const name of ['action.yml', 'dist', 'package.json'])
    cpSync(join(projectFolder, name), join(folder, name), { recursive: true })
}
