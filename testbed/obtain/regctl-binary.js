import { runCommand } from '../command.js'
import { obtainBinary } from './fetched-binary.js'
import { buildModule, pinnedVersion } from './source-module.js'

/** @type {import('./source-module.js').GoProgram} */
const source = {
  name: 'regctl',
  module: 'github.com/regclient/regclient',
  package: 'github.com/regclient/regclient/cmd/regctl',
  go: { major: 1, minor: 25 },
  time: 'up to a minute',
}
const version = pinnedVersion(source)
const versioned = {
  ...source,
  ldflags: `-X github.com/regclient/regclient/internal/version.vcsTag=v${version}`,
}

export const regctlVersion = version

/** A common tool for deleting manifests and blobs. Only the benchmark needs it. */
const regctl = { name: 'regctl', commands: ['regctl'], statedVersion }

/**
 * Finds the pinned regctl, or builds it with Go.
 * @param {import('./fetched-binary.js').Say} [say]
 * @returns {Promise<import('./fetched-binary.js').Binary | import('./fetched-binary.js').Missing>}
 */
export function obtainRegctl(say = () => {}) {
  return obtainBinary(regctl, regctlVersion, [buildModule(versioned)], say)
}

/** @param {string} command */
async function statedVersion(command) {
  const args = ['version', '--format', '{{.VCSTag}}']
  const { code, stdout } = await runCommand(command, args, { timeoutMs: 60_000 })
  return code === 0 ? /^v?(\d+\.\d+\.\d+\S*)$/.exec(stdout.trim())?.[1] : undefined
}
