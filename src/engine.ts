import type { Settings } from './config/settings.js'
import { run as flow } from './flow/run.js'
import { JournalError, type Journal, type Result } from './plan/journal.js'
import type { Problem } from './plan/problem.js'
import { connect } from './registry/connect.js'
import { secretsOf, type Found } from './registry/credentials/credentials.js'
import { CredentialsError, findCredentials } from './registry/credentials/find.js'
import { WireError } from './registry/errors.js'
import { Failures } from './registry/failures.js'
import type { Progress } from './registry/progress.js'
import type { Secrets } from './registry/secrets/secrets.js'
import type { Clock, Random } from './registry/time.js'
import { Capabilities } from './survey/capabilities.js'
import { VERSION } from './version.js'

/** Why a run was stopped. It is the reason of the `stop` signal. */
export type StopReason = 'cancelled' | 'timeout'

/** The parameters of a run besides its settings. The engine reaches the outside of the process only through them. */
export interface Surroundings {
  readonly clock: Clock
  readonly random: Random
  /** Aborted with a StopReason when no new work may begin. */
  readonly stop: AbortSignal
  /** Aborted some seconds after `stop`, when no request may be in flight any more. */
  readonly kill: AbortSignal
  /** Collects the credentials, tokens and signed links that no text may show. */
  readonly secrets: Secrets
  readonly progress: Progress
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly proxy: Readonly<Record<string, string | undefined>>
  /** The folder of the Docker config, and the environment of its credential helpers. */
  readonly docker: {
    readonly folder: string
    readonly environment: Readonly<Record<string, string | undefined>>
  }
  /** Called with a line for each request that was sent. */
  readonly trace?: (line: string) => void
}

/**
 * Runs a purge or a cleanup. It is the only entry point, for every front end. Never throws: a failure becomes a problem
 * in the journal.
 *
 * @returns the result of the run, which the journal holds as well
 */
export async function run(settings: Settings, surroundings: Surroundings, journal: Journal): Promise<Result> {
  const failures = new Failures()
  let result: Result
  try {
    journal.save()
    result = await connected(settings, { ...surroundings, failures }, journal)
  } catch (error) {
    journal.problem(problemOf(error, settings, surroundings.stop, failures))
    const cancelled = surroundings.stop.aborted && surroundings.stop.reason !== 'timeout'
    result = cancelled ? 'cancelled' : journal.wrote ? 'incomplete' : 'refused'
  }
  journal.ended(result)
  return result
}

async function connected(
  settings: Settings,
  surroundings: Surroundings & { readonly failures: Failures },
  journal: Journal,
): Promise<Result> {
  const { clock, random, secrets, progress, stop, docker, trace } = surroundings
  const { origin, verifyTls, concurrency } = settings
  secrets.spare(Object.values(settings.shown))
  const found = await findCredentials({ origin, given: settings.basic, ...docker, signal: stop })
  for (const secret of found.credentials === undefined ? [] : secretsOf(found.credentials))
    secrets.add(secret)
  journal.note(`registry-purge ${VERSION}: ${origin}, ${access(found)}`)
  if (!verifyTls) journal.warn({ kind: 'certificate-not-checked', origin })
  const { client, close } = connect({
    ...settings,
    ...surroundings,
    found,
    sent: (purpose) => journal.sent(purpose),
    userAgent: `registry-purge/${VERSION}`,
    ...(trace !== undefined && { trace }),
  })
  const capabilities = new Capabilities(client, random)
  try {
    return await flow(
      settings,
      { client, capabilities, clock, random, width: concurrency, progress },
      journal,
    )
  } finally {
    journal.close()
    close()
  }
}

function access({ credentials, source }: Found): string {
  return credentials === undefined ? `anonymous (${source})` : `credentials from ${source}`
}

function problemOf(
  error: unknown,
  { shown }: Settings,
  stop: AbortSignal,
  { summary: failures }: Failures,
): Problem {
  if (stop.aborted && stop.reason === 'timeout')
    return { kind: 'timeout', limit: shown['timeout'] ?? '', ...(failures !== undefined && { failures }) }
  if (stop.aborted) return { kind: 'cancelled' }
  if (error instanceof WireError) return { kind: 'no-response', message: error.message }
  if (error instanceof CredentialsError) return { kind: 'credentials', why: error.message }
  if (error instanceof JournalError) return { kind: 'report-file', code: error.code }
  return {
    kind: 'defect',
    error: error instanceof Error ? `${error.name}: ${error.message}` : 'an unknown failure',
  }
}
