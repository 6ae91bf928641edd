import { join } from 'node:path'
import { lastLine } from '../command.js'
import { findGo } from './go.js'

/**
 * Builds the registry of the distribution project with Go.
 * @param {string} version
 * @param {string} folder an empty folder for the program
 * @param {(line: string) => void} say
 * @returns {Promise<{ path: string, how: string } | { missing: string }>}
 */
export async function buildWithGo(version, folder, say) {
  if (!version.startsWith('3.')) return { missing: 'only version 3 can be built with go install' }
  const found = await findGo({ major: 1, minor: 25 }, folder)
  if ('missing' in found) return found
  say(`registry ${version}: building it with go install (up to three minutes)`)
  const built = await found.go(
    [
      'install',
      ...found.flags,
      '-trimpath',
      '-ldflags=-s -w',
      `github.com/distribution/distribution/v3/cmd/registry@v${version}`,
    ],
    {
      cwd: folder,
      timeoutMs: 15 * 60_000,
      whileRunning: (seconds) => say(`registry ${version}: still building, ${seconds} s`),
    },
  )
  if (built.code !== 0) return { missing: `go install failed: ${lastLine(built)}` }
  return { path: join(folder, 'registry'), how: 'built with go install' }
}
