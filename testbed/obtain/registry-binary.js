import { binaryOnPath, fetchBinary, findBinary, obtainBinary } from './fetched-binary.js'
import { statedVersion } from './registry-version.js'
import { unpackFromDebian } from './source-debian.js'
import { copyFromImage } from './source-docker.js'
import { buildWithGo } from './source-go.js'

/**
 * @typedef {'3.1.1' | '3.0.0' | '2.8.2'} RegistryVersion
 * @typedef {import('./fetched-binary.js').Binary} Binary
 * @typedef {import('./fetched-binary.js').Missing} Missing
 * @typedef {import('./fetched-binary.js').Say} Say
 */

/** @type {RegistryVersion[]} */
export const registryVersions = ['3.1.1', '3.0.0', '2.8.2']

/** The registry of the distribution project. */
const registry = { name: 'registry', commands: ['registry', 'docker-registry'], statedVersion }

const silent = () => {}

/**
 * Finds a registry of exactly this version without fetching it.
 * @param {RegistryVersion} version
 * @returns {Promise<Binary | Missing>}
 */
export function findRegistry(version) {
  return findBinary(registry, version)
}

/**
 * Finds a registry of exactly this version, or fetches it: built with Go, from a Docker image, or from Debian.
 * @param {RegistryVersion} version
 * @param {Say} [say]
 * @returns {Promise<Binary | Missing>}
 */
export function obtainRegistry(version, say = silent) {
  const sources = version === '2.8.2' ? [copyFromImage, unpackFromDebian] : [buildWithGo, copyFromImage]
  return obtainBinary(registry, version, sources, say)
}

/**
 * Any registry that the demo can use, the newest first.
 * @param {Say} [say]
 * @returns {Promise<Binary | Missing>}
 */
export async function obtainAnyRegistry(say = silent) {
  for (const version of registryVersions) {
    const found = await findRegistry(version)
    if (!('missing' in found)) return found
  }
  const other = await binaryOnPath(registry, (stated) => /^(3\.|2\.8\.)/.test(stated))
  if (other) return other
  return fetchBinary(
    registry,
    [
      [copyFromImage, '3.1.1'],
      [buildWithGo, '3.1.1'],
      [unpackFromDebian, '2.8.2'],
    ],
    say,
  )
}
