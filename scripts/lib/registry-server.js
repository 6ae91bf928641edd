import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from './http.js'

/** The user of every registry that is started with `basic`. */
export const testUser = { username: 'purger', password: 'correct-horse-battery' }

/** That user's line of an htpasswd file. bcrypt with the lowest cost: a registry checks it at every request. */
const htpasswd = 'purger:$2y$04$registrypurgetestsaltu4D5kkjeL5F7T3S6bNnH8vBGkGZmRh2C\n'

const identityHeader = 'X-Test-Registry'

/**
 * @typedef {{
 *   binary: { command: string, args: string[] },
 *   folder: string,
 *   port?: number | undefined,
 *   tls?: import('./authority.js').Authority | undefined,
 *   basic?: boolean | undefined,
 *   deleteEnabled?: boolean | undefined,
 *   readonly?: boolean | undefined,
 *   cache?: 'inmemory' | undefined,
 *   proxyRemote?: string | undefined,
 *   secret?: string | undefined,
 *   rootDirectory?: string | undefined,
 *   redirectBase?: string | undefined,
 *   auth?: Record<string, unknown> | undefined,
 * }} RegistryOptions
 * `tls` makes it an https registry; `auth` replaces `basic` by an authentication section as the registry knows it.
 * Replicas are servers with the same `rootDirectory` and `secret`.
 *
 * @typedef {{
 *   url: string,
 *   host: string,
 *   port: number,
 *   root: string,
 *   config: string,
 *   pid: number,
 *   ca: string | undefined,
 *   auth: import('./http.js').Credentials | undefined,
 *   log: () => string,
 *   stop: () => Promise<void>,
 * }} RegistryServer
 * `url`, `ca` and `auth` are what a client needs; `config` is the path of the configuration, for garbage collection.
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const alive = new Set()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/**
 * Starts a real registry on 127.0.0.1 and waits until it answers.
 * @param {RegistryOptions} options
 * @returns {Promise<RegistryServer>}
 */
export async function startRegistry(options) {
  const wanted = options.port
  if (wanted !== undefined) return start(options, wanted)
  // Somebody else may take a free port before the registry does.
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(options, await freePort())
    } catch (error) {
      if (attempt === 3 || !String(error).includes('address already in use')) throw error
    }
  }
}

/**
 * @param {RegistryOptions} options
 * @param {number} port
 * @returns {Promise<RegistryServer>}
 */
async function start(options, port) {
  const { binary, folder, tls } = options
  const root = options.rootDirectory ?? join(folder, 'data')
  mkdirSync(root, { recursive: true })
  const identity = randomBytes(8).toString('hex')
  const config = join(folder, `registry-${port}.yml`)
  writeFileSync(config, configuration(options, port, root, identity))

  const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }
  const child = spawn(binary.command, [...binary.args, 'serve', config], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  alive.add(child)
  let log = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (log += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (log += text))
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      log += error.message
      alive.delete(child)
      resolve(undefined)
    })
    child.on('close', () => {
      alive.delete(child)
      resolve(undefined)
    })
  })

  const stop = async () => {
    if (!alive.has(child)) return
    child.kill('SIGTERM')
    const impatience = setTimeout(() => child.kill('SIGKILL'), 3_000)
    await ended
    clearTimeout(impatience)
  }

  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`
  const deadline = Date.now() + 20_000
  while (!(await answers(url, tls?.ca, identity))) {
    if (!alive.has(child)) throw new Error(`the registry ended at its start:\n${log}`)
    if (Date.now() > deadline) {
      await stop()
      throw new Error(`the registry does not answer at ${url}:\n${log}`)
    }
    await sleep(40)
  }
  return {
    url,
    host: `127.0.0.1:${port}`,
    port,
    root,
    config,
    pid: child.pid ?? 0,
    ca: tls?.ca,
    auth: options.basic && !options.auth ? testUser : undefined,
    log: () => log,
    stop,
  }
}

/**
 * The configuration as JSON, which every YAML reader reads.
 * @param {RegistryOptions} options
 * @param {number} port
 * @param {string} root
 * @param {string} identity
 */
function configuration(options, port, root, identity) {
  const { folder, tls, basic, deleteEnabled = true, readonly, cache, proxyRemote, redirectBase } = options
  const passwords = join(folder, 'htpasswd')
  if (basic) writeFileSync(passwords, htpasswd)
  const auth = options.auth ?? (basic ? { htpasswd: { realm: 'test', path: passwords } } : undefined)
  return JSON.stringify(
    {
      version: 0.1,
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: root },
        delete: { enabled: deleteEnabled },
        ...(cache && { cache: { blobdescriptor: cache } }),
        ...(readonly && { maintenance: { readonly: { enabled: true } } }),
      },
      http: {
        addr: `127.0.0.1:${port}`,
        secret: options.secret ?? randomBytes(16).toString('hex'),
        headers: { [identityHeader]: [identity] },
        ...(tls && { tls: { certificate: tls.certPath, key: tls.keyPath } }),
      },
      ...(auth && { auth }),
      ...(proxyRemote && { proxy: { remoteurl: proxyRemote } }),
      ...(redirectBase && {
        middleware: { storage: [{ name: 'redirect', options: { baseurl: redirectBase } }] },
      }),
    },
    null,
    2,
  )
}

/**
 * Whether this very registry answers, with whatever status: the header tells it from another process that was faster
 * to take the port.
 * @param {string} url
 * @param {string | undefined} ca
 * @param {string} identity
 */
async function answers(url, ca, identity) {
  try {
    const answer = await request({ url: `${url}/v2/`, ca, timeoutMs: 2_000 })
    return answer.headers[identityHeader.toLowerCase()] === identity
  } catch {
    return false
  }
}

/**
 * A port of 127.0.0.1 that nobody listens on.
 * @returns {Promise<number>}
 */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
