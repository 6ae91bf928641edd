import type { ReadProblem } from '../survey/facts.js'
import type { PlanProblem } from './problems/plan.js'
import type { ProofProblem } from './problems/proof.js'
import type { PurgeProblem } from './problems/purge.js'
import type { RunProblem } from './problems/run.js'

/**
 * What stands in the way, or has to be said: a value with its kind, what it is about, and what was answered. It becomes
 * a sentence in `report/` alone. As a warning it has the same words.
 */
export type Problem = ReadProblem | PlanProblem | PurgeProblem | ProofProblem | RunProblem

/** Every kind of problem, as the report's file has it. */
export type ProblemKind = Problem['kind']
