import type { Matrix, Report } from './report.js'

const LONGEST_LIST = 400_000

/** @returns every output of action.yml as text. @param path of the report's file */
export function outputsOf(report: Report, path: string): Record<string, string> {
  const gone = new Map<string, boolean>()
  for (const { result, manifests, blobs } of report.repositories)
    for (const { digest, verdict } of [...manifests, ...blobs])
      gone.set(digest, (gone.get(digest) ?? true) && (result === 'planned' || verdict === 'gone'))
  // Where a repository was refused nothing was purged, so nothing of it was kept.
  const kept = new Set(
    report.repositories.flatMap((each) =>
      each.result === 'refused' ? [] : each.kept.map(({ digest }) => digest),
    ),
  )
  // What is gone in one repository and kept in another is not gone.
  const digests = [...gone].flatMap(([digest, yes]) => (yes && !kept.has(digest) ? [digest] : []))
  const exposed = new Set(
    report.repositories.flatMap((each) => each.exposed.map((found) => `${found.repository}@${found.digest}`)),
  )
  return {
    result: report.result,
    verified: String(report.result === 'purged'),
    digests: list(digests),
    kept: list([...kept]),
    exposed: list([...exposed]),
    fingerprint: report.fingerprint ?? '',
    report: path,
    matrix: report.matrix === undefined ? '' : matrix(report.matrix),
  }
}

/** JSON, cut to valid JSON where it is too long for an output: a later run finds the rest. */
function matrix({ include }: Matrix): string {
  const fitting = [...include]
  for (;;) {
    const text = JSON.stringify({ include: fitting })
    if (text.length <= LONGEST_LIST || fitting.length === 0) return text
    fitting.length = Math.min(fitting.length - 1, Math.floor((fitting.length * LONGEST_LIST) / text.length))
  }
}

/** Sorted JSON, cut to valid JSON where it is too long for an output; the report holds everything. */
function list(names: readonly string[]): string {
  const sorted = [...names].sort()
  const whole = JSON.stringify(sorted)
  if (whole.length <= LONGEST_LIST) return whole
  const share = Math.floor((sorted.length * LONGEST_LIST) / whole.length)
  for (let most = share; ; most--) {
    const cut = JSON.stringify(sorted.slice(0, most))
    if (cut.length <= LONGEST_LIST) return cut
  }
}
