import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { projectFolder, toolsFolder, toolsWorkFolder } from '../project.js'

/**
 * @typedef {{ command: string, args: string[], version: string, how: string }} Binary
 * @typedef {{ missing: string }} Missing
 * @typedef {{
 *   name: string,
 *   commands: string[],
 *   statedVersion: (command: string) => Promise<string | undefined>,
 * }} Program
 * `commands` are its names on a PATH; `statedVersion` returns the version that a program prints.
 * @typedef {(line: string) => void} Say
 * @typedef {(version: string, folder: string, say: Say) => Promise<{ path: string, how: string } | Missing>} Source
 */

/** @type {Map<string, Promise<Binary | Missing>>} */
const running = new Map()

/**
 * Finds a program of exactly this version without fetching it.
 * @param {Program} program
 * @param {string} version
 * @returns {Promise<Binary | Missing>}
 */
export async function findBinary(program, version) {
  const command = fetchedPath(program, version)
  if (existsSync(command) && (await program.statedVersion(command)) === version) {
    return { command, args: [], version, how: `fetched before, ${command.slice(projectFolder.length + 1)}` }
  }
  const onPath = await binaryOnPath(program, (stated) => stated === version)
  return onPath ?? { missing: `no ${program.name} ${version} here: node scripts/registries.js fetches it` }
}

/**
 * Finds a program of exactly this version, or fetches it from the first of these sources that has it.
 * @param {Program} program
 * @param {string} version
 * @param {Source[]} sources
 * @param {Say} say
 * @returns {Promise<Binary | Missing>}
 */
export function obtainBinary(program, version, sources, say) {
  const findOrFetch = async () => {
    const found = await findBinary(program, version)
    if (!('missing' in found)) return found
    return fetchBinary(
      program,
      sources.map((source) => [source, version]),
      say,
    )
  }
  const key = `${program.name} ${version}`
  const attempt =
    running.get(key) ??
    // Kept only while it runs: a program that is missing now may exist at the next call.
    findOrFetch().finally(() => running.delete(key))
  running.set(key, attempt)
  return attempt
}

/**
 * @param {Program} program
 * @param {[Source, string][]} attempts pairs of a source and the version to fetch from it
 * @param {Say} say
 * @returns {Promise<Binary | Missing>}
 */
export async function fetchBinary(program, attempts, say) {
  const reasons = []
  for (const [source, version] of attempts) {
    const found = await fetchFrom(program, source, version, say)
    if (!('missing' in found)) return found
    say(`${program.name} ${version}: ${found.missing}`)
    reasons.push(found.missing)
  }
  return { missing: reasons.join('; ') }
}

/**
 * @param {Program} program
 * @param {(stated: string) => boolean} accepts
 * @returns {Promise<Binary | undefined>}
 */
export async function binaryOnPath({ commands, statedVersion }, accepts) {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  const candidates = commands.flatMap((name) => folders.map((folder) => join(folder, name)))
  for (const command of candidates.filter(isProgram)) {
    const version = await statedVersion(command)
    if (version && accepts(version)) return { command, args: [], version, how: `on the PATH, ${command}` }
  }
  return undefined
}

/**
 * Safe in several processes at once: each works in its own folder and then renames the program to its final path. The
 * last one wins, and all copies are equal.
 * @param {Program} program
 * @param {Source} source
 * @param {string} version
 * @param {Say} say
 * @returns {Promise<Binary | Missing>}
 */
async function fetchFrom(program, source, version, say) {
  let folder
  try {
    folder = toolsWorkFolder(`${program.name}-${version}`)
    const fetched = await source(version, folder, say)
    if ('missing' in fetched) return fetched
    chmodSync(fetched.path, 0o755)
    const stated = await program.statedVersion(fetched.path)
    if (stated !== version) {
      return {
        missing: `${fetched.how}, but it states the version ${stated ?? 'nothing'} instead of ${version}`,
      }
    }
    const command = fetchedPath(program, version)
    mkdirSync(join(toolsFolder, 'bin'), { recursive: true })
    renameSync(fetched.path, command)
    return { command, args: [], version, how: fetched.how }
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) }
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {Program} program
 * @param {string} version
 */
function fetchedPath({ name }, version) {
  return join(toolsFolder, 'bin', `${name}-${version}`)
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
