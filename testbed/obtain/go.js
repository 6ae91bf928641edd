import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runCommand } from '../command.js'
import { toolsFolder } from '../project.js'

/** The usual folder of Go's own archive. On many machines it is not on the PATH. */
const usualFolder = '/usr/local/go/bin'

/**
 * @typedef {{ major: number, minor: number }} GoVersion
 * @typedef {(args: string[], options: { cwd: string, timeoutMs?: number, whileRunning?: (seconds: number) => void }) =>
 *   ReturnType<typeof runCommand>} Go
 */

/**
 * Finds Go, set up to build programs for this machine.
 * @param {GoVersion} oldest
 * @param {string} folder an empty folder, where `go install` puts programs
 * @returns {Promise<{ go: Go, flags: string[] } | { missing: string }>} `flags` are for commands that fetch modules
 */
export async function findGo(oldest, folder) {
  const { env, flags } = surroundings(folder)
  /** @type {Go} */
  const go = (args, options) => runCommand('go', args, { ...options, env })
  // Runs in the work folder, where no other go.mod or go.work applies.
  const stated = await go(['version'], { cwd: folder })
  if (stated.code !== 0) return { missing: 'there is no Go here' }
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(stated.stdout) ?? []
  if (Number(major) > oldest.major || (Number(major) === oldest.major && Number(minor) >= oldest.minor))
    return { go, flags }
  return { missing: `Go ${oldest.major}.${oldest.minor} or newer is needed, here is ${stated.stdout.trim()}` }
}

/** @param {string} folder */
function surroundings(folder) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, GOBIN: folder, GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' }
  env['PATH'] = [process.env['PATH'], usualFolder].filter(Boolean).join(delimiter)
  // A cross build is not written to GOBIN and cannot run here.
  delete env['GOOS']
  delete env['GOARCH']
  if (homeIsWritable()) return { env, flags: [] }
  env['GOPATH'] ??= join(toolsFolder, 'go')
  env['GOCACHE'] ??= join(toolsFolder, 'go-cache')
  // Otherwise the module cache is read-only, and only root can delete .tools again.
  return { env, flags: ['-modcacherw'] }
}

function homeIsWritable() {
  try {
    accessSync(process.env['HOME'] ?? '', constants.W_OK)
    return true
  } catch {
    return false
  }
}
