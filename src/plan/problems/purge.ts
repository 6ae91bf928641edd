/** Problems of the purge. */
export type PurgeProblem =
  /** A sentence. */
  { readonly kind: 'said-by-purge'; readonly text: string }
