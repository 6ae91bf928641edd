/** Problems of the run. */
export type RunProblem =
  /** A sentence. */
  { readonly kind: 'said-by-run'; readonly text: string }
