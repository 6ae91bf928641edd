/** A problem in words. */
export interface Wording {
  /** What happened, to what, and what to do now. */
  readonly text: string
  /** What it is about: inputs, repositories, `repository:tag`, `repository@digest`. */
  readonly items: readonly string[]
}

/** How to word each kind of a union of problems. */
export type Words<P extends { readonly kind: string }> = {
  readonly [K in P['kind']]: (problem: Extract<P, { readonly kind: K }>) => Wording
}
