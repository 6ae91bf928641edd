import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastLine } from '../command.js'
import { findGo } from './go.js'
import { projectFolder } from '../project.js'

/**
 * @typedef {{ name: string, package: string, module: string, go: import('./go.js').GoVersion, ldflags?: string, time: string }} GoProgram
 * `name` is the name of the program and of its folder beside this file, whose go.mod and go.sum pin every module by its
 * hash. `time` is how long the build may take, for people.
 */

/** @param {string} name */
function moduleFolder(name) {
  return join(projectFolder, 'testbed', 'obtain', name)
}

/**
 * The version of a program in its go.mod.
 * @param {GoProgram} program
 */
export function pinnedVersion({ name, module }) {
  const lines = readFileSync(join(moduleFolder(name), 'go.mod'), 'utf8').split('\n')
  const line = lines.map((each) => each.trim()).find((each) => each.startsWith(`${module} v`))
  const version = line?.slice(`${module} v`.length).split(' ')[0]
  if (version === undefined) throw new Error(`testbed/obtain/${name}/go.mod names no version of ${module}`)
  return version
}

/**
 * Builds a program with Go from its module in this folder. `go install` of a version would not check the pinned hashes.
 * @param {GoProgram} program
 * @returns {import('./fetched-binary.js').Source}
 */
export function buildModule(program) {
  return async (version, folder, say) => {
    const { name } = program
    const found = await findGo(program.go, folder)
    if ('missing' in found) return found
    say(`${name} ${version}: building it with go build (${program.time})`)
    const path = join(folder, name)
    const built = await found.go(
      [
        'build',
        ...found.flags,
        '-mod=readonly',
        '-trimpath',
        `-ldflags=-s -w${program.ldflags === undefined ? '' : ` ${program.ldflags}`}`,
        '-o',
        path,
        program.package,
      ],
      {
        cwd: moduleFolder(name),
        timeoutMs: 15 * 60_000,
        whileRunning: (seconds) => say(`${name} ${version}: still building, ${seconds} s`),
      },
    )
    if (built.code !== 0) return { missing: `go build failed: ${lastLine(built)}` }
    return { path, how: 'built with go build' }
  }
}
