import type { Outcome } from '../../plan/outcome.js'

/** How the log words an outcome: of one item, and behind a number of items. */
const WORDS: Readonly<Record<Outcome, { readonly one: string; readonly many: string }>> = {
  deleted: { one: 'deleted', many: 'deleted' },
  'already-gone': { one: 'gone already', many: 'gone already' },
  'with-manifest': { one: 'to be deleted with its manifest', many: 'to be deleted with the manifest' },
  kept: { one: 'kept', many: 'left' },
  failed: { one: 'NOT deleted', many: 'NOT deleted' },
  unknown: { one: 'outcome unknown', many: 'unknown' },
}

/** Words the outcome of one item. */
export function sayOutcome(outcome: Outcome): string {
  return WORDS[outcome].one
}

/** Sums up the outcomes of a step. @param counts how many items have each outcome */
export function sayCounts(counts: ReadonlyMap<Outcome, number>): string {
  const parts = [...counts].map(([outcome, number]) => `${number} ${WORDS[outcome].many}`)
  return parts.length === 0 ? 'nothing was done' : parts.join(', ')
}
