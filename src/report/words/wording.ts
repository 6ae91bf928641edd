import type { Problem } from '../../plan/problem.js'

/** A problem in words. */
export interface Wording {
  /** What happened, to what, and what to do now. The first line, which the verdict quotes, says what happened. */
  readonly text: string
  /** What it is about: inputs, repositories, `repository:tag`, `repository@digest`. */
  readonly items: readonly string[]
}

/** Words a problem that is part of another one. */
export type Say = (problem: Problem) => Wording

/** How to word each kind of a union of problems. */
export type Words<P extends { readonly kind: string }> = {
  readonly [K in P['kind']]: (problem: Extract<P, { readonly kind: K }>, say: Say) => Wording
}

/** Puts a problem into the words of its union. @param say words another problem that it holds, if any can */
export function wordsOf<P extends Problem>(words: Words<P>, problem: P, say: Say = holdsNone): Wording {
  const word = words[problem.kind as P['kind']] as (problem: P, say: Say) => Wording
  return word(problem, say)
}

function holdsNone({ kind }: Problem): never {
  throw new Error(`${kind} was not expected within another problem`)
}
