/** Problems of the plan. */
export type PlanProblem =
  /** A sentence. */
  { readonly kind: 'said-by-plan'; readonly text: string }
