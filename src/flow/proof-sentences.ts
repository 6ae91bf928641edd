import type { Round } from '../proof/round.js'
import type { Standing } from '../plan/standing.js'
import type { Standings } from '../proof/standing.js'
import type { Work } from '../purge/work.js'
import { count, some } from '../report/text.js'

/** Digests that one warning names. */
const SHOWN = 5

/** Blobs that were named and were not there: a proof that they are gone would be true, and mean nothing. */
export function neverThere({ plan, done }: Work): string[] {
  const absent = plan.blobs.filter(
    ({ digest, named }) => named && done.get(digest)?.outcome === 'already-gone',
  )
  if (absent.length === 0) return []
  const names = some(
    absent.map(({ digest }) => digest),
    SHOWN,
  )
  return [
    `${count(absent.length, 'digest')} of \`blobs\` ${absent.length === 1 ? 'was' : 'were'} not there, so nothing was deleted: ${names}. If no earlier run deleted ${absent.length === 1 ? 'it' : 'them'}, check the repository, and that a layer is named by the digest in its manifest, not by the DiffID in its config`,
  ]
}

/** A proof by what answers is silent about what does not. */
export function lostChecks(lost: readonly (readonly string[])[]): string[] {
  if (lost.length === 0) return []
  const kinds = [...new Set(lost.flat())].sort().join(', ')
  return [
    `${count(lost.length, 'look')} of the proof ${lost.length === 1 ? 'was' : 'were'} answered only after failures (${kinds}). If one of several replicas fails, it was not checked: run again with the lines of the step Plan when it is back`,
  ]
}

export function tellRound({ findings, controlFailed, lost }: Round): string {
  const all = [...findings]
  const open = all.filter(([, finding]) => finding.is !== 'gone')
  const control = controlFailed === undefined ? 'the control answers' : controlFailed
  const after = lost.length === 0 ? '' : ` (${count(lost.length, 'look')} only after failures)`
  if (open.length === 0) return `all ${all.length} gone, ${control}${after}`
  const shown = open.slice(0, 5).map(([name, finding]) => {
    if (finding.is === 'gone') return name
    return finding.is === 'present'
      ? `${name} STILL ANSWERS (${finding.detail})`
      : `${name} inconclusive (${finding.detail})`
  })
  const more = open.length > shown.length ? ` and ${open.length - shown.length} more` : ''
  return `${all.length - open.length} of ${all.length} gone, ${shown.join(', ')}${more}; ${control}${after}`
}

export function unproven(
  { all }: Standings,
  { plan, done }: Work,
  told: readonly string[],
  controlFailed: string | undefined,
): string[] {
  const { repository } = plan
  const nameOf = ({ item: { kind, name } }: Standing): string =>
    `${repository}${kind === 'tag' ? ':' : '@'}${name}`
  const open = all
    .filter(({ verdict }) => verdict === 'present' || verdict === 'inconclusive')
    .filter((each) => !told.some((sentence) => sentence.startsWith(nameOf(each))))
    .filter(({ item }) => {
      // A tag that was not removed in the first place still answers, of course; why, is told where it was tried.
      const outcome = item.kind === 'tag' ? done.get(item.name)?.outcome : undefined
      return outcome !== 'failed' && outcome !== 'kept'
    })
  const lacking = open.filter(
    ({ verdict, finding }) => verdict !== 'present' && (finding?.is ?? 'gone') === 'gone',
  )
  const sentences = open.flatMap((each) => {
    const { verdict, finding } = each
    if (lacking.includes(each)) return []
    const detail = finding === undefined || finding.is === 'gone' ? 'it answers again' : finding.detail
    return [
      verdict === 'present'
        ? `${nameOf(each)} STILL ANSWERS: ${detail}. Restart the registry's replicas or flush its cache, purge caches in front of it, and run again with the lines of the step Plan`
        : `${nameOf(each)} is not proven gone: ${detail}. Run again with the lines of the step Plan`,
    ]
  })
  if (lacking.length > 0)
    sentences.push(
      `${some(lacking.map(nameOf), SHOWN)} ${lacking.length === 1 ? 'is' : 'are'} not proven gone: ${controlFailed ?? 'the time was up before enough rounds in a row were clean'}. Run again with the lines of the step Plan, with a longer \`verify-timeout\` if the time was up`,
    )
  return sentences
}
