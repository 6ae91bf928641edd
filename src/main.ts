import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readInputs, type Read } from './config/inputs.js'
import type { Settings } from './config/settings.js'
import { incident } from './incident.js'
import { Client } from './registry/client.js'
import { authorized, redactor } from './registry/credentials.js'
import { Stopped, WireError } from './registry/errors.js'
import { limited, type Counts } from './registry/limit.js'
import { following } from './registry/redirect.js'
import { retrying } from './registry/retry.js'
import { transport } from './registry/transport.js'
import { actionsLog, type Log } from './report/log.js'
import { Narrator } from './report/narrate.js'
import { outputsOf, setOutputs } from './report/outputs.js'
import { Record } from './report/record.js'
import { time, type Report, type Result, type Run } from './report/report.js'
import { writeSummary } from './report/summary.js'
import { verdict } from './report/verdict.js'
import { systemClock, systemRandom } from './system.js'
import { VERSION } from './version.js'

/** What is in flight when the run is stopped has this long, in milliseconds: GitHub ends the process after 7.5 s. */
const GRACE = 4_000

/** The action: inputs → survey → plan → purge → proof → report. Sets outputs and exit status; never throws. */
export async function main(): Promise<void> {
  const started = systemClock.now()
  const log = actionsLog()
  const run = runContext()
  const read = readInputs(process.env)
  for (const secret of read.secrets) log.mask(secret)
  const report = emptyReport(read, started)
  const counts: Counts = {}
  report.requests = counts
  const stopper = new Stopper()
  stopper.hearSignals()
  let record = new Record(report, read.reportFile ?? defaultReportFile(started), systemClock)
  let wrote = false
  try {
    if (read.settings === undefined) {
      report.problems.push(...read.problems)
      report.result = 'refused'
    } else {
      record.write()
      stopper.limit(read.settings.timeout)
      report.result = await engine(read.settings, { log, record, counts, stopper }, () => {
        wrote = true
        report.result = 'incomplete'
      })
    }
  } catch (error) {
    report.problems.push(explain(error, stopper, read))
    report.result = stopper.cancelled ? 'cancelled' : wrote ? 'incomplete' : 'refused'
  } finally {
    stopper.rest()
  }
  report.run = await run
  report.endedAt = time(systemClock.now())
  redact(report, read)
  record = finish(record, report, log, started)
  await tell(report, record, log)
  process.exitCode = ['purged', 'planned', 'nothing-to-do'].includes(report.result) ? 0 : 1
}

interface Parts {
  readonly log: Log
  readonly record: Record
  readonly counts: Counts
  readonly stopper: Stopper
}

async function engine(
  settings: Settings,
  { log, record, counts, stopper }: Parts,
  wrote: () => void,
): Promise<Result> {
  const { origin, basic, concurrency, authorities, verifyTls } = settings
  log.info(
    `registry-purge ${VERSION}: ${origin}, ${basic === undefined ? 'anonymous' : 'credentials from the inputs `username` and `password`'}`,
  )
  if (!verifyTls)
    log.warning(
      `tls-verify is false: whoever stands between this runner and ${origin} can read the password and fake every answer. Give the authority in \`ca-certificate\` instead`,
    )
  const { send: bare, close } = transport({
    authorities,
    verify: verifyTls,
    connections: concurrency,
    proxy: proxySettings(),
    userAgent: `registry-purge/${VERSION}`,
  })
  const sendOnce = following(authorized(limited(bare, concurrency, counts), origin, basic))
  const client = new Client({
    origin,
    anonymous: basic === undefined,
    send: retrying(sendOnce, systemClock, systemRandom),
    sendOnce,
    stop: stopper.stop,
    kill: stopper.kill,
  })
  const narrator = new Narrator(log, settings.named.length > 1)
  try {
    return await incident(
      settings,
      { client, clock: systemClock, random: systemRandom, log, narrator, record },
      wrote,
    )
  } finally {
    narrator.close()
    close()
  }
}

/** Hears what ends a run early: a signal, or the time limit. */
class Stopper {
  readonly #stop = new AbortController()
  readonly #kill = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #rested = new AbortController()
  cancelled = false
  late = false

  /** No new work. */
  get stop(): AbortSignal {
    return this.#stop.signal
  }

  /** Nothing in flight either. */
  get kill(): AbortSignal {
    return this.#kill.signal
  }

