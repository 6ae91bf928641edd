import type { ReadProblem } from '../../survey/facts.js'
import type { Words } from './wording.js'

/** The words for what could not be read. */
export const readWords: Words<ReadProblem> = {
  'said-by-survey': ({ text }) => ({ text, items: [] }),
}
