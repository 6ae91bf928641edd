import type { RemainingTag, RemainingVerdict } from '../../plan/standing.js'
import type { Round } from '../../proof/round.js'
import type { Standings } from '../../proof/standing.js'
import { count } from '../text.js'
import { sayFlaw } from './flaw.js'

/** Findings that one line shows. */
const SHOWN = 5

/** @param number of the round, from 1 @returns one line for the log */
export function sayRound(number: number, round: Round, { clean, needed }: Standings): string {
  return `round ${number}: ${sayFindings(round)}; ${clean} of ${needed} clean in a row`
}

function sayFindings({ findings, controlFlaw, lost }: Round): string {
  const all = [...findings]
  const open = all.flatMap(([name, finding]) => {
    if (finding.is === 'gone') return []
    return [
      `${name} ${finding.is === 'present' ? 'STILL ANSWERS' : 'inconclusive'} (${sayFlaw(finding.flaw)})`,
    ]
  })
  const control = controlFlaw === undefined ? 'the control answers' : sayFlaw(controlFlaw)
  const after = lost.length === 0 ? '' : ` (${count(lost.length, 'check')} only after failures)`
  if (open.length === 0) return `all ${all.length} gone, ${control}${after}`
  const more = open.length > SHOWN ? ` and ${open.length - SHOWN} more` : ''
  const shown = open.slice(0, SHOWN).join(', ')
  return `${all.length - open.length} of ${all.length} gone, ${shown}${more}; ${control}${after}`
}

/** Sums up the proof of one repository in one line. @param whole whether everything is proven */
export function sayProof(
  { all, needed }: Pick<Standings, 'all' | 'needed'>,
  remaining: readonly RemainingTag[],
  whole: boolean,
): string {
  const gone = all.filter(({ verdict }) => verdict === 'gone').length
  const having = (wanted: RemainingVerdict): number =>
    remaining.filter(({ verdict }) => verdict === wanted).length
  const open = having('unchecked')
  const tags = `${having('intact')} of ${count(remaining.length, 'remaining tag')} intact${open === 0 ? '' : `, ${open} not checked`}`
  return `${gone} of ${count(all.length, 'item')} proven gone in ${count(needed, 'round')} in a row, ${tags}${whole ? '' : ': NOT PROVEN'}`
}
