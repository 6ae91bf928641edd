import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lastLine, runCommand } from '../../testbed/command.js'
import { obtainRegctl } from '../../testbed/obtain/regctl-binary.js'
import { runAction } from '../../testbed/run/runner.js'
import { repository } from './scenes.js'

/**
 * @typedef {{
 *   registry: import('../../testbed/serve/registry-server.js').RegistryServer,
 *   caPath: string,
 *   scene: import('./scenes.js').Scene,
 *   phases: import('./smallest.js').Phase[],
 *   folder: string,
 * }} Course
 * @typedef {{ seconds: number, cpu?: number | undefined, mib?: number | undefined, requests?: Record<string, number> | number | undefined }} Result
 * `seconds` and `cpu` are those of the client, including its start-up; `mib` is its peak memory.
 * @typedef {(course: Course) => Promise<Result>} Contender
 */

const own = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url))
const timeoutMs = 20 * 60_000
const loginOf = (/** @type {Course} */ { registry }) =>
  `${registry.auth?.username}:${registry.auth?.password}`

/** @type {Contender} */
export async function action({ registry, scene, folder }) {
  const meter = join(folder, 'meter.json')
  const inputs = {
    registry: registry.url,
    username: registry.auth?.username ?? '',
    password: registry.auth?.password ?? '',
    'ca-certificate': registry.ca ?? '',
    'verify-attempts': '1',
    'verify-interval': '0s',
    ...scene.inputs,
  }
  const env = { METER: meter, NODE_OPTIONS: `--import=${new URL('meter.js', import.meta.url)}` }
  const run = await runAction({ inputs, env, folder: join(folder, 'run'), timeoutMs })
  if (run.outputs['result'] !== 'purged')
    throw new Error(`the result of the action is ${run.outputs['result']}:\n${run.log}`)
  return { seconds: run.ms / 1000, requests: run.report.requests, ...readMeter(meter) }
}

/** Measures the start-up, which is part of all runs of the action: a run that sends no request. @param {string} folder */
export async function startUp(folder) {
  const meter = join(folder, 'meter.json')
  const env = { METER: meter, NODE_OPTIONS: `--import=${new URL('meter.js', import.meta.url)}` }
  const run = await runAction({ inputs: { image: '' }, env, folder: join(folder, 'run'), timeoutMs })
  return { seconds: run.ms / 1000, ...readMeter(meter) }
}

/** @param {'node-fetch' | 'node:https'} how @returns {Contender} */
export function plain(how) {
  return async (course) => {
    const { registry, phases, folder } = course
    const job = join(folder, 'job.json')
    const meter = join(folder, 'meter.json')
    const authorization = `Basic ${Buffer.from(loginOf(course)).toString('base64')}`
    writeFileSync(job, JSON.stringify({ url: registry.url, ca: registry.ca, authorization, phases }))
    const args = ['--import', String(new URL('meter.js', import.meta.url)), own('plain.js'), job, how]
    const env = { ...process.env, METER: meter }
    const done = await runCommand(process.execPath, args, { env, timeoutMs })
    if (done.code !== 0) throw new Error(`the plain client failed: ${lastLine(done)}`)
    // It measures its own time, which does not include its start-up.
    return { ...JSON.parse(done.stdout), ...readMeter(meter) }
  }
}

/** @type {Contender} */
export async function curl(course) {
  const { registry, caPath, scene } = course
  const env = { ...process.env, CA: caPath, LOGIN: loginOf(course) }
  const args = [own('keep-set.sh'), registry.url, repository, deletedPattern(scene)]
  return shell(args, env)
}

/**
 * Why a contender cannot run on this machine, or undefined.
 * @param {string} name
 */
export async function missing(name) {
  const needs = name === 'curl' ? ['curl', 'jq'] : name === 'regctl' ? ['jq'] : []
  for (const program of needs)
    if ((await runCommand(program, ['--version'])).code !== 0) return `there is no ${program} here`
  if (name !== 'regctl') return undefined
  const binary = await obtainRegctl(console.error)
  return 'missing' in binary ? binary.missing : undefined
}

/** @type {Contender} */
export async function regctl(course) {
  const { registry, scene, folder } = course
  const binary = await obtainRegctl()
  if ('missing' in binary) throw new Error(binary.missing)
  const config = join(folder, 'regctl.json')
  const { username: user, password: pass } = registry.auth ?? {}
  const host = { tls: 'enabled', regcert: registry.ca, user, pass }
  writeFileSync(config, JSON.stringify({ hosts: { [registry.host]: host } }))
  const env = { ...process.env, REGCTL_CONFIG: config }
  const args = [own('regctl.sh'), binary.command, registry.host, repository, deletedPattern(scene)]
  return shell(args, env)
}

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Result>}
 */
async function shell(args, env) {
  const started = performance.now()
  const done = await runCommand('bash', args, { env, timeoutMs })
  const seconds = (performance.now() - started) / 1000
  if (done.code !== 0) throw new Error(`${args[0]} failed: ${lastLine(done)}`)
  return { seconds, ...JSON.parse(done.stdout.trim().split('\n').at(-1) ?? '{}') }
}

/** @param {import('./scenes.js').Scene} scene */
const deletedPattern = ({ deleted }) =>
  deleted.length > 2 ? '^debug-' : `^(${deleted.join('|').replaceAll('.', '\\.')})$`

/** @param {string} path */
const readMeter = (path) => JSON.parse(readFileSync(path, 'utf8'))
