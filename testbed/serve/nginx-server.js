import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from '../http.js'
import { onPort, startProcess } from './server-process.js'

/**
 * Starts nginx on 127.0.0.1 with the caller's configuration and waits until it responds. nginx writes only into `folder`.
 * It is a single process, so no worker process survives it.
 * @param {{
 *   binary: { command: string, args: string[] },
 *   folder: string,
 *   server: string,
 *   http?: string,
 *   port?: number,
 * }} options
 * `server` are the directives of its only server, which uses plain http. `http` are the directives around it (`upstream`,
 * `map`, `proxy_cache_path`, with paths relative to `folder`).
 * @returns {Promise<{ url: string, pid: number, log: () => string, stop: () => Promise<void> }>}
 */
export function startNginx({ binary, folder, server, http = '', port: wanted }) {
  return onPort(wanted, async (port) => {
    const identity = randomBytes(8).toString('hex')
    // One folder for each attempt: another process may take the port.
    const own = join(folder, `nginx-${port}`)
    mkdirSync(join(own, 'temp'), { recursive: true })
    const config = join(own, 'nginx.conf')
    writeFileSync(config, configuration(port, identity, http, server))
    const url = `http://127.0.0.1:${port}`
    const running = await startProcess({
      command: binary.command,
      args: [...binary.args, '-e', 'stderr', '-p', own, '-c', config],
      cwd: own,
      isReady: () => responds(url, identity),
    })
    return { url, ...running }
  })
}

/**
 * @param {number} port
 * @param {string} identity
 * @param {string} http
 * @param {string} server
 */
function configuration(port, identity, http, server) {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path temp/${kind};`)
    .join('\n')
  return `daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 512; }
http {
  access_log off;
${temp}
  client_max_body_size 0;
  large_client_header_buffers 8 32k;
${http}
  server {
    listen 127.0.0.1:${port};
    location = /${identity} { return 200 ${identity}; }
${server}
  }
}
`
}

/**
 * @param {string} url
 * @param {string} identity
 */
async function responds(url, identity) {
  try {
    const { body } = await request({ url: `${url}/${identity}`, timeoutMs: 2_000 })
    return body.toString() === identity
  } catch {
    return false
  }
}
