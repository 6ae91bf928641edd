import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from '../http.js'
import { onPort, startProcess } from './server-process.js'

/** The user of every registry that is started with `basic`. */
export const testUser = { username: 'purger', password: 'correct-horse-battery' }

/** The htpasswd line of that user. The cost of bcrypt is the lowest, because a registry checks the password at every request. */
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
 * `foreignLayers` accepts manifests with foreign layers (`urls`).
 * `tls` makes it an https registry; `auth` replaces `basic` by an `auth` section of the registry's configuration.
 * `clientCa` are paths of authorities: a client must show a certificate from one of them (mutual TLS).
 * `redis` is the address (`host:port`) for `cache: 'redis'`; `s3` is the section of that name: everything is stored
 * there instead of in `rootDirectory`. With `redirects: false` the registry serves blobs from there itself.
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
 *   auth: import('../http.js').Credentials | undefined,
 *   log: () => string,
 *   stop: () => Promise<void>,
 * }} RegistryServer
 * A client needs `url`, `ca` and `auth`; `config` is the path of the configuration, for garbage collection, if the
 * registry has one.
 */

/**
 * Starts a real registry on 127.0.0.1 and waits until it responds.
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
    // It refuses clients without a certificate. It logs this line only after it has bound the port itself.
    isReady: options.clientCa
      ? async (log) => log().includes(`listening on 127.0.0.1:${port}, tls`)
      : () => responds(url, tls?.ca, identity),
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

/** The environment without variables that make a registry call other services. `AWS_CA_BUNDLE` would stop version 2.8. */
function environment() {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))
  return { ...Object.fromEntries(own), OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }
}

/**
 * The configuration as JSON, which is also YAML.
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
 * Whether this registry responds, with any status. The header shows that it is not another process that has taken the
 * port.
 * @param {string} url
 * @param {string | undefined} ca
 * @param {string} identity
 */
async function responds(url, ca, identity) {
  try {
    const { headers } = await request({ url: `${url}/v2/`, ca, timeoutMs: 2_000 })
    return headers[identityHeader.toLowerCase()] === identity
  } catch {
    return false
  }
}
