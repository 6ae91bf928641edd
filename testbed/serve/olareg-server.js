import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from '../http.js'
import { onPort, startProcess } from './server-process.js'

/**
 * @typedef {import('./registry-server.js').RegistryOptions} RegistryOptions
 * @typedef {import('./registry-server.js').RegistryServer} RegistryServer
 */

/** The options that olareg supports. It has no passwords, no cache and no proxy. */
const known = ['binary', 'folder', 'port', 'tls', 'deleteEnabled', 'readonly', 'rootDirectory']

/**
 * Starts olareg on 127.0.0.1 and waits until it responds. It never starts a garbage collection by itself.
 * @param {RegistryOptions} options
 * @returns {Promise<RegistryServer>}
 */
export async function startOlareg(options) {
  // An ignored option would make a test meaningless.
  const unknown = Object.entries(options).filter(([name, value]) => value && !known.includes(name))
  if (unknown.length > 0) throw new Error(`olareg has no option ${unknown.map(([name]) => name).join(', ')}`)
  return onPort(options.port, (port) => start(options, port))
}

/**
 * @param {RegistryOptions} options
 * @param {number} port
 * @returns {Promise<RegistryServer>}
 */
async function start({ binary, folder, tls, deleteEnabled = true, readonly, rootDirectory }, port) {
  const root = rootDirectory ?? join(folder, 'data')
  mkdirSync(root, { recursive: true })
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`
  const running = await startProcess({
    command: binary.command,
    args: [
      ...binary.args,
      ...['serve', '--verbosity', 'debug', '--addr', '127.0.0.1', '--port', String(port)],
      ...['--store-type', 'dir', '--dir', root, '--gc-frequency', '-1s'],
      ...(tls ? ['--tls-cert', tls.certPath, '--tls-key', tls.keyPath] : []),
      ...(deleteEnabled ? ['--api-delete', '--api-blob-delete'] : []),
      ...(readonly ? ['--store-ro'] : []),
    ],
    cwd: folder,
    // On SIGTERM it would collect garbage first.
    endWith: 'SIGKILL',
    isReady: (log) => responds(url, tls?.ca, log),
  })
  return {
    url,
    host: `127.0.0.1:${port}`,
    port,
    root,
    config: undefined,
    ca: tls?.ca,
    auth: undefined,
    ...running,
  }
}

/**
 * Whether this process responds, and not another one at the same port: its log then contains a path that only this check
 * requests.
 * @param {string} url
 * @param {string | undefined} ca
 * @param {() => string} log
 */
async function responds(url, ca, log) {
  const mark = randomBytes(8).toString('hex')
  try {
    await request({ url: `${url}/v2/${mark}`, ca, timeoutMs: 2_000 })
  } catch {
    return false
  }
  // The response may arrive before the log line.
  for (let turn = 0; turn < 20 && !log().includes(mark); turn += 1) await sleep(10)
  return log().includes(mark)
}
