import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds package.json and action.yml. */
export const projectFolder = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')

/** The folder for fetched and built programs, which later runs use again. Git ignores it. */
export const toolsFolder = join(projectFolder, '.tools')

/**
 * A new folder in the system's temporary folder.
 * @param {string} purpose
 * @returns {Promise<string>}
 */
export function temporaryFolder(purpose) {
  return mkdtemp(join(tmpdir(), `registry-purge-${purpose}-`))
}

/** @type {string[]} */
const workFolders = []
process.on('exit', () => {
  for (const folder of workFolders) rmSync(folder, { recursive: true, force: true })
})

/**
 * A new folder inside `.tools`: on the same file system as the final place, so that a rename from here is atomic.
 * It is removed when this process exits.
 * @param {string} purpose
 * @returns {string}
 */
export function toolsWorkFolder(purpose) {
  mkdirSync(join(toolsFolder, 'work'), { recursive: true })
  const folder = mkdtempSync(join(toolsFolder, 'work', `${purpose}-`))
  workFolders.push(folder)
  return folder
}
