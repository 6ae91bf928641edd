import type { Reconsidered } from '../plan/reconsider.js'
import { WireError } from '../registry/errors.js'
import { ListError } from '../survey/tags.js'
import type { Work } from './work.js'

/** A look that fails is a reason not to go on, and no crash. @returns what was seen, or why nothing was */
export async function looking(look: () => Promise<Reconsidered>): Promise<Reconsidered | string> {
  try {
    return await look()
  } catch (error) {
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
    return sayWhy(error)
  }
}

function sayWhy(error: unknown): string {
  if (error instanceof ListError || error instanceof WireError) return error.message
  throw error
}
