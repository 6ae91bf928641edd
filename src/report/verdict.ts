import type { Verdict } from '../proof/standing.js'
import type { Report, RepositoryEntry } from './report.js'
import { count, some } from './text.js'

const HOLDERS = 5

/**
 * The one sentence that stands first everywhere. It never says "purged" alone where something is still served.
 *
 * @returns a sentence without a full stop
 */
export function verdict(report: Report): string {
  const { repositories, problems } = report
  const contents = distinct(repositories)
  const kept = stillServed(repositories)
  if (report.result === 'planned')
    return `Dry run: ${count(contents.length, 'digest')} would go${kept === '' ? '' : `; ${kept.replace('STILL SERVED', 'would stay SERVED')}`}. Nothing was written`
  if (report.result === 'refused') {
    const first =
      problems[0] ??
      repositories.flatMap((each) => each.problems)[0] ??
      'the run ended before the first write'
    return `Refused, nothing was written: ${headline(first)}`
  }
  const gone = contents.filter((each) => each.verdict === 'gone').length
  const proven = `${count(gone, 'digest')} gone`
  const served = kept === '' ? '' : `; ${kept}`
  if (report.result === 'purged') return `${proven}${served}`
  const open = contents.length - gone
  const present = contents.filter((each) => each.verdict === 'present').length
  const rest = [
    ...(open > 0
      ? [
          `${open} of ${contents.length} digests NOT proven gone${present > 0 ? ` (${present} still answer)` : ''}`,
        ]
      : []),
    ...(gone > 0 ? [proven] : []),
  ].join('; ')
  if (report.result === 'cancelled') return `Cancelled: ${rest === '' ? 'nothing was done' : rest}${served}`
  return `NOT PROVEN: ${rest}${served}`
}

/** The first line, without a sentence that only leads over to the next. */
function headline(text: string): string {
  const [line = ''] = text.split('\n')
  return line.endsWith(':') && line.includes('. ') ? line.slice(0, line.lastIndexOf('. ')) : line
}

/** Each digest once, with the worst that is known of it in any repository. */
function distinct(repositories: readonly RepositoryEntry[]): { verdict: Verdict }[] {
  const all = new Map<string, { verdict: Verdict }>()
  for (const { manifests, blobs } of repositories)
    for (const { digest, verdict } of [...manifests, ...blobs]) {
      const known = all.get(digest)
      if (known === undefined || verdict === 'present' || known.verdict === 'gone')
        all.set(digest, { verdict })
    }
  return [...all.values()]
}

function stillServed(repositories: readonly RepositoryEntry[]): string {
  const kept = repositories.flatMap((each) => each.kept)
  const digests = new Set(kept.map(({ digest }) => digest)).size
  if (digests === 0) return ''
  const holders = [...new Set(kept.flatMap(({ heldBy }) => heldBy))].sort()
  return `${count(digests, 'digest')} STILL SERVED, held by ${some(holders, HOLDERS)}`
}
