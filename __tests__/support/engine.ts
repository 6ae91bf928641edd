import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readInputs } from '../../src/config/inputs.js'
import { connect } from '../../src/connect.js'
import { cleanup } from '../../src/flow/cleanup.js'
import { incident } from '../../src/flow/incident.js'
import { Stopped, WireError } from '../../src/registry/errors.js'
import type { Counts } from '../../src/registry/limit.js'
import { unseen } from '../../src/registry/progress.js'
import { Secrets } from '../../src/registry/secrets.js'
import type { Log } from '../../src/report/log.js'
import { Narrator } from '../../src/report/narrate.js'
import { Record as ReportRecord } from '../../src/report/record.js'
import type { Clock } from '../../src/registry/time.js'
import type { Report, Result } from '../../src/report/report.js'
import { Capabilities } from '../../src/survey/capabilities.js'
import { FakeClock } from './clock.js'
import type { MemoryRegistry } from './memory-registry.js'
import { SeededRandom } from './random.js'

export interface EngineRun {
  readonly result: Result
  readonly report: Report
  /** Everything that was said, a line an entry. */
  readonly log: string[]
  /** Every problem of the run and its repositories, as one text. */
  readonly problems: string
  /** The report's file as it stood at the first request that changes state; undefined where there was none. */
  readonly fileBeforeFirstWrite: Report | undefined
  /** Milliseconds that passed by the run's own clock. */
  readonly ms: number
}

export interface EngineOptions {
  readonly seed?: number
  /** Milliseconds that each request takes, by the run's own clock. */
  readonly latency?: number
  /** Aborted to cancel the run: what is in flight may end. */
  readonly stop?: AbortSignal
  /** Where the report's file goes, for who reads it while the run goes on; the caller's to remove. */
  readonly reportFile?: string
}

/** As in the action: milliseconds that what is in flight has. */
const GRACE = 4_000

/**
 * Runs the engine in this process against a registry in memory: real HTTP, real files, but time that passes by itself
 * and chance that repeats itself. The bundle as a whole is tested elsewhere.
 */
export async function runEngine(
  registry: Pick<MemoryRegistry, 'url' | 'inFlight'> & Partial<Pick<MemoryRegistry, 'requests'>>,
  inputs: Readonly<Record<string, string>>,
  { seed = 1, latency = 0, stop = new AbortController().signal, reportFile }: EngineOptions = {},
): Promise<EngineRun> {
  const folder = mkdtempSync(join(tmpdir(), 'registry-purge-engine-'))
  const environment = Object.fromEntries(
    Object.entries({ registry: registry.url, 'verify-attempts': '2', ...inputs }).map(([name, value]) => [
      `INPUT_${name.toUpperCase()}`,
      value,
    ]),
  )
  const { settings, problems, secrets: known } = readInputs(environment, Date.UTC(2026, 5, 1))
  if (settings === undefined) throw new Error(problems.join('\n'))
  const time = new FakeClock({ busy: () => registry.inFlight() > 0 })
  // As in the action: what never ends by itself is stopped when the time is up.
  const late = new AbortController()
  const kill = new AbortController()
  let stoppedAt: number | undefined
  const begun = time.now()
  const end = begun + settings.timeout
  const clock: Clock = {
    now: () => time.now() + latency * (registry.requests?.length ?? 0),
    sleep: async (ms, signal) => {
      await time.sleep(ms, signal)
      if (time.now() >= end) late.abort()
      stoppedAt ??= stop.aborted || late.signal.aborted ? time.now() : undefined
      if (stoppedAt !== undefined && time.now() >= stoppedAt + GRACE) kill.abort()
    },
  }
  const random = new SeededRandom(seed)
  const counts: Counts = {}
  const secrets = new Secrets()
  for (const secret of known) secrets.add(secret)
  const { client, close } = connect(settings, {
    clock,
    random,
    counts,
    stop: AbortSignal.any([stop, late.signal]),
    kill: kill.signal,
    proxy: {},
    found:
      settings.basic === undefined
        ? { source: 'nothing' }
        : {
            credentials: { kind: 'basic', ...settings.basic },
            source: 'the inputs `username` and `password`',
          },
    secrets,
  })
  const { log, lines } = memoryLog()
  const path = reportFile ?? join(folder, 'report.json')
  const record = new ReportRecord(emptyReport(), path, clock, (text) => secrets.redact(text))
  let fileBeforeFirstWrite: Report | undefined
  const narrator = new Narrator(log, settings.named.length > 1)
  try {
    const wrote = (): void => {
      fileBeforeFirstWrite ??= JSON.parse(readFileSync(record.path, 'utf8')) as Report
    }
    const capabilities = new Capabilities(client, random)
    const width = settings.concurrency
    const ports = { client, capabilities, clock, random, width, log, narrator, record, progress: unseen }
    const flow =
      settings.cleanup === undefined
        ? incident(settings, ports, wrote)
        : cleanup(settings, settings.cleanup, ports, wrote)
    record.report.result = await flow.catch((error: unknown): Result => {
      if (!(error instanceof WireError || error instanceof Stopped)) throw error
      record.report.problems.push(error.message)
      if (stop.aborted) return 'cancelled'
      return fileBeforeFirstWrite === undefined ? 'refused' : 'incomplete'
    })
  } finally {
    close()
    rmSync(folder, { recursive: true, force: true })
  }
  const { report } = record
  report.requests = counts
  const all = [...report.problems, ...report.repositories.flatMap((each) => each.problems)].join('\n')
  const ms = time.now() - begun
  return { result: report.result, report, log: lines, problems: all, fileBeforeFirstWrite, ms }
}

function memoryLog(): { log: Log; lines: string[] } {
  const lines: string[] = []
  const add = (text: string): void => void lines.push(...text.split('\n'))
  const log: Log = {
    begin: (title) => add(`▸ ${title}`),
    end: () => add('◂'),
    info: add,
    notice: add,
    warning: (text) => add(`warning: ${text}`),
    error: (text) => add(`error: ${text}`),
    debug: () => {},
  }
  return { log, lines }
}

export function emptyReport(): Report {
  return {
    schema: 1,
    result: 'refused',
    registry: null,
    fingerprint: null,
    startedAt: '2026-06-01T00:00:00.000Z',
    endedAt: null,
    reason: null,
    run: {
      repository: '',
      workflow: '',
      url: '',
      attempt: 1,
      actor: '',
      event: '',
      commit: '',
      actionVersion: '0',
    },
    inputs: {},
    repositories: [],
    requests: {},
    problems: [],
    warnings: [],
  }
}
