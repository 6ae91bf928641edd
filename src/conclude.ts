import type { Log } from './report/log.js'
import { outputsOf, setOutputs } from './report/outputs.js'
import { Record } from './report/record.js'
import type { Report } from './report/report.js'
import { writeSummary } from './report/summary.js'
import { verdict } from './report/verdict.js'
import { systemClock } from './system.js'

/**
 * Ends a run: writes the report a last time, and says everything that there is to say to log, outputs and summary.
 *
 * @param record holds the finished report
 * @param fallback where the report goes if its own place cannot be written
 * @param redact takes credentials out of a text
 */
export async function conclude(
  record: Record,
  fallback: string,
  redact: (text: string) => string,
  log: Log,
): Promise<void> {
  await tell(record.report, finish(record, fallback, redact, log), log)
}

/** Writes the file a last time; where its place cannot be written, beside the runner's other files. */
function finish(record: Record, fallback: string, redact: (text: string) => string, log: Log): Record {
  try {
    record.write()
    return record
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    log.warning(`report-file: the report cannot be written to ${record.path} (${code})`)
    const other = new Record(record.report, fallback, systemClock, redact)
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
  for (const warning of report.warnings) log.warning(warning)
  for (const { name, warnings } of report.repositories)
    for (const warning of warnings) log.warning(`${name}: ${warning}`)
  for (const problem of problems) log.error(problem)
  const kept = report.repositories.flatMap((each) => each.kept)
  const sentence = `${verdict(report)}. Report: ${record.path}`
  if (problems.length === 0 && !['purged', 'planned', 'nothing-to-do'].includes(report.result))
    log.error(sentence)
  else if (kept.length > 0) log.warning(sentence)
  else log.info(sentence)
  setOutputs(outputsOf(report, record.path))
  try {
    await writeSummary(report, record.path)
  } catch {
    log.info('There is no job summary to write to')
  }
}
