import { runCommand } from '../command.js'
import { findBinary, obtainBinary } from './fetched-binary.js'
import { buildModule, pinnedVersion } from './source-module.js'

/** @type {import('./source-module.js').GoProgram} */
const source = {
  name: 'versitygw',
  module: 'github.com/versity/versitygw',
  package: 'github.com/versity/versitygw/cmd/versitygw',
  go: { major: 1, minor: 25 },
  time: 'up to two minutes',
}
export const versitygwVersion = pinnedVersion(source)
// A build as a dependency does not contain its own version.
const versioned = { ...source, ldflags: `-X main.Version=${versitygwVersion}` }

/** An object store with the S3 API, on a folder. */
const versitygw = { name: 'versitygw', commands: ['versitygw'], statedVersion }

/**
 * Finds the pinned versitygw without building it.
 * @returns {Promise<import('./fetched-binary.js').Binary | import('./fetched-binary.js').Missing>}
 */
export function findVersitygw() {
  return findBinary(versitygw, versitygwVersion)
}

/**
 * Finds the pinned versitygw, or builds it with Go.
 * @param {import('./fetched-binary.js').Say} [say]
 * @returns {Promise<import('./fetched-binary.js').Binary | import('./fetched-binary.js').Missing>}
 */
export function obtainVersitygw(say = () => {}) {
  return obtainBinary(versitygw, versitygwVersion, [buildModule(versioned)], say)
}

/** @param {string} command */
async function statedVersion(command) {
  const { code, stdout } = await runCommand(command, ['--version'], { timeoutMs: 60_000 })
  return code === 0 ? /^Version\s*:\s*(\d+\.\d+\.\d+\S*)$/m.exec(stdout)?.[1] : undefined
}
