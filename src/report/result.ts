import type { Result } from '../plan/journal.js'

const GREEN: ReadonlySet<Result> = new Set<Result>(['purged', 'planned', 'nothing-to-do'])

/** Whether a step that ended so is green. */
export function isGreen(result: Result): boolean {
  return GREEN.has(result)
}
