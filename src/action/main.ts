import { randomUUID } from 'node:crypto'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import * as core from '@actions/core'
import { readInputs, type Read } from '../config/inputs.js'
import { run } from '../engine.js'
import type { Result } from '../plan/journal.js'
import type { Log } from '../report/log/log.js'
import { keepSmall } from '../heap.js'
import { Secrets } from '../registry/secrets/secrets.js'
import { ReportFile } from '../report/journal/file.js'
import { ReportJournal } from '../report/journal/journal.js'
import { ProgressMeter } from '../report/log/progress.js'
import { emptyReport, time } from '../report/report.js'
import { isGreen } from '../report/result.js'
import { systemClock, systemRandom } from '../system.js'
import { conclude } from './conclude.js'
import { inputsIn, withoutInputs } from './environment.js'
import { actionsLog } from './log.js'
import { proxiesOf, proxySecrets, unusedProxy } from './proxy.js'
import { NO_CONTEXT, runContext } from './run-context.js'
import { Stopper } from './stopper.js'
import type { Streams } from './streams.js'

/** Milliseconds until the process is ended after the run, at most. */
const LINGER = 500
/** Milliseconds between two progress lines of a long step. */
const BEAT = 5_000

/**
 * The action: reads the inputs, runs the engine, and passes its results to the runner. Sets the exit status; never throws.
 *
 * @param cancel aborted when the runner cancels the step
 * @param streams shows whether the log could be written
 */
export async function main(cancel: AbortSignal, streams: Streams): Promise<void> {
  const { env } = process
  const started = systemClock.now()
  const read = readInputs(inputsIn(env), started)
  const secrets = new Secrets((secret) => core.setSecret(secret))
  secrets.addAll([...read.secrets, ...proxySecrets(env)])
  const redact = (text: string): string => secrets.redact(text)
  const log = actionsLog(redact)
  const context = runContext(env)

  const stamp = time(started).replaceAll(':', '-')
  const name = `registry-purge-${stamp}-${randomUUID().slice(0, 8)}.json`
  const fallbacks = [join(env['RUNNER_TEMP'] || tmpdir(), name), join(tmpdir(), name)] as const
  const file = new ReportFile(read.reportFile ?? fallbacks[0], stamp)
  const report = emptyReport({ ...read, started, run: NO_CONTEXT })
  const journal = new ReportJournal(report, { file, clock: systemClock, log, redact })

  const result = await resultOf(read, { cancel, secrets, journal, log })
  if (streams.lost !== undefined) journal.warn({ kind: 'log-lost', code: streams.lost })
  journal.finish(await context)
  conclude(journal, { fallbacks, stamp, log, environment: env })
  process.exitCode = isGreen(result) ? 0 : 1
  // A system call that cannot be aborted, such as a name lookup, must not keep the process alive for longer.
  setTimeout(() => process.exit(), LINGER).unref()
}

interface Parts {
  readonly cancel: AbortSignal
  readonly secrets: Secrets
  readonly journal: ReportJournal
  readonly log: Log
}

/** Runs the engine, unless the inputs are refused. */
async function resultOf({ settings, problems }: Read, parts: Parts): Promise<Result> {
  const { cancel, secrets, journal, log } = parts
  for (const problem of problems) journal.problem(problem)
  if (settings === undefined) return 'refused'
  const { env } = process
  const unused = unusedProxy(env, settings.origin)
  if (unused !== undefined) journal.warn(unused)
  const stopper = new Stopper(cancel)
  stopper.limit(settings.timeout)
  const progress = new ProgressMeter(
    () => systemClock.now(),
    (line) => journal.progress(line),
  )
  const beating = setInterval(() => progress.beat(), BEAT)
  const letGrow = keepSmall()
  const { stop, kill } = stopper
  const docker = {
    folder: env['DOCKER_CONFIG'] || join(homedir(), '.docker'),
    environment: withoutInputs(env),
  }
  const trace = env['RUNNER_DEBUG'] === '1' ? { trace: (line: string) => log.debug(line) } : {}
  const surroundings = { clock: systemClock, random: systemRandom, stop, kill, secrets, progress, docker }
  const result = await run(settings, { ...surroundings, proxy: proxiesOf(env), ...trace }, journal)
  clearInterval(beating)
  letGrow()
  stopper.rest()
  return result
}
