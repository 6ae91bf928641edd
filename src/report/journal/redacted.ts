import type { Report, ReportedProblem, RepositoryEntry } from '../report.js'

/**
 * @param redact takes credentials out of a text: a registry may echo a request
 * @returns a copy of a report whose texts hold no credentials. Digests, tags and the like cannot hold any
 */
export function redacted(report: Report, redact: (text: string) => string): Report {
  return {
    ...report,
    reason: report.reason === null ? null : redact(report.reason),
    inputs: Object.fromEntries(Object.entries(report.inputs).map(([name, value]) => [name, redact(value)])),
    repositories: report.repositories.map((entry) => redactedEntry(entry, redact)),
    problems: redactedProblems(report.problems, redact),
    warnings: report.warnings.map(redact),
  }
}

function redactedEntry(entry: RepositoryEntry, redact: (text: string) => string): RepositoryEntry {
  const orNull = (text: string | null): string | null => (text === null ? null : redact(text))
  const content = entry.manifests.concat(entry.blobs).map((each) => ({
    ...each,
    mediaType: redact(each.mediaType),
    detail: orNull(each.detail),
  }))
  return {
    ...entry,
    problems: redactedProblems(entry.problems, redact),
    warnings: entry.warnings.map(redact),
    tags: entry.tags.map((tag) => ({ ...tag, reason: orNull(tag.reason) })),
    manifests: content.slice(0, entry.manifests.length),
    blobs: content.slice(entry.manifests.length),
    remaining: entry.remaining.map((tag) => ({ ...tag, detail: orNull(tag.detail) })),
  }
}

function redactedProblems(
  problems: readonly ReportedProblem[],
  redact: (text: string) => string,
): ReportedProblem[] {
  return problems.map(({ kind, text, items }) => ({ kind, text: redact(text), items: items.map(redact) }))
}
