import { randomUUID } from 'node:crypto'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import * as core from '@actions/core'
import { readInputs, type Read } from './config/inputs.js'
import type { Settings } from './config/settings.js'
import { conclude } from './conclude.js'
import { connect } from './connect.js'
import { cleanup } from './flow/cleanup.js'
import { incident } from './flow/incident.js'
import { keepSmall } from './heap.js'
import { secretsOf, type Found } from './registry/credentials/credentials.js'
import { CredentialsError, findCredentials } from './registry/credentials/find.js'
import { Stopped, WireError } from './registry/errors.js'
import type { Counts } from './registry/limit.js'
import { Secrets } from './registry/secrets.js'
import { actionsLog, type Log } from './report/log.js'
import { Narrator } from './report/narrate.js'
import { Beats } from './report/progress.js'
import { Record } from './report/record.js'
import { time, type Report, type Result, type Run } from './report/report.js'
import { Stopper } from './stop.js'
import type { Streams } from './streams.js'
import { Capabilities } from './survey/capabilities.js'
import { systemClock, systemRandom } from './system.js'
import { VERSION } from './version.js'

/** Milliseconds between the last word and the end of the process, at the most. */
const LINGER = 500
/** Milliseconds between two lines that say how far long work has come. */
const BEAT = 5_000

/**
 * The action: inputs → survey → plan → purge → proof → report. Sets outputs and exit status; never throws.
 *
 * @param cancel aborted when the runner asks for the end
 * @param streams tells whether the log could be written
 */
export async function main(cancel: AbortSignal, streams: Streams): Promise<void> {
  const started = systemClock.now()
  const secrets = new Secrets((secret) => core.setSecret(secret))
  const redact = (text: string): string => secrets.redact(text)
  const log = actionsLog(redact)
  const run = runContext()
  const read = readInputs(process.env, started)
  for (const secret of [...read.secrets, ...proxySecrets()])
    if (secret.includes('-----BEGIN')) secrets.addPem(secret)
    else secrets.add(secret)
  const report = emptyReport(read, started)
  const counts: Counts = {}
  report.requests = counts
  const stopper = new Stopper()
  stopper.hear(cancel)
  const fallbacks = defaultReportFiles(started)
  const record = new Record(report, read.reportFile ?? fallbacks[0], systemClock, redact)
  let wrote = false
  try {
    if (read.settings === undefined) {
      report.problems.push(...read.problems)
      report.result = 'refused'
    } else {
      record.write()
      stopper.limit(read.settings.timeout)
      report.result = await engine(read.settings, { log, record, counts, stopper, secrets }, () => {
        wrote = true
        report.result = 'incomplete'
      })
    }
  } catch (error) {
    report.problems.push(explain(error, stopper, read))
    report.result = stopper.cancelled ? 'cancelled' : wrote ? 'incomplete' : 'refused'
    if (stopper.cancelled) cancelOpen(report)
  } finally {
    stopper.rest()
  }
  report.run = await run
  report.endedAt = time(systemClock.now())
  if (streams.lost !== undefined)
    report.warnings.push(`The log of this run is not complete: it could not be written (${streams.lost})`)
  conclude(record, {
    fallbacks,
    redact,
    log,
    outputs: { variable: 'GITHUB_OUTPUT', path: process.env['GITHUB_OUTPUT'] },
    summary: { variable: 'GITHUB_STEP_SUMMARY', path: process.env['GITHUB_STEP_SUMMARY'] },
  })
  process.exitCode = ['purged', 'planned', 'nothing-to-do'].includes(report.result) ? 0 : 1
  // What cannot be aborted, such as a name look-up of the system, must not hold the process for longer.
  setTimeout(() => process.exit(), LINGER).unref()
}

interface Parts {
  readonly log: Log
  readonly record: Record
  readonly counts: Counts
  readonly stopper: Stopper
  readonly secrets: Secrets
}

async function engine(
  settings: Settings,
  { log, record, counts, stopper, secrets }: Parts,
  wrote: () => void,
): Promise<Result> {
  const { origin, verifyTls } = settings
  secrets.spare(Object.values(settings.shown))
  const found = await credentialsFor(settings, stopper)
  for (const secret of found.credentials === undefined ? [] : secretsOf(found.credentials))
    secrets.add(secret)
  log.info(`registry-purge ${VERSION}: ${origin}, ${access(found)}`)
  if (!verifyTls)
    log.warning(
      `tls-verify is false: whoever stands between this runner and ${origin} can read the password and fake every answer. Give the authority in \`ca-certificate\` instead`,
    )
  const { client, close } = connect(settings, {
    clock: systemClock,
    random: systemRandom,
    counts,
    stop: stopper.stop,
    kill: stopper.kill,
    proxy: proxySettings(),
    found,
    secrets,
    ...(process.env['RUNNER_DEBUG'] === '1' && { trace: (line: string) => log.debug(line) }),
  })
  const narrator = new Narrator(log, settings.named.length > 1)
  const beats = new Beats(
    () => systemClock.now(),
    (line) => narrator.progress(line),
  )
  const beating = setInterval(() => beats.beat(), BEAT)
  const letGrow = keepSmall()
  try {
    const ports = {
      client,
      capabilities: new Capabilities(client, systemRandom),
      clock: systemClock,
      random: systemRandom,
      width: settings.concurrency,
      log,
      narrator,
      record,
      progress: beats,
    }
    return settings.cleanup === undefined
      ? await incident(settings, ports, wrote)
      : await cleanup(settings, settings.cleanup, ports, wrote)
  } finally {
    clearInterval(beating)
    letGrow()
    narrator.close()
    close()
  }
}

