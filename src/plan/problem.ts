import type { ReadProblem } from '../survey/problem.js'
import type { PlanProblem } from './problems/plan.js'
import type { ProofProblem } from './problems/proof.js'
import type { PurgeProblem } from './problems/purge.js'
import type { RunProblem } from './problems/run.js'

/**
 * A reason to refuse a run, to fail it, or to warn: its kind, the items concerned, and the registry's response. Only
 * `report/` puts it into words. A warning has the same words.
 */
export type Problem = ReadProblem | PlanProblem | PurgeProblem | ProofProblem | RunProblem

/** Every kind of problem, as written in the report's file. */
export type ProblemKind = Problem['kind']
