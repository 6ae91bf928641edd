import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { lastLine, runCommand } from './command.js'
import { toolsFolder } from './project.js'

const oldest = { major: 1, minor: 25 }

/**
 * Builds the registry of the distribution project with Go.
 * @param {string} version
 * @param {string} folder an empty folder for the program
 * @param {(line: string) => void} say
 * @returns {Promise<{ path: string, how: string } | { missing: string }>}
 */
export async function buildWithGo(version, folder, say) {
  if (!version.startsWith('3.')) return { missing: 'only version 3 can be built with go install' }
  const { env, args } = surroundings(folder)
  // In the work folder: neither a go.mod nor a go.work of somebody else has a say there.
  const stated = await runCommand('go', ['version'], { cwd: folder, env })
  if (stated.code !== 0) return { missing: 'there is no Go here' }
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(stated.stdout) ?? []
  if (!(Number(major) > oldest.major || (Number(major) === oldest.major && Number(minor) >= oldest.minor))) {
    return {
      missing: `Go ${oldest.major}.${oldest.minor} or newer is needed, here is ${stated.stdout.trim()}`,
    }
  }
  say(`registry ${version}: building it with go install (up to three minutes)`)
  const built = await runCommand(
    'go',
    [
      'install',
      ...args,
      '-trimpath',
      '-ldflags=-s -w',
      `github.com/distribution/distribution/v3/cmd/registry@v${version}`,
    ],
    {
      cwd: folder,
      env,
      timeoutMs: 15 * 60_000,
      whileRunning: (seconds) => say(`registry ${version}: still building, ${seconds} s`),
    },
  )
  if (built.code !== 0) return { missing: `go install failed: ${lastLine(built)}` }
  return { path: join(folder, 'registry'), how: 'built with go install' }
}

/** @param {string} folder */
function surroundings(folder) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, GOBIN: folder, GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' }
  // A cross build would not go to GOBIN, and could not be run.
  delete env['GOOS']
  delete env['GOARCH']
  if (homeIsWritable()) return { env, args: [] }
  env['GOPATH'] ??= join(toolsFolder, 'go')
  env['GOCACHE'] ??= join(toolsFolder, 'go-cache')
  // Else the module cache is read-only, and nobody but root can delete .tools again.
  return { env, args: ['-modcacherw'] }
}

function homeIsWritable() {
  try {
    accessSync(process.env['HOME'] ?? '', constants.W_OK)
    return true
  } catch {
    return false
  }
}
