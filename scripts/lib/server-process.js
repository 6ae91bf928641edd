import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * @typedef {{ pid: number, log: () => string, stop: () => Promise<void> }} ServerProcess
 * `log` is what it wrote on both streams so far.
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const alive = new Set()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/**
 * Starts a program that serves, and waits until it does.
 * @param {{
 *   command: string,
 *   args: string[],
 *   cwd: string,
 *   env?: NodeJS.ProcessEnv,
 *   endWith?: NodeJS.Signals,
 *   answers: (log: () => string) => Promise<boolean>,
 * }} options
 * `answers` tells whether this very process answers, not another one that was faster to take the port; it is asked
 * again and again.
 * @returns {Promise<ServerProcess>}
 */
export async function startProcess({ command, args, cwd, env, endWith = 'SIGTERM', answers }) {
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

  const deadline = Date.now() + 20_000
  while (!(await answers(log))) {
    if (!alive.has(child)) throw new Error(`the registry ended at its start:\n${written}`)
    if (Date.now() > deadline) {
      await stop()
      throw new Error(`the registry does not answer:\n${written}`)
    }
    await sleep(40)
  }
  return { pid: child.pid ?? 0, log, stop }
}

/**
 * Starts a server on the wanted port, or on one that nobody listens on.
 * @template T
 * @param {number | undefined} wanted
 * @param {(port: number) => Promise<T>} start
 * @returns {Promise<T>}
 */
export async function onPort(wanted, start) {
  if (wanted !== undefined) return start(wanted)
  // Somebody else may take a free port before the server does.
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort())
    } catch (error) {
      if (attempt === 3 || !/address already in use/i.test(String(error))) throw error
    }
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
