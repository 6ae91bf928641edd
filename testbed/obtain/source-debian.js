import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { lastLine, runCommand } from '../command.js'

const registryPackage = 'docker-registry'

/**
 * Unpacks the registry from Debian's package.
 * @param {string} version
 * @param {string} folder an empty folder for the program
 * @param {(line: string) => void} say
 * @returns {Promise<{ path: string, how: string } | { missing: string }>}
 */
export async function unpackFromDebian(version, folder, say) {
  if (!version.startsWith('2.')) return { missing: 'Debian has no version 3' }
  const unpacked = await unpackPackages([registryPackage], folder, (line) =>
    say(`registry ${version}: ${line}`),
  )
  if ('missing' in unpacked) return unpacked
  return {
    path: join(unpacked.root, 'usr', 'bin', registryPackage),
    how: `Debian's package ${registryPackage}, unpacked`,
  }
}

/**
 * Unpacks Debian packages into a folder without installing them: no service starts, and nothing outside the folder
 * changes. If a package is not found, it refreshes the package lists once, which only root can do.
 * @param {string[]} names
 * @param {string} folder gets the files `*.deb` and the folder `unpacked`; packages that were unpacked before are kept
 * @param {(line: string) => void} say
 * @returns {Promise<{ root: string, files: string[] } | { missing: string }>} `files` are the paths of the packages
 */
export async function unpackPackages(names, folder, say) {
  say(`fetching Debian's ${names.length === 1 ? 'package' : 'packages'} ${names.join(', ')}`)
  const before = new Set(packagesIn(folder))
  const download = () => runCommand('apt-get', ['download', ...names], { cwd: folder, timeoutMs: 3 * 60_000 })
  let fetched = await download()
  if (fetched.code === 127) return { missing: 'there is no apt-get here' }
  if (fetched.code !== 0) {
    if (process.getuid?.() !== 0) {
      return { missing: `apt-get download failed, and only root can refresh its lists: ${lastLine(fetched)}` }
    }
    say('refreshing the lists of packages with apt-get update')
    const updated = await runCommand('apt-get', ['update'], { timeoutMs: 3 * 60_000 })
    fetched = await download()
    if (fetched.code !== 0) {
      return { missing: `apt-get download failed: ${lastLine(updated.code === 0 ? fetched : updated)}` }
    }
  }
  const files = packagesIn(folder).filter((file) => !before.has(file))
  if (files.length === 0) return { missing: 'apt-get download left no package' }
  const root = join(folder, 'unpacked')
  for (const file of files) {
    const unpacked = await runCommand('dpkg-deb', ['-x', file, root])
    if (unpacked.code !== 0) return { missing: `dpkg-deb failed: ${lastLine(unpacked)}` }
  }
  return { root, files }
}

/** @param {string} folder */
function packagesIn(folder) {
  return readdirSync(folder)
    .filter((entry) => entry.endsWith('.deb'))
    .map((entry) => join(folder, entry))
}
