import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readInputs } from '../../src/config/inputs.js'
import { run, type StopReason } from '../../src/engine.js'
import type { Result } from '../../src/plan/journal.js'
import { unseen } from '../../src/registry/progress.js'
import { Secrets } from '../../src/registry/secrets/secrets.js'
import type { Clock } from '../../src/registry/time.js'
import { ReportFile } from '../../src/report/journal/file.js'
import { ReportJournal } from '../../src/report/journal/journal.js'
import type { Log } from '../../src/report/log/log.js'
import { emptyReport as begin, type Report } from '../../src/report/report.js'
import { FakeClock } from './clock.js'
import type { MemoryRegistry } from './memory-registry.js'
import { SeededRandom } from './random.js'

export interface EngineRun {
  readonly result: Result
  readonly report: Report
  /** Everything that was logged, a line an entry. */
  readonly log: string[]
  /** Every problem of the run and its repositories, as one text. */
  readonly problems: string
  /** The report's file as it was before the first request that changes state; undefined if there was none. */
  readonly fileBeforeFirstWrite: Report | undefined
  /** Milliseconds that passed by the run's own clock. */
  readonly ms: number
}

export interface EngineOptions {
  readonly seed?: number
  /** Milliseconds that each request takes, by the run's own clock. */
  readonly latency?: number
  /** Aborted to cancel the run: requests in flight may end. */
  readonly stop?: AbortSignal
  /** Where the report's file goes, for whoever reads it while the run goes on; the caller's to remove. */
  readonly reportFile?: string
}

/** Milliseconds that requests in flight get when the run is stopped, as in the action. */
const GRACE = 4_000
const STARTED = Date.UTC(2026, 5, 1)

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
  const given = new Map(Object.entries({ registry: registry.url, 'verify-attempts': '2', ...inputs }))
  const read = readInputs(given, STARTED)
  const { settings } = read
  if (settings === undefined) throw new Error(read.problems.map(({ text }) => text).join('\n'))
  const time = new FakeClock({ busy: () => registry.inFlight() > 0 })
  const begun = time.now()
  const stopping = new Stopping(stop, begun + settings.timeout)
  const clock: Clock = {
    now: () => time.now() + latency * (registry.requests?.length ?? 0),
    sleep: async (ms, signal) => {
      await time.sleep(ms, signal)
      stopping.at(time.now())
    },
  }
  const secrets = new Secrets()
  secrets.addAll(read.secrets)
  const { log, lines } = memoryLog()
  const file = new ReportFile(reportFile ?? join(folder, 'report.json'), 'begun')
  const report = begin({ ...read, started: STARTED, run: RUN })
  const journal = new ObservedJournal(report, { file, clock, log, redact: (text) => secrets.redact(text) })
  const random = new SeededRandom(seed)
  const docker = { folder, environment: {} }
  const surroundings = { clock, random, secrets, docker, proxy: {}, progress: unseen }
  let result: Result
  try {
    const { stop, kill } = stopping
    result = await run(settings, { ...surroundings, stop, kill }, journal)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const all = journal.copy()
  return {
    result,
    report: all,
    log: lines,
    problems: [...all.problems, ...all.repositories.flatMap((each) => each.problems)]
      .map(({ text }) => text)
      .join('\n'),
    fileBeforeFirstWrite: journal.fileBeforeFirstWrite,
    ms: time.now() - begun,
  }
}

/** Reads the file right before the first request that changes state is recorded in it. */
class ObservedJournal extends ReportJournal {
  fileBeforeFirstWrite: Report | undefined

  override about(...about: Parameters<ReportJournal['about']>): void {
    this.fileBeforeFirstWrite ??= JSON.parse(readFileSync(this.path, 'utf8')) as Report
    super.about(...about)
  }
}

/** Stops a run as the action does: at a signal, or when its time is up. */
class Stopping {
  readonly #late = new AbortController()
  readonly #kill = new AbortController()
  readonly #end: number
  readonly stop: AbortSignal
  #stoppedAt: number | undefined

  constructor(cancel: AbortSignal, end: number) {
    this.#end = end
    this.stop = AbortSignal.any([cancel, this.#late.signal])
  }

  get kill(): AbortSignal {
    return this.#kill.signal
  }

  /** Takes in the time that it is. */
  at(now: number): void {
    const late: StopReason = 'timeout'
    if (now >= this.#end) this.#late.abort(late)
    if (this.stop.aborted) this.#stoppedAt ??= now
    if (this.#stoppedAt !== undefined && now >= this.#stoppedAt + GRACE) this.#kill.abort()
  }
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

const RUN = {
  repository: '',
  workflow: '',
  url: '',
  attempt: 1,
  actor: '',
  event: '',
  commit: '',
  actionVersion: '0',
}

export function emptyReport(): Report {
  return begin({ started: STARTED, shown: {}, run: RUN })
}