  hearSignals(): void {
    const cancel = (): void => {
      this.cancelled = true
      this.#begin()
    }
    process.on('SIGINT', cancel)
    process.on('SIGTERM', cancel)
  }

  /** @param ms after which the run stops by itself */
  limit(ms: number): void {
    void systemClock.sleep(ms, this.#rested.signal).then(() => {
      if (this.#rested.signal.aborted || this.cancelled) return
      this.late = true
      this.#begin()
    })
  }

  /** The run is over: no timer holds the process. */
  rest(): void {
    this.#rested.abort()
    clearTimeout(this.#timer)
  }

  #begin(): void {
    this.#stop.abort()
    this.#timer ??= setTimeout(() => this.#kill.abort(), GRACE)
  }
}

function explain(error: unknown, stopper: Stopper, { settings }: Read): string {
  if (stopper.cancelled)
    return 'The run was cancelled. What had been begun stands in the report; run again to finish it'
  if (stopper.late)
    return `timeout: the run took longer than ${settings?.shown['timeout'] ?? ''} and was stopped. Run again with a longer \`timeout\`; what is gone already is proven again`
  if (error instanceof WireError || error instanceof Stopped) return error.message
  const code = (error as NodeJS.ErrnoException | null)?.code
  if (typeof code === 'string' && error instanceof Error && 'syscall' in error)
    return `report-file: the report cannot be written (${code}). Name a path in a folder that this job may write to`
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'an unknown failure'
  return `registry-purge has a defect: ${text}. Please report it, with the log`
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
    inputs: read.shown,
    repositories: [],
    requests: {},
    problems: [],
    warnings: [],
  }
}

function defaultReportFile(started: number): string {
  const stamp = time(started).replaceAll(':', '-')
  return join(
    process.env['RUNNER_TEMP'] ?? tmpdir(),
    `registry-purge-${stamp}-${randomUUID().slice(0, 8)}.json`,
  )
}

/** The chunk that holds @actions/github is loaded beside the first requests, not before them. */
async function runContext(): Promise<Run> {
  const empty = { repository: '', workflow: '', url: '', attempt: 1, actor: '', event: '', commit: '' }
  try {
    const { context } = await import('@actions/github')
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
  } catch {
    return { ...empty, actionVersion: VERSION }
  }
}

function proxySettings(): { [name: string]: string | undefined } {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

/** A registry may echo a request: whatever free text the report holds loses the password and its encoded forms. */
function redact(report: Report, read: Read): void {
  const clean = redactor(read.settings?.basic)
  const all = (texts: string[]): void => texts.forEach((text, at) => (texts[at] = clean(text)))
  all(report.problems)
  all(report.warnings)
  for (const entry of report.repositories) {
    all(entry.problems)
    all(entry.warnings)
    for (const tag of entry.tags) tag.reason &&= clean(tag.reason)
    for (const content of [...entry.manifests, ...entry.blobs]) content.detail &&= clean(content.detail)
  }
}

/** Writes the file a last time; where its place cannot be written, beside the runner's other files. */
function finish(record: Record, report: Report, log: Log, started: number): Record {
  try {
    record.write()
    return record
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    log.warning(`report-file: the report cannot be written to ${record.path} (${code})`)
    const other = new Record(report, defaultReportFile(started), systemClock)
    try {
      other.write()
    } catch {
      log.warning(`The report could not be written to ${other.path} either`)
    }
    return other
  }
}

/** Everything that a failure has to say stands outside the groups, and in the summary. */
async function tell(report: Report, record: Record, log: Log): Promise<void> {
  const problems = [...report.problems, ...report.repositories.flatMap((each) => each.problems)]
  for (const warning of [...report.warnings, ...report.repositories.flatMap((each) => each.warnings)])
    log.warning(warning)
  for (const problem of problems) log.error(problem)
  const kept = report.repositories.flatMap((each) => each.kept)
  const sentence = `${verdict(report)}. Report: ${record.path}`
  if (problems.length === 0 && report.result !== 'purged' && report.result !== 'planned') log.error(sentence)
  else if (kept.length > 0) log.warning(sentence)
  else log.info(sentence)
  setOutputs(outputsOf(report, record.path))
  try {
    await writeSummary(report, record.path)
  } catch {
    log.info('There is no job summary to write to')
  }
}
