import { redactor, type Basic } from './registry/credentials.js'
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
 * @param basic what must stand nowhere in it
 */
export async function conclude(
  record: Record,
  fallback: string,
  basic: Basic | undefined,
  log: Log,
): Promise<void> {
  redact(record.report, basic)
  await tell(record.report, finish(record, fallback, log), log)
}

/** A registry may echo a request: whatever free text the report holds loses the password and its encoded forms. */
function redact(report: Report, basic: Basic | undefined): void {
  const clean = redactor(basic)
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
function finish(record: Record, fallback: string, log: Log): Record {
  try {
    record.write()
    return record
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    log.warning(`report-file: the report cannot be written to ${record.path} (${code})`)
    const other = new Record(record.report, fallback, systemClock)
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
