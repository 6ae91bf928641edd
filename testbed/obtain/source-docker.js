import { join } from 'node:path'
import { lastLine, runCommand } from '../command.js'

/**
 * Copies the registry program from its Docker image, to run it without a container.
 * @param {string} version
 * @param {string} folder an empty folder for the program
 * @param {(line: string) => void} say
 * @returns {Promise<{ path: string, how: string } | { missing: string }>}
 */
export async function copyFromImage(version, folder, say) {
  const daemon = await runCommand('docker', ['info'], { timeoutMs: 10_000 })
  if (daemon.code !== 0) return { missing: 'no Docker daemon responds' }
  const image = `registry:${version}`
  say(`registry ${version}: taking it from the image ${image}`)
  const created = await runCommand('docker', ['create', image], {
    timeoutMs: 5 * 60_000,
    whileRunning: (seconds) => say(`registry ${version}: still pulling, ${seconds} s`),
  })
  if (created.code !== 0) return { missing: `docker create ${image} failed: ${lastLine(created)}` }
  const container = created.stdout.trim().split('\n').at(-1) ?? ''
  const path = join(folder, 'registry')
  const copied = await runCommand('docker', ['cp', `${container}:/bin/registry`, path])
  await runCommand('docker', ['rm', container])
  if (copied.code !== 0) return { missing: `docker cp failed: ${lastLine(copied)}` }
  return { path, how: `copied out of the image ${image}` }
}
