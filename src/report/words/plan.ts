import type { PlanProblem } from '../../plan/problems/plan.js'
import type { Words } from './wording.js'

/** The words for problems of the plan. */
export const planWords: Words<PlanProblem> = {
  'said-by-plan': ({ text }) => ({ text, items: [] }),
}
