import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { request } from '../http.js'
import { onPort, startProcess } from './server-process.js'

/** The store's only user. */
const user = { accesskey: 'tester', secretkey: 'not-a-real-secret' }
const bucket = 'registry'

/**
 * @typedef {{
 *   url: string,
 *   storage: Record<string, unknown>,
 *   root: string,
 *   pid: number,
 *   log: () => string,
 *   stop: () => Promise<void>,
 * }} ObjectStore
 * `storage` is the `s3` section of the configuration of a registry that stores everything there; `root` is the folder of
 * its bucket.
 */

/**
 * Starts an object store on 127.0.0.1, with one empty bucket, and waits until it responds.
 * @param {{ binary: { command: string, args: string[] }, folder: string, port?: number }} options
 * @returns {Promise<ObjectStore>}
 */
export function startObjectStore({ binary, folder, port: wanted }) {
  return onPort(wanted, async (port) => {
    // One folder for each port, so that a failed attempt leaves no files in the folder of the next one.
    const files = join(folder, `objects-${port}`)
    const described = join(folder, `metadata-${port}`)
    const root = join(files, bucket)
    for (const each of [root, described]) mkdirSync(each, { recursive: true })
    const url = `http://127.0.0.1:${port}`
    const health = `/health-${port}-${process.pid}-${Date.now()}`
    const running = await startProcess({
      command: binary.command,
      args: [
        ...binary.args,
        ...['--port', `127.0.0.1:${port}`, '--quiet', '--health', health],
        // Not every file system has extended attributes.
        ...['posix', '--sidecar', described, files],
      ],
      cwd: folder,
      env: { ...process.env, ROOT_ACCESS_KEY: user.accesskey, ROOT_SECRET_KEY: user.secretkey },
      isReady: () => isOk(`${url}${health}`),
    })
    const place = { region: 'us-east-1', regionendpoint: url, bucket, forcepathstyle: true, secure: false }
    return { url, storage: { ...user, ...place }, root, ...running }
  })
}

/** @param {string} url */
async function isOk(url) {
  try {
    return (await request({ url, timeoutMs: 2_000 })).status === 200
  } catch {
    return false
  }
}
