import { runCommand } from '../command.js'

/**
 * The version that a registry program states, or undefined if it is not a registry of the distribution project. Version 3
 * has its number in its source, so a build with `go install` states it too (with `+unknown` for the revision).
 * @param {string} command
 * @returns {Promise<string | undefined>}
 */
export async function statedVersion(command) {
  const { code, stdout } = await runCommand(command, ['--version'], { timeoutMs: 20_000 })
  if (code !== 0) return undefined
  return /\/distribution\S*\s+v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?)/.exec(stdout)?.[1]
}
