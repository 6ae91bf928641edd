import type { PlanProblem } from '../../plan/problems/plan.js'
import { accessWords } from './plan/access.js'
import { deletionWords } from './plan/deletion.js'
import { leftBehindWords } from './plan/left-behind.js'
import { namedWords } from './plan/named.js'
import { outdatedWords } from './plan/outdated.js'
import { remarkWords } from './plan/remark.js'
import { runWords } from './plan/run.js'
import { referrerWords, unknownWords } from './plan/unknown.js'
import { wordsOf, type Wording, type Words } from './wording.js'

/** The words for problems of the plan. */
export const planWords: Words<PlanProblem> = {
  ...runWords,
  ...namedWords,
  ...leftBehindWords,
  ...unknownWords,
  ...referrerWords,
  ...deletionWords,
  ...accessWords,
  ...outdatedWords,
  ...remarkWords,
}

/** Puts a problem of the plan into words. */
export function sayPlan(problem: PlanProblem): Wording {
  return wordsOf(planWords, problem)
}
