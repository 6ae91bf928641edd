import type { Reconsidered } from '../plan/reconsider.js'
import { Stopped, WireError } from '../registry/errors.js'
import { ListError } from '../survey/tags.js'
import type { Work } from './work.js'

/** A look that fails is a reason not to go on, and no crash. @returns what was seen, or why nothing was */
export async function looking(look: () => Promise<Reconsidered>): Promise<Reconsidered | string> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof ListError) return error.message
    return sayWhy(error)
  }
}

/** Sees to it that the newest look is at most `age` milliseconds old. @returns why that failed @throws Stopped */
export async function lookingWithin(
  work: Pick<Work, 'lookedWithin'>,
  age: number,
): Promise<string | undefined> {
  try {
    await work.lookedWithin(age)
    return undefined
  } catch (error) {
    if (error instanceof ListError) return error.message
    return sayWhy(error)
  }
}

/** Waits for an answer. @returns it, or why none came @throws Stopped, and defects */
export async function asked<T>(answer: Promise<T>): Promise<T | string> {
  try {
    return await answer
  } catch (error) {
    return sayWhy(error)
  }
}

function sayWhy(error: unknown): string {
  if (!(error instanceof WireError)) throw error
  if (error.failure === 'cancelled') throw new Stopped()
  return error.message
}
