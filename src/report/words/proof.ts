import type { ProofProblem } from '../../plan/problems/proof.js'
import type { Words } from './wording.js'

/** The words for problems of the proof. */
export const proofWords: Words<ProofProblem> = {
  'said-by-proof': ({ text }) => ({ text, items: [] }),
}
