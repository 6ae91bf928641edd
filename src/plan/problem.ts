import type { ReadProblem } from '../survey/problem.js'
import type { PlanProblem } from './problems/plan.js'
import type { ProofProblem } from './problems/proof.js'
import type { PurgeProblem } from './problems/purge.js'
import type { RunProblem } from './problems/run.js'

/**
 * Something that refuses a run, makes it fail, or needs a warning: its kind, what it is about, and what the registry
 * answered. Only `report/` puts it into words, which are the same for a warning.
 */
export type Problem = ReadProblem | PlanProblem | PurgeProblem | ProofProblem | RunProblem

/** Every kind of problem, as the report's file has it. */
export type ProblemKind = Problem['kind']
