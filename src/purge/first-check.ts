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

/** What the first check is judged by. */
export interface Known extends Case {
  readonly rules: Rules
  /** The survey is old, so the first check re-reads every tag and not only the named ones. */
  readonly aged: boolean
}

/** What the first check showed. With `refused` nothing may be written. */
export interface FirstCheck {
  readonly refused: readonly Problem[]
  /** What was planned to go, and is needed by these tags now. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
}

/**
 * Checks the repository before the first write, and makes the plan again from what it finds.
 *
 * @throws Stopped
 */
export async function checkFirst(purge: RepositoryPurge, known: Known): Promise<FirstCheck> {
  const { rules, aged, ...asked } = known
  const { remaining } = purge.plan
  const guarded = remaining.filter((each) => each.protected).map(({ tag }) => tag)
  const check = await checked(purge.freshness.checkAgain(aged ? 'all' : 'going', guarded.slice(0, FEW)))
  if (check.is === 'unchecked') return { refused: [check.problem], left: new Map() }
  const { seen } = check
  const again = planRepository({ ...asked, survey: { ...asked.survey, ...purge.facts } }, rules)
  const refused = [...outdated({ plan: purge.plan, again, seen, facts: purge.facts }), ...again.refusals]
  return { refused, left: seen.left }
}
