import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { lastLine, runCommand } from '../command.js'
import { binaryOnPath } from './fetched-binary.js'
import { projectFolder, toolsFolder, toolsWorkFolder } from '../project.js'
import { unpackPackages } from './source-debian.js'

/**
 * @typedef {import('./fetched-binary.js').Binary} Binary
 * @typedef {import('./fetched-binary.js').Missing} Missing
 * @typedef {import('./fetched-binary.js').Say} Say
 * @typedef {{
 *   name: string,
 *   commands: string[],
 *   minimum: string,
 *   packages: string[],
 *   path: string,
 *   statedVersion: (command: string, env?: NodeJS.ProcessEnv) => Promise<string | undefined>,
 * }} DebianProgram
 * A program of version `minimum` or newer, so that the package of any Debian release is good enough.
 * `commands` are its names on a PATH; `path` is its place in `packages`.
 */

/** How often to repeat the search for missing libraries: a fetched library may need further ones. */
const DEPTH = 4

/**
 * Finds a program without fetching it.
 * @param {DebianProgram} program
 * @returns {Promise<Binary | Missing>}
 */
export async function findDebianProgram(program) {
  const root = unpackedRoot(program)
  if (existsSync(join(root, program.path))) {
    const found = await checked(program, root, `fetched before, ${relative(projectFolder, root)}`)
    if (!('missing' in found)) return found
  }
  const onPath = await binaryOnPath(program, (stated) => isAtLeast(stated, program.minimum))
  return onPath ?? { missing: `no ${program.name} here: node scripts/registries.js fetches it` }
}

/**
 * Finds a program, or unpacks Debian's packages of it and of the libraries that are missing on this machine.
 * @param {DebianProgram} program
 * @param {Say} [say]
 * @returns {Promise<Binary | Missing>}
 */
export async function obtainDebianProgram(program, say = () => {}) {
  const found = await findDebianProgram(program)
  if (!('missing' in found)) return found
  let folder
  try {
    folder = toolsWorkFolder(program.name)
    const fetched = await fetchWithLibraries(program, folder, (line) => say(`${program.name}: ${line}`))
    if ('missing' in fetched) return fetched
    const complete = await checked(program, fetched.root, '')
    if ('missing' in complete) return complete
    const root = unpackedRoot(program)
    mkdirSync(join(root, '..'), { recursive: true })
    rmSync(root, { recursive: true, force: true })
    try {
      renameSync(fetched.root, root)
    } catch (error) {
      // Another process was faster and has put the same packages there.
      if (!existsSync(root)) throw error
    }
    return await checked(program, root, `Debian's ${program.packages.join(' and ')}, unpacked`)
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) }
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The program in an unpacked root, if it starts and is new enough. If it needs unpacked libraries, its command line sets
 * the library path with `env`.
 * @param {DebianProgram} program
 * @param {string} root
 * @param {string} how
 * @returns {Promise<Binary | Missing>}
 */
async function checked(program, root, how) {
  const path = join(root, program.path)
  const version = await program.statedVersion(path, withLibraries(root))
  if (version === undefined) return { missing: `Debian's ${program.name} does not start here` }
  if (!isAtLeast(version, program.minimum)) {
    return { missing: `Debian's ${program.name} is ${version}, older than ${program.minimum}` }
  }
  const libraries = libraryPath(root)
  return {
    ...(libraries === ''
      ? { command: path, args: [] }
      : { command: 'env', args: [`LD_LIBRARY_PATH=${libraries}`, path] }),
    version,
    how: `${version}, ${how}`,
  }
}

/**
 * @param {DebianProgram} program
 * @param {string} folder
 * @param {Say} say
 * @returns {Promise<{ root: string } | Missing>}
 */
async function fetchWithLibraries({ packages, path }, folder, say) {
  let fetched = await unpackPackages(packages, folder, say)
  if ('missing' in fetched) return fetched
  for (let depth = 1; depth <= DEPTH; depth += 1) {
    const { root, files } = fetched
    const lacking = await lackingLibraries(join(root, path), withLibraries(root))
    if (lacking.length === 0) return { root }
    const libraries = await librariesOf(files)
    if (libraries.length === 0) return { missing: `no package has ${lacking.join(', ')}` }
    fetched = await unpackPackages(libraries, folder, say)
    if ('missing' in fetched) return fetched
  }
  return { root: fetched.root }
}

/**
 * The library packages that these packages depend on and that are not installed.
 * @param {string[]} files
 * @returns {Promise<string[]>}
 */
async function librariesOf(files) {
  const names = new Set()
  for (const file of files) {
    const { stdout } = await runCommand('dpkg-deb', ['-f', file, 'Depends'])
    for (const each of stdout.split(',')) {
      const name = /^lib[a-z0-9.+-]+/.exec(each.trim())?.[0]
      // The C library needs the loader of its own version, and the path of the loader is fixed in the program.
      if (name !== undefined && name !== 'libc6') names.add(name)
    }
  }
  const lacking = []
  for (const name of names) {
    const { stdout } = await runCommand('dpkg-query', ['-W', '-f', '${Status}\n', name])
    if (!stdout.includes('install ok installed')) lacking.push(name)
  }
  return lacking
}

/**
 * @param {string} program
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string[]>}
 */
async function lackingLibraries(program, env) {
  const listed = await runCommand('ldd', [program], { env })
  if (listed.code !== 0) throw new Error(`ldd failed: ${lastLine(listed)}`)
  return [...listed.stdout.matchAll(/^\s*(\S+) => not found$/gm)].map(([, name = '']) => name)
}

/** @param {string} root */
function withLibraries(root) {
  return { ...process.env, LD_LIBRARY_PATH: libraryPath(root) }
}

/**
 * The library folders of a root, as LD_LIBRARY_PATH lists them.
 * @param {string} root
 */
function libraryPath(root) {
  return ['usr/lib', 'lib']
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((entry) => entry.includes('-linux-'))
        .map((entry) => join(folder, entry)),
    )
    .join(':')
}

/**
 * @param {string} version
 * @param {string} minimum
 */
function isAtLeast(version, minimum) {
  return version.localeCompare(minimum, 'en', { numeric: true }) >= 0
}

/** @param {DebianProgram} program */
function unpackedRoot({ name }) {
  return join(toolsFolder, 'debian', name)
}
