import { spawn, type ChildProcess } from 'node:child_process'
import { isWrong, type Wrong } from '../../oci/parsed.js'
import type { Credentials } from './credentials.js'

/** How a helper is run. */
export interface HelperOptions {
  /** The environment of the process. Its PATH must contain the program. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Kills the helper when it is aborted. */
  readonly signal: AbortSignal
  /** Milliseconds. */
  readonly timeout?: number
}

const TIMEOUT = 30_000
/** Characters of its output, at most. */
const LIMIT = 64 << 10
/** By the protocol, the output of a helper that does not know the host. */
const NOT_FOUND = 'credentials not found'
/** By the protocol, the user name beside a refresh token. */
const TOKEN_USER = '<token>'
const STOPPED: Wrong = { wrong: 'was stopped before it responded' }

/**
 * Runs a credential helper: `docker-credential-<name> get`, with the host on its standard input and JSON on its standard
 * output. Its arguments hold no secret.
 *
 * @param server the host, or its key in the Docker config
 * @returns the credentials, undefined if it has none, or why it failed
 */
export async function runHelper(
  name: string,
  server: string,
  options: HelperOptions,
): Promise<Credentials | Wrong | undefined> {
  const ran = await run(`docker-credential-${name}`, server, options)
  if (isWrong(ran)) return ran
  const { code, output } = ran
  if (code !== 0) {
    if (output.toLowerCase().includes(NOT_FOUND)) return undefined
    return { wrong: `failed with exit code ${code}${messageIn(output)}` }
  }
  let parsed: Record<string, unknown>
  try {
    parsed = (JSON.parse(output) ?? {}) as Record<string, unknown>
  } catch {
    return { wrong: 'printed something that is not JSON' }
  }
  const { Username: username, Secret: secret } = parsed
  if (typeof username !== 'string' || typeof secret !== 'string')
    return { wrong: 'printed JSON without a user name and a secret' }
  if (secret === '') return undefined
  if (username === TOKEN_USER) return { kind: 'identity', token: secret }
  if (username === '') return { wrong: 'printed JSON without a user name' }
  return { kind: 'basic', username, password: secret }
}

/** By the protocol, a failed helper prints a message. Output that looks like JSON may hold a secret, so it is not shown. */
function messageIn(output: string): string {
  const line = output.trim().split(/\r?\n/)[0] ?? ''
  return line === '' || /[{"]/.test(output) ? '' : ` (${line.length > 200 ? `${line.slice(0, 200)}…` : line})`
}

/** What a helper printed, and its exit code. */
interface Ran {
  readonly code: number | null
  readonly output: string
}

function run(
  command: string,
  input: string,
  { environment, signal, timeout = TIMEOUT }: HelperOptions,
): Promise<Ran | Wrong> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(STOPPED)
    // A process group of its own, so that its children can be killed with it.
    const child = spawn(command, ['get'], {
      env: { ...environment },
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: process.platform !== 'win32',
    })
    let output = ''
    const end = (outcome: Ran | Wrong): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      if (child.exitCode === null && child.signalCode === null) endGroup(child)
      // A child that it left behind may hold the pipe open.
      child.stdout.destroy()
      child.unref()
      resolve(outcome)
    }
    const stop = (): void => end(STOPPED)
    const timer = setTimeout(() => end({ wrong: `did not respond within ${timeout / 1000} s` }), timeout)
    signal.addEventListener('abort', stop, { once: true })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.length > LIMIT) end({ wrong: `printed more than ${LIMIT} characters` })
    })
    child.stdin.on('error', () => undefined)
    child.on('error', (error: NodeJS.ErrnoException) =>
      end({
        wrong:
          error.code === 'ENOENT'
            ? 'is not on the PATH'
            : `could not be started (${error.code ?? 'unknown'})`,
      }),
    )
    child.on('close', (code) => end({ code, output }))
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
