import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import { planRepository } from '../plan/decide.js'
import { outdated } from '../plan/outdated.js'
import type { Case, Rules } from '../plan/plan.js'
import type { Problem } from '../plan/problem.js'
import { checked } from './checked.js'
import type { RepositoryPurge } from './repository-purge.js'

/** Protected tags that are re-read before the first write, at most: globs can protect thousands. */
const FEW = 100

/** The data that the plan was made from. The first check makes the plan again from it. */
export interface Known extends Case {
  readonly rules: Rules
  /** The survey is old, so the first check re-reads every tag, not only those that the plan deletes. */
  readonly aged: boolean
}

/** The result of the first check. If `refused` is not empty, nothing may be written. */
export interface FirstCheck {
  readonly refused: readonly Problem[]
  /** Content that the plan deletes, with the tags that need it now. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
}

/**
 * Checks the repository before the first write, and makes the plan again from the new facts.
 *
 * @throws Stopped
 */
export async function checkFirst(purge: RepositoryPurge, known: Known): Promise<FirstCheck> {
  const { rules, aged, ...surveyed } = known
  const { remaining } = purge.plan
  const guarded = remaining.filter((each) => each.protected).map(({ tag }) => tag)
  const check = await checked(purge.freshness.checkAgain(aged ? 'all' : 'going', guarded.slice(0, FEW)))
  if (check.is === 'unchecked') return { refused: [check.problem], left: new Map() }
  const { seen } = check
  const again = planRepository({ ...surveyed, survey: { ...surveyed.survey, ...purge.facts } }, rules)
  const refused = [...outdated({ plan: purge.plan, again, seen, facts: purge.facts }), ...again.refusals]
  return { refused, left: seen.left }
}
