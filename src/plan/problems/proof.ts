/** Problems of the proof. */
export type ProofProblem =
  /** A sentence. */
  { readonly kind: 'said-by-proof'; readonly text: string }
