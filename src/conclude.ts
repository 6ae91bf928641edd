import type { Log } from './report/log.js'
import { codeOf } from './report/failure.js'
import { outputsOf, setOutputs } from './report/outputs.js'
import { Record } from './report/record.js'
import type { Report } from './report/report.js'
import { RunnerFileError, type RunnerFile } from './report/runner-file.js'
import { writeSummary } from './report/summary.js'
import { verdict } from './report/verdict.js'
import { systemClock } from './system.js'

/** What a run is ended with. */
export interface Ending {
  /** Where the report goes if its own place cannot be written, in this order. */
  readonly fallbacks: readonly string[]
  /** Takes credentials out of a text. */
  readonly redact: (text: string) => string
  readonly log: Log
  readonly outputs: RunnerFile
  readonly summary: RunnerFile
}

/**
 * Ends a run: writes the report a last time, and hands what there is to say to log, outputs and summary. If one of them
 * fails, one error says so, and the others follow all the same. Never throws.
 *
 * @param record holds the finished report
 */
export function conclude(record: Record, ending: Ending): void {
  const { log, outputs, summary } = ending
  const { report } = record
  const path = finish(record, ending)
  const where = path === undefined ? 'There is no report either' : `The report has what they say: ${path}`
  handOver(log, 'The verdict was not told', where, () => tell(report, path, log))
  handOver(log, 'The outputs of this step were not set', where, () =>
    setOutputs(outputsOf(report, path ?? ''), outputs),
  )
  handOver(log, 'The job summary was not written', where, () =>
    writeSummary(report, path ?? 'not written', summary),
  )
}

/**
 * Writes the file a last time.
 *
 * @returns where it is, or undefined if it could not be written anywhere
 */
function finish(record: Record, { fallbacks, redact, log }: Ending): string | undefined {
  const failures: string[] = []
  const { report } = record
  const others = fallbacks.map((path) => () => new Record(report, path, systemClock, redact))
  for (const next of [() => record, ...others]) {
    const each = next()
    if (failures.some((failure) => failure.startsWith(`${each.path} (`))) continue
    try {
      each.write()
    } catch (error) {
      failures.push(`${each.path} (${codeOf(error)})`)
      continue
    }
    if (failures.length > 0) say(`it is in ${each.path} instead`)
    return each.path
  }
  say('it is nowhere. Keep this log: the lines that the step Plan printed are what a later run takes')
  return undefined

  function say(instead: string): void {
    const sentence = `report-file: the report cannot be written to ${failures.join(', nor to ')}; ${instead}`
    // Where that refused the run, an error says so already.
    if (report.problems.some((problem) => problem.startsWith('report-file: '))) log.info(sentence)
    else log.error(sentence)
  }
}

/** Does one hand-over. @param what was not done if it fails @param where to look instead */
function handOver(log: Log, what: string, where: string, act: () => void): void {
  try {
    act()
  } catch (error) {
    const why =
      error instanceof RunnerFileError ? error.message : `registry-purge has a defect: ${String(error)}`
    log.error(`${what} (${why}). ${where}`)
  }
}

/** Everything that a failure has to say stands outside the groups, and in the summary. */
function tell(report: Report, path: string | undefined, log: Log): void {
  const problems = [...report.problems, ...report.repositories.flatMap((each) => each.problems)]
  for (const warning of report.warnings) log.warning(warning)
  for (const { name, warnings } of report.repositories)
    for (const warning of warnings) log.warning(`${name}: ${warning}`)
  for (const problem of problems) log.error(problem)
  const kept = report.repositories.flatMap((each) => each.kept)
  const sentence = `${verdict(report)}. Report: ${path ?? 'none'}`
  if (problems.length === 0 && !['purged', 'planned', 'nothing-to-do'].includes(report.result))
    log.error(sentence)
  else if (kept.length > 0) log.warning(sentence)
  else log.info(sentence)
}
