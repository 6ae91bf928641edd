import { runCommand } from '../command.js'
import { findBinary, obtainBinary } from './fetched-binary.js'
import { buildModule, pinnedVersion } from './source-module.js'

/** @type {import('./source-module.js').GoProgram} */
const source = {
  name: 'act',
  module: 'github.com/nektos/act',
  package: 'github.com/nektos/act',
  go: { major: 1, minor: 25 },
  time: 'up to three minutes',
}
// A build as a dependency does not contain its own version.
const version = pinnedVersion(source)
const versioned = { ...source, ldflags: `-X main.version=${version}` }

export const actVersion = version

/** A program that runs GitHub's workflows on this machine, without containers. */
const act = { name: 'act', commands: ['act'], statedVersion }

/**
 * Finds the pinned act without building it.
 * @returns {Promise<import('./fetched-binary.js').Binary | import('./fetched-binary.js').Missing>}
 */
export function findAct() {
  return findBinary(act, actVersion)
}

/**
 * Finds the pinned act, or builds it with Go.
 * @param {import('./fetched-binary.js').Say} [say]
 * @returns {Promise<import('./fetched-binary.js').Binary | import('./fetched-binary.js').Missing>}
 */
export function obtainAct(say = () => {}) {
  return obtainBinary(act, actVersion, [buildModule(versioned)], say)
}

/** @param {string} command */
async function statedVersion(command) {
  const { code, stdout } = await runCommand(command, ['--version'], { timeoutMs: 60_000 })
  return code === 0 ? /^act version (\S+)$/m.exec(stdout.trim())?.[1] : undefined
}
