import { WireError } from '../registry/errors.js'
import { ListError, problemOf } from '../survey/errors.js'
import type { ListProblem, NoResponse } from '../survey/problem.js'

/** A check that failed. The purge does not continue, but the run does not crash. */
export interface CheckFailure {
  readonly is: 'unchecked'
  readonly problem: ListProblem | NoResponse
}

/**
 * Waits for a check, and returns its failure instead of throwing it.
 *
 * @throws Stopped, and defects
 */
export async function checked<T>(check: Promise<T>): Promise<{ is: 'checked'; seen: T } | CheckFailure> {
  try {
    return { is: 'checked', seen: await check }
  } catch (error) {
    if (!(error instanceof ListError || error instanceof WireError)) throw error
    return { is: 'unchecked', problem: problemOf(error) }
  }
}