/** Looks into the Docker config where the inputs hold no credentials. @throws CredentialsError */
function credentialsFor({ origin, basic: given }: Settings, { stop }: Stopper): Promise<Found> {
  const folder = process.env['DOCKER_CONFIG'] || join(homedir(), '.docker')
  // What the inputs hold is no affair of another program.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith('INPUT_')),
  )
  return findCredentials({ origin, given, folder, environment, signal: stop })
}

function access({ credentials, source }: Found): string {
  return credentials === undefined ? `anonymous (${source})` : `credentials from ${source}`
}

function explain(error: unknown, stopper: Stopper, { settings }: Read): string {
  if (stopper.cancelled)
    return 'The run was cancelled. What had been begun stands in the report; run again to finish it'
  if (stopper.late)
    return `timeout: the run took longer than ${settings?.shown['timeout'] ?? ''} and was stopped. Run again with a longer \`timeout\`; what is gone already is proven again`
  if (error instanceof WireError || error instanceof Stopped || error instanceof CredentialsError)
    return error.message
  const code = (error as NodeJS.ErrnoException | null)?.code
  if (typeof code === 'string' && error instanceof Error && 'syscall' in error)
    return `report-file: the report cannot be written (${code}). Name a path in a folder that this job may write to`
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'an unknown failure'
  return `registry-purge has a defect: ${text}. Please report it, with the log`
}

/** A repository that a cancelled run was in, or never came to, was neither refused nor found incomplete. */
function cancelOpen(report: Report): void {
  for (const entry of report.repositories)
    if (!['purged', 'nothing-to-do'].includes(entry.result)) entry.result = 'cancelled'
}

function emptyReport(read: Read, started: number): Report {
  return {
    schema: 1,
    result: 'refused',
    registry: read.shown['registry'] ?? null,
    fingerprint: null,
    startedAt: time(started),
    endedAt: null,
    reason: read.reason ?? null,
    run: {
      repository: '',
      workflow: '',
      url: '',
      attempt: 1,
      actor: '',
      event: '',
      commit: '',
      actionVersion: VERSION,
    },
    inputs: { ...read.shown },
    repositories: [],
    requests: {},
    problems: [],
    warnings: [],
  }
}

/** @returns where a report goes that has no place of its own, and where if that cannot be written */
function defaultReportFiles(started: number): [string, string] {
  const stamp = time(started).replaceAll(':', '-')
  const name = `registry-purge-${stamp}-${randomUUID().slice(0, 8)}.json`
  return [join(process.env['RUNNER_TEMP'] || tmpdir(), name), join(tmpdir(), name)]
}

/** The chunk that holds @actions/github is loaded beside the first requests, not before them. */
async function runContext(): Promise<Run> {
  const context = await import('@actions/github').then(
    (github) => github.context,
    // It also reads the file of the event, which may be gone or broken: nothing of a run depends on that.
    () => contextOf(process.env),
  )
  const repository = process.env['GITHUB_REPOSITORY'] ?? ''
  return {
    repository,
    workflow: context.workflow ?? '',
    url: Number.isInteger(context.runId)
      ? `${context.serverUrl}/${repository}/actions/runs/${context.runId}`
      : '',
    attempt: Number.isInteger(context.runAttempt) ? context.runAttempt : 1,
    actor: context.actor ?? '',
    event: context.eventName ?? '',
    commit: context.sha ?? '',
    actionVersion: VERSION,
  }
}

/** What the variables of the runner say of the run. */
function contextOf(environment: NodeJS.ProcessEnv) {
  return {
    workflow: environment['GITHUB_WORKFLOW'],
    serverUrl: environment['GITHUB_SERVER_URL'] ?? 'https://github.com',
    runId: Number.parseInt(environment['GITHUB_RUN_ID'] ?? '', 10),
    runAttempt: Number.parseInt(environment['GITHUB_RUN_ATTEMPT'] ?? '', 10),
    actor: environment['GITHUB_ACTOR'],
    eventName: environment['GITHUB_EVENT_NAME'],
    sha: environment['GITHUB_SHA'],
  }
}

function proxySettings(): { [name: string]: string | undefined } {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

/** The user and password that a proxy's address may hold. */
function proxySecrets(): string[] {
  return Object.values(proxySettings()).flatMap((value) => {
    if (value === undefined || !URL.canParse(value)) return []
    const { username, password } = new URL(value)
    if (password === '') return []
    const plain = [username, password].map((part) => decode(part)).join(':')
    return [password, decode(password), Buffer.from(plain, 'utf8').toString('base64')]
  })
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
