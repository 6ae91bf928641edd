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
  const contents = repositories.flatMap(({ manifests, blobs }) => [...manifests, ...blobs])
  const kept = stillServed(repositories)
  if (report.result === 'planned')
    return `Dry run: ${count(contents.length, 'digest')} would go${kept === '' ? '' : `; ${kept.replace('STILL SERVED', 'would stay SERVED')}`}. Nothing was written`
  if (report.result === 'refused') {
    const first =
      problems[0] ??
      repositories.flatMap((each) => each.problems)[0] ??
      'the run ended before the first write'
    return `Refused, nothing was written: ${first.split('\n')[0] ?? ''}`
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

function stillServed(repositories: readonly RepositoryEntry[]): string {
  const kept = repositories.flatMap((each) => each.kept)
  if (kept.length === 0) return ''
  const holders = [...new Set(kept.flatMap(({ heldBy }) => heldBy))].sort()
  return `${count(kept.length, 'digest')} STILL SERVED, held by ${some(holders, HOLDERS)}`
}
