import { fingerprint } from '../plan/fingerprint.js'
import type { RepositoryPlan, Rules } from '../plan/plan.js'
import type { Matrix } from './report.js'

/** GitHub's limit for the jobs of a matrix. */
const ENTRIES = 256

/**
 * @param plans those of a dry run in which something goes, in order
 * @returns a job matrix: a repository an entry, or several where there are more than a matrix can have. Each entry has
 *   the fingerprint that a run on just its repositories comes to
 */
export function matrixOf(plans: readonly RepositoryPlan[], rules: Rules): Matrix {
  const entries = Math.min(plans.length, ENTRIES)
  const include = Array.from({ length: entries }, (_, at) => {
    const own = plans.slice(
      Math.floor((at * plans.length) / entries),
      Math.floor(((at + 1) * plans.length) / entries),
    )
    return {
      repositories: own.map(({ repository }) => repository).join('\n'),
      fingerprint: fingerprint(rules, own),
    }
  })
  return { include }
}
