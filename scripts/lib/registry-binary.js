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
import { projectFolder, toolsFolder, toolsWorkFolder } from './project.js'
import { statedVersion } from './registry-version.js'
import { unpackFromDebian } from './source-debian.js'
import { copyFromImage } from './source-docker.js'
import { buildWithGo } from './source-go.js'

/**
 * @typedef {'3.1.1' | '3.0.0' | '2.8.2'} RegistryVersion
 * @typedef {{ command: string, args: string[], version: string, how: string }} RegistryBinary
 * @typedef {{ missing: string }} MissingRegistry
 * @typedef {(line: string) => void} Say
 * @typedef {(version: string, folder: string, say: Say) => Promise<{ path: string, how: string } | MissingRegistry>} Source
 */

/** @type {RegistryVersion[]} */
export const registryVersions = ['3.1.1', '3.0.0', '2.8.2']

const silent = () => {}

/** @type {Map<string, Promise<RegistryBinary | MissingRegistry>>} */
const running = new Map()

/**
 * Looks for a registry of exactly this version without fetching anything.
 * @param {RegistryVersion} version
 * @returns {Promise<RegistryBinary | MissingRegistry>}
 */
export async function findRegistry(version) {
  const command = fetchedPath(version)
  if (existsSync(command) && (await statedVersion(command)) === version) {
    return { command, args: [], version, how: `fetched before, ${command.slice(projectFolder.length + 1)}` }
  }
  const onPath = await registryOnPath((stated) => stated === version)
  return onPath ?? { missing: `no registry ${version} here: node scripts/registries.js fetches it` }
}

/**
 * Finds a registry of exactly this version, or fetches it: built with Go, out of a Docker image, from Debian.
 * @param {RegistryVersion} version
 * @param {Say} [say]
 * @returns {Promise<RegistryBinary | MissingRegistry>}
 */
export function obtainRegistry(version, say = silent) {
  const attempt =
    running.get(version) ??
    // Kept only while it runs: what is missing now may be there at the next call.
    findOrFetch(version, say).finally(() => running.delete(version))
  running.set(version, attempt)
  return attempt
}

/**
 * Any registry that the demo can use, the newest first.
 * @param {Say} [say]
 * @returns {Promise<RegistryBinary | MissingRegistry>}
 */
export async function obtainAnyRegistry(say = silent) {
  for (const version of registryVersions) {
    const found = await findRegistry(version)
    if (!('missing' in found)) return found
  }
  const other = await registryOnPath((stated) => /^(3\.|2\.8\.)/.test(stated))
  if (other) return other
  return firstOf(
    [
      [copyFromImage, '3.1.1'],
      [buildWithGo, '3.1.1'],
      [unpackFromDebian, '2.8.2'],
    ],
    say,
  )
}

/**
 * @param {RegistryVersion} version
 * @param {Say} say
 */
async function findOrFetch(version, say) {
  const found = await findRegistry(version)
  if (!('missing' in found)) return found
  /** @type {Source[]} */
  const sources = version === '2.8.2' ? [copyFromImage, unpackFromDebian] : [buildWithGo, copyFromImage]
  return firstOf(
    sources.map((source) => [source, version]),
    say,
  )
}

/**
 * @param {[Source, RegistryVersion][]} attempts
 * @param {Say} say
 * @returns {Promise<RegistryBinary | MissingRegistry>}
 */
async function firstOf(attempts, say) {
  const reasons = []
  for (const [source, version] of attempts) {
    const found = await fetchFrom(source, version, say)
    if (!('missing' in found)) return found
    say(`registry ${version}: ${found.missing}`)
    reasons.push(found.missing)
  }
  return { missing: reasons.join('; ') }
}

/**
 * Several processes may do this at once: each works in a folder of its own, and the finished program is put in its
 * place by one rename. The last one wins, and all are alike.
 * @param {Source} source
 * @param {RegistryVersion} version
 * @param {Say} say
 * @returns {Promise<RegistryBinary | MissingRegistry>}
 */
async function fetchFrom(source, version, say) {
  let folder
  try {
    folder = toolsWorkFolder(`registry-${version}`)
    const fetched = await source(version, folder, say)
    if ('missing' in fetched) return fetched
    chmodSync(fetched.path, 0o755)
    const stated = await statedVersion(fetched.path)
    if (stated !== version) {
      return {
        missing: `${fetched.how}, but it states the version ${stated ?? 'nothing'} instead of ${version}`,
      }
    }
    const command = fetchedPath(version)
    mkdirSync(join(toolsFolder, 'bin'), { recursive: true })
    renameSync(fetched.path, command)
    return { command, args: [], version, how: fetched.how }
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) }
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {RegistryVersion} version */
function fetchedPath(version) {
  return join(toolsFolder, 'bin', `registry-${version}`)
}

/**
 * @param {(stated: string) => boolean} accepts
 * @returns {Promise<RegistryBinary | undefined>}
 */
async function registryOnPath(accepts) {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  const candidates = ['registry', 'docker-registry'].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  )
  for (const command of candidates.filter(isProgram)) {
    const version = await statedVersion(command)
    if (version && accepts(version)) return { command, args: [], version, how: `on the PATH, ${command}` }
  }
  return undefined
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
