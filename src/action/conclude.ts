import { codeOf } from '../registry/code.js'
import { ReportFile } from '../report/journal/file.js'
import type { ReportJournal } from '../report/journal/journal.js'
import type { Log } from '../report/log/log.js'
import { outputsOf } from '../report/outputs.js'
import type { Report } from '../report/report.js'
import { isGreen } from '../report/result.js'
import { renderSummary } from '../report/summary/summary.js'
import { verdict } from '../report/verdict.js'
import type { Environment } from './environment.js'
import { setOutputs } from './outputs.js'
import { appendForRunner, RunnerFileError } from './runner-file.js'

/** The parameters of `conclude`. */
export interface Ending {
  readonly log: Log
  /** Paths for the report if its own path cannot be written, in this order. */
  readonly fallbacks: readonly string[]
  /** A time stamp for the name of an existing file that is renamed to make way for the report. */
  readonly stamp: string
  readonly environment: Environment
}

/**
 * Ends a run: writes the report a last time, logs the verdict, and sets outputs and summary. If one of these steps fails,
 * it logs an error, and the other steps still run. Never throws.
 *
 * @param journal of a run that has ended
 */
export function conclude(journal: ReportJournal, ending: Ending): void {
  const { log, environment } = ending
  const report = journal.copy()
  const path = saveLast(journal, report, ending)
  const where = path === undefined ? 'There is no report either' : `The report contains the same: ${path}`
  const file = (variable: string) => ({ variable, path: environment[variable] })
  const handOver = (failed: string, act: () => void): void => {
    try {
      act()
    } catch (error) {
      const known = error instanceof RunnerFileError
      log.error(
        `${failed} (${known ? error.message : `registry-purge has a defect: ${String(error)}`}). ${where}`,
      )
    }
  }
  handOver('The verdict was not logged', () => tell(report, path, log))
  handOver('The outputs of this step were not set', () =>
    setOutputs(outputsOf(report, path ?? ''), file('GITHUB_OUTPUT')),
  )
  handOver('The job summary was not written', () =>
    appendForRunner(file('GITHUB_STEP_SUMMARY'), renderSummary(report, path ?? 'not written')),
  )
}

/** Writes the report a last time. @returns its path, or undefined if it could not be written anywhere */
function saveLast(journal: ReportJournal, report: Report, ending: Ending): string | undefined {
  const { log, fallbacks, stamp } = ending
  const failures = new Map<string, string>()
  const others = fallbacks.map((path) => () => {
    const file = new ReportFile(path, stamp)
    return { path: file.path, save: () => file.write(journal.render()) }
  })
  for (const place of [() => ({ path: journal.path, save: () => journal.save() }), ...others]) {
    const { path, save } = place()
    if (failures.has(path)) continue
    try {
      save()
    } catch (error) {
      failures.set(path, codeOf(error))
      continue
    }
    // The path of the journal changes if another run uses the same path.
    if (failures.size === 0) return journal.path
    say(`it is in ${path} instead`)
    return path
  }
  say('no report was written. Keep this log: a later run can use the lines that the step Plan printed')
  return undefined

  function say(instead: string): void {
    const places = [...failures].map(([path, code]) => `${path} (${code})`).join(', nor to ')
    const sentence = `report-file: the report cannot be written to ${places}; ${instead}`
    // If this failure has refused the run, an error was logged already.
    if (report.problems.some(({ kind }) => kind === 'report-file')) log.info(sentence)
    else log.error(sentence)
  }
}

/** Logs warnings, problems and, as the last line, the verdict. Not inside a group, which the runner would fold. */
function tell(report: Report, path: string | undefined, log: Log): void {
  const problems = [...report.problems, ...report.repositories.flatMap((each) => each.problems)]
  for (const warning of report.warnings) log.warning(warning)
  for (const { name, warnings } of report.repositories)
    for (const warning of warnings) log.warning(`${name}: ${warning}`)
  for (const { text } of problems) log.error(text)
  const kept = report.repositories.flatMap((each) => each.kept)
  const sentence = `${verdict(report)}. Report: ${path ?? 'none'}`
  if (problems.length === 0 && !isGreen(report.result)) log.error(sentence)
  else if (kept.length > 0) log.warning(sentence)
  else log.info(sentence)
}
