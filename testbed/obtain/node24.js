import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { lastLine, runCommand } from '../command.js'
import { projectFolder, toolsFolder, toolsWorkFolder } from '../project.js'

/** The version that package.json pins. */
const pinned = 'node@24.21.0'

/**
 * The path of a Node 24 or newer, which the action needs: that of this process, of the project, or one that npm fetches.
 * @param {(line: string) => void} [say]
 * @returns {Promise<string>}
 */
export async function node24(say = () => {}) {
  if (isNew(process.version)) return process.execPath
  const fetched = join(toolsFolder, 'node24')
  for (const folder of [projectFolder, fetched]) {
    if (await worksIn(folder)) return program(folder)
  }
  say(`this is Node ${process.version}, the action needs 24: fetching ${pinned}`)
  const work = toolsWorkFolder('node24')
  try {
    const installed = await runCommand(
      'npm',
      ['install', '--prefix', work, '--no-save', '--no-audit', '--no-fund', pinned],
      { cwd: work, timeoutMs: 5 * 60_000, whileRunning: (seconds) => say(`still fetching, ${seconds} s`) },
    )
    if (installed.code !== 0) throw new Error(`npm install ${pinned} failed: ${lastLine(installed)}`)
    putInPlace(work, fetched)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  if (await worksIn(fetched)) return program(fetched)
  throw new Error(`${pinned} was installed but does not run`)
}

/**
 * Renames the folder. Another process may have put an equal copy there first.
 * @param {string} from
 * @param {string} to
 */
function putInPlace(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  try {
    renameSync(from, to)
  } catch (error) {
    if (!existsSync(program(to))) throw error
  }
}

/** @param {string} folder */
async function worksIn(folder) {
  if (!existsSync(program(folder))) return false
  const { code, stdout } = await runCommand(program(folder), ['--version'], { timeoutMs: 60_000 })
  return code === 0 && isNew(stdout)
}

/** @param {string} folder */
function program(folder) {
  return join(folder, 'node_modules', '.bin', 'node')
}

/** @param {string} version */
function isNew(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1]) >= 24
}
