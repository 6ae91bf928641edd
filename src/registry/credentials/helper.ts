import { spawn, type ChildProcess } from 'node:child_process'
import type { Credentials } from './credentials.js'

/** How a helper is run. */
export interface HelperOptions {
  /** Of the process: where its program is found, and what it logs in with itself. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Ends the waiting. */
  readonly signal: AbortSignal
  /** Milliseconds. */
  readonly timeout?: number
}

const TIMEOUT = 30_000
/** Characters of what it says that are read. */
const LIMIT = 64 << 10
/** What the protocol has helpers say that know nothing of a host. */
const NOT_FOUND = 'credentials not found'
/** Stands for "the secret is a refresh token", by the protocol. */
const TOKEN_USER = '<token>'

/**
 * Asks a credential helper for a host: `docker-credential-<name> get`, with the host on its standard input and JSON on
 * its standard output. Nothing secret is in its arguments.
 *
 * @param name of the helper
 * @param server the host, or a Docker config's key for it
 * @returns the credentials, undefined where it has none, or why it failed, in words
 */
export async function askHelper(
  name: string,
  server: string,
  options: HelperOptions,
): Promise<Credentials | undefined | string> {
  const ran = await run(`docker-credential-${name}`, server, options)
  if (typeof ran === 'string') return ran
  const { code, said } = ran
  if (code !== 0) {
    if (said.toLowerCase().includes(NOT_FOUND)) return undefined
    return `failed with exit code ${code}${excuse(said)}`
  }
  let answer: Record<string, unknown>
  try {
    answer = (JSON.parse(said) ?? {}) as Record<string, unknown>
  } catch {
    return 'answered with what is no JSON'
  }
  const { Username: username, Secret: secret } = answer
  if (typeof username !== 'string' || typeof secret !== 'string')
    return 'answered without a user name and a secret'
  if (secret === '') return undefined
  if (username === TOKEN_USER) return { kind: 'identity', token: secret }
  return username === '' ? 'answered without a user name' : { kind: 'basic', username, password: secret }
}

/** By the protocol what a failed helper says is a message; but what looks like an answer may hold a secret. */
function excuse(said: string): string {
  const line = said.trim().split(/\r?\n/)[0] ?? ''
  return line === '' || /[{"]/.test(said) ? '' : ` (${line.length > 200 ? `${line.slice(0, 200)}…` : line})`
}

function run(
  command: string,
  input: string,
  { environment, signal, timeout = TIMEOUT }: HelperOptions,
): Promise<{ code: number | null; said: string } | string> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve('was stopped before it answered')
    // A group of its own, so that what it starts itself ends with it.
    const child = spawn(command, ['get'], {
      env: { ...environment },
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: process.platform !== 'win32',
    })
    let said = ''
    const end = (outcome: { code: number | null; said: string } | string): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      if (child.exitCode === null && child.signalCode === null) endGroup(child)
      // A process of its own that it left behind may hold the pipe open.
      child.stdout.destroy()
      child.unref()
      resolve(outcome)
    }
    const stop = (): void => end('was stopped before it answered')
    const timer = setTimeout(() => end(`did not answer within ${timeout / 1000} s`), timeout)
    signal.addEventListener('abort', stop, { once: true })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.length > LIMIT) end('answered with more than it should')
    })
    child.stdin.on('error', () => undefined)
    child.on('error', (error: NodeJS.ErrnoException) =>
      end(
        error.code === 'ENOENT' ? 'is not on the PATH' : `could not be started (${error.code ?? 'unknown'})`,
      ),
    )
    child.on('close', (code) => end({ code, said }))
    child.stdin.end(input)
  })
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  } catch {
    // It ended by itself.
  }
}
