// Sets TMPDIR for the tests to a folder in memory. On a disk the tests would be slow: the action syncs its report several
// times in a run, and the registries sync each blob.

import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

const MEMORY = '/dev/shm'
const NAME = 'registry-purge-tests-'
/** Bytes that must be free. A container often has 64 MB only. */
const ENOUGH = 1 << 30

/** Runs before the tests, in the parent process of the test processes. */
export default function setUp() {
  if (process.env['TMPDIR'] !== undefined || !hasEnoughMemory()) return
  removeLeftovers()
  const folder = join(MEMORY, `${NAME}${process.pid}`)
  mkdirSync(folder, { mode: 0o700 })
  process.env['TMPDIR'] = folder
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
}

function hasEnoughMemory() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize >= ENOUGH
  } catch {
    return false
  }
}

/** Removes the folders of runs that were killed, because they use memory. */
function removeLeftovers() {
  for (const name of readdirSync(MEMORY)) {
    if (!name.startsWith(NAME) || isAlive(Number(name.slice(NAME.length)))) continue
    rmSync(join(MEMORY, name), { recursive: true, force: true })
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
