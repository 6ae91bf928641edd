import type { Problem, ProblemKind } from '../../plan/problem.js'
import { planWords } from './plan.js'
import { proofWords } from './proof.js'
import { purgeWords } from './purge.js'
import { readWords } from './read.js'
import { runWords } from './run.js'
import { wordsOf, type Wording, type Words } from './wording.js'

const WORDS: Words<Problem> = { ...readWords, ...planWords, ...purgeWords, ...proofWords, ...runWords }

/** Every kind of problem that a report can hold. */
export const PROBLEM_KINDS = Object.keys(WORDS) as readonly ProblemKind[]

/** Puts a problem, or a warning, into words. */
export function say(problem: Problem): Wording {
  return wordsOf(WORDS, problem, say)
}
