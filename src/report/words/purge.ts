import type { PurgeProblem } from '../../plan/problems/purge.js'
import type { Words } from './wording.js'

/** The words for problems of the purge. */
export const purgeWords: Words<PurgeProblem> = {
  'said-by-purge': ({ text }) => ({ text, items: [] }),
}
