import type { RunProblem } from '../../plan/problems/run.js'
import type { Words } from './wording.js'

/** The words for problems of the run. */
export const runWords: Words<RunProblem> = {
  'said-by-run': ({ text }) => ({ text, items: [] }),
}
