import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastLine } from './command.js'
import { findGo } from './go.js'
import { projectFolder } from './project.js'

/** Its go.mod and go.sum say what is built, every module by its hash. */
const moduleFolder = join(projectFolder, 'scripts', 'olareg')

/** The version that go.mod names. */
export const olaregVersion = pinnedVersion()

/**
 * Builds olareg with Go. Out of a module of ours: `go install` of a version refuses it.
 * @param {string} version
 * @param {string} folder an empty folder for the program
 * @param {(line: string) => void} say
 * @returns {Promise<{ path: string, how: string } | { missing: string }>}
 */
export async function buildOlareg(version, folder, say) {
  const found = await findGo({ major: 1, minor: 21 }, folder)
  if ('missing' in found) return found
  say(`olareg ${version}: building it with go build (up to a minute)`)
  const path = join(folder, 'olareg')
  const built = await found.go(
    [
      'build',
      ...found.flags,
      '-mod=readonly',
      '-trimpath',
      '-ldflags=-s -w',
      '-o',
      path,
      'github.com/olareg/olareg/cmd/olareg',
    ],
    {
      cwd: moduleFolder,
      timeoutMs: 10 * 60_000,
      whileRunning: (seconds) => say(`olareg ${version}: still building, ${seconds} s`),
    },
  )
  if (built.code !== 0) return { missing: `go build failed: ${lastLine(built)}` }
  return { path, how: 'built with go build' }
}

function pinnedVersion() {
  const text = readFileSync(join(moduleFolder, 'go.mod'), 'utf8')
  const [, version] = /^\s*github\.com\/olareg\/olareg v(\S+)/m.exec(text) ?? []
  if (version === undefined) throw new Error('scripts/olareg/go.mod names no version of olareg')
  return version
}
