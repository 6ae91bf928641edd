import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from './http.js'
import { onPort, startProcess } from './server-process.js'

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
 *   cache?: 'inmemory' | 'redis' | undefined,
 *   redis?: string | undefined,
 *   s3?: Record<string, unknown> | undefined,
 *   redirects?: boolean | undefined,
 *   proxyRemote?: string | undefined,
 *   secret?: string | undefined,
 *   rootDirectory?: string | undefined,
 *   redirectBase?: string | undefined,
 *   foreignLayers?: boolean | undefined,
 *   auth?: Record<string, unknown> | undefined,
 *   clientCa?: string[] | undefined,
 * }} RegistryOptions
 * `foreignLayers` takes manifests that say where else a layer lies (`urls`).
 * `tls` makes it an https registry; `auth` replaces `basic` by an authentication section as the registry knows it.
 * `clientCa` are paths of authorities, of one of which a client must show a certificate (mutual TLS).
 * `redis` is the address (`host:port`) for `cache: 'redis'`; `s3` the section of that name: everything is kept there
 * instead of in `rootDirectory`, and `redirects: false` has the registry hand out the bytes from there itself.
 * Replicas are servers with the same `rootDirectory` and `secret`.
 *
 * @typedef {{
 *   url: string,
 *   host: string,
 *   port: number,
 *   root: string,
 *   config: string | undefined,
 *   pid: number,
 *   ca: string | undefined,
 *   auth: import('./http.js').Credentials | undefined,
 *   log: () => string,
 *   stop: () => Promise<void>,
 * }} RegistryServer
 * `url`, `ca` and `auth` are what a client needs; `config` is the path of the configuration, for garbage collection,
 * where the registry has one.
 */

/**
 * Starts a real registry on 127.0.0.1 and waits until it answers.
 * @param {RegistryOptions} options
 * @returns {Promise<RegistryServer>}
 */
export function startRegistry(options) {
  return onPort(options.port, (port) => start(options, port))
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

  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`
  const running = await startProcess({
    command: binary.command,
    args: [...binary.args, 'serve', config],
    cwd: folder,
    env: environment(),
    // Without a certificate nobody is answered; that line it writes when the port is its own.
    answers: options.clientCa
      ? async (log) => log().includes(`listening on 127.0.0.1:${port}, tls`)
      : () => answers(url, tls?.ca, identity),
  })
  return {
    url,
    host: `127.0.0.1:${port}`,
    port,
    root,
    config,
    ca: tls?.ca,
    auth: options.basic && !options.auth ? testUser : undefined,
    ...running,
  }
}

/** Without what would have it call others, or take a stranger's store for its own: 2.8 ends at a foreign `AWS_CA_BUNDLE`. */
function environment() {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))
  return { ...Object.fromEntries(own), OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }
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
  const { foreignLayers, clientCa } = options
  const passwords = join(folder, 'htpasswd')
  if (basic) writeFileSync(passwords, htpasswd)
  const auth = options.auth ?? (basic ? { htpasswd: { realm: 'test', path: passwords } } : undefined)
  return JSON.stringify(
    {
      version: 0.1,
      log: { level: clientCa ? 'info' : 'warn', accesslog: { disabled: true } },
      storage: {
        ...(options.s3 ? { s3: options.s3 } : { filesystem: { rootdirectory: root } }),
        delete: { enabled: deleteEnabled },
        ...(cache && { cache: { blobdescriptor: cache } }),
        ...(options.redirects === false && { redirect: { disable: true } }),
        ...(readonly && { maintenance: { readonly: { enabled: true } } }),
      },
      http: {
        addr: `127.0.0.1:${port}`,
        secret: options.secret ?? randomBytes(16).toString('hex'),
        headers: { [identityHeader]: [identity] },
        ...(tls && {
          tls: { certificate: tls.certPath, key: tls.keyPath, ...(clientCa && { clientcas: clientCa }) },
        }),
      },
      // Version 2 reads `addr`, version 3 `addrs`; each ignores the other.
      ...(options.redis && { redis: { addr: options.redis, addrs: [options.redis] } }),
      ...(auth && { auth }),
      ...(proxyRemote && { proxy: { remoteurl: proxyRemote } }),
      ...(foreignLayers && { validation: { manifests: { urls: { allow: ['^https://'] } } } }),
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
