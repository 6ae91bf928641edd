import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { lastLine, runCommand } from './command.js'

const name = 'docker-registry'

/**
 * Unpacks Debian's package of the registry without installing it: no service is started, nothing outside the folder
 * changes.
 * @param {string} version
 * @param {string} folder an empty folder for the program
 * @param {(line: string) => void} say
 * @returns {Promise<{ path: string, how: string } | { missing: string }>}
 */
export async function unpackFromDebian(version, folder, say) {
  if (!version.startsWith('2.')) return { missing: 'Debian has no version 3' }
  say(`registry ${version}: fetching Debian's package ${name}`)
  const download = () => runCommand('apt-get', ['download', name], { cwd: folder, timeoutMs: 3 * 60_000 })
  let fetched = await download()
  if (fetched.code === 127) return { missing: 'there is no apt-get here' }
  if (fetched.code !== 0) {
    if (process.getuid?.() !== 0) {
      return { missing: `apt-get download failed, and only root can refresh its lists: ${lastLine(fetched)}` }
    }
    say(`registry ${version}: refreshing the lists of packages with apt-get update`)
    const updated = await runCommand('apt-get', ['update'], { timeoutMs: 3 * 60_000 })
    fetched = await download()
    if (fetched.code !== 0) {
      return { missing: `apt-get download failed: ${lastLine(updated.code === 0 ? fetched : updated)}` }
    }
  }
  const file = readdirSync(folder).find((entry) => entry.endsWith('.deb'))
  if (!file) return { missing: 'apt-get download left no package' }
  const unpacked = await runCommand('dpkg-deb', ['-x', file, 'unpacked'], { cwd: folder })
  if (unpacked.code !== 0) return { missing: `dpkg-deb failed: ${lastLine(unpacked)}` }
  return { path: join(folder, 'unpacked', 'usr', 'bin', name), how: `Debian's package ${name}, unpacked` }
}
