import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * @typedef {{ pid: number, log: () => string, stop: () => Promise<void> }} ServerProcess
 * `log` returns the output of both streams so far.
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const alive = new Set()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/**
 * Starts a server and waits until it is ready.
 * @param {{
 *   command: string,
 *   args: string[],
 *   cwd: string,
 *   env?: NodeJS.ProcessEnv,
 *   endWith?: NodeJS.Signals,
 *   isReady: (log: () => string) => Promise<boolean>,
 * }} options
 * `isReady` returns whether this process responds, and not another one that has taken the port. It is called until it
 * returns true, for up to a minute.
 * @returns {Promise<ServerProcess>}
 */
export async function startProcess({ command, args, cwd, env, endWith = 'SIGTERM', isReady }) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  alive.add(child)
  let written = ''
  const log = () => written
  child.stdout.setEncoding('utf8').on('data', (text) => (written += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (written += text))
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      written += error.message
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
    child.kill(endWith)
    const impatience = setTimeout(() => child.kill('SIGKILL'), 3_000)
    await ended
    clearTimeout(impatience)
  }

  const deadline = Date.now() + 60_000
  while (!(await isReady(log))) {
    if (!alive.has(child)) throw new Error(`the server ended while it started:\n${written}`)
    if (Date.now() > deadline) {
      await stop()
      throw new Error(`the server does not respond:\n${written}`)
    }
    await sleep(15)
  }
  return { pid: child.pid ?? 0, log, stop }
}

/**
 * Starts a server on the given port, or on a free one.
 * @template T
 * @param {number | undefined} wanted
 * @param {(port: number) => Promise<T>} start
 * @returns {Promise<T>}
 */
export async function onPort(wanted, start) {
  if (wanted !== undefined) return start(wanted)
  // Another process may take a free port before the server does.
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort())
    } catch (error) {
      if (attempt === 3 || !/address already in use/i.test(String(error))) throw error
    }
  }
}

/**
 * A free port of 127.0.0.1.
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
