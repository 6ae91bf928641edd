import { runCommand } from '../command.js'
import { findBinary, obtainBinary } from './fetched-binary.js'
import { buildModule, pinnedVersion } from './source-module.js'

/** @type {import('./source-module.js').GoProgram} */
const source = {
  name: 'olareg',
  module: 'github.com/olareg/olareg',
  package: 'github.com/olareg/olareg/cmd/olareg',
  go: { major: 1, minor: 21 },
  time: 'up to a minute',
}

export const olaregVersion = pinnedVersion(source)

/** A registry that shares no code with the distribution project's and differs in many responses. */
const olareg = { name: 'olareg', commands: ['olareg'], statedVersion }

/**
 * Finds the pinned olareg without building it.
 * @returns {Promise<import('./fetched-binary.js').Binary | import('./fetched-binary.js').Missing>}
 */
export function findOlareg() {
  return findBinary(olareg, olaregVersion)
}

/**
 * Finds the pinned olareg, or builds it with Go.
 * @param {import('./fetched-binary.js').Say} [say]
 * @returns {Promise<import('./fetched-binary.js').Binary | import('./fetched-binary.js').Missing>}
 */
export function obtainOlareg(say = () => {}) {
  return obtainBinary(olareg, olaregVersion, [buildModule(source)], say)
}

/** @param {string} command */
async function statedVersion(command) {
  const args = ['version', '--format', '{{.VCSTag}}']
  const { code, stdout } = await runCommand(command, args, { timeoutMs: 60_000 })
  return code === 0 ? /^v(\d+\.\d+\.\d+\S*)$/.exec(stdout.trim())?.[1] : undefined
}
