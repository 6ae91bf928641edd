import { spawn } from 'node:child_process'

/**
 * Runs a program to its end. Never rejects: as in a shell, the code is 127 if the program cannot start and 124 if it timed
 * out.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, whileRunning?: (seconds: number) => void }} [options]
 * `timeoutMs` is in milliseconds. `whileRunning` is called every ten seconds.
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function runCommand(command, args, { cwd, env, timeoutMs = 60_000, whileRunning } = {}) {
  return new Promise((resolve) => {
    const started = Date.now()
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    let late = false
    const limit = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
      // A grandchild may keep the pipes open.
      child.stdout.destroy()
      child.stderr.destroy()
    }, timeoutMs)
    const tick = setInterval(() => whileRunning?.(Math.round((Date.now() - started) / 1000)), 10_000)
    const end = (/** @type {number} */ code) => {
      clearTimeout(limit)
      clearInterval(tick)
      resolve({ code, stdout, stderr })
    }
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
    child.on('error', (error) => {
      stderr += error.message
      end(127)
    })
    child.on('close', (code) => {
      if (late) stderr += `\nended after ${timeoutMs / 1000} s`
      end(late ? 124 : (code ?? 1))
    })
  })
}

/**
 * The last line that a failed program wrote. It usually states the reason.
 * @param {{ code: number, stdout: string, stderr: string }} result
 * @returns {string}
 */
export function lastLine({ code, stdout, stderr }) {
  const lines = `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  return (lines.at(-1) ?? `exit code ${code}`).slice(0, 300)
}
