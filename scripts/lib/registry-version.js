import { runCommand } from './command.js'

/**
 * The version that a registry program states itself, or undefined where the program is no registry of the
 * distribution project. `go install` needs no stamp: version 3 carries its number in its source, so a build from the
 * module prints it too (with `+unknown` for the revision that only a release build knows).
 * @param {string} command
 * @returns {Promise<string | undefined>}
 */
export async function statedVersion(command) {
  const { code, stdout } = await runCommand(command, ['--version'], { timeoutMs: 20_000 })
  if (code !== 0) return undefined
  return /\/distribution\S*\s+v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?)/.exec(stdout)?.[1]
}
