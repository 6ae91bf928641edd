import { describe, Stopped, WireError } from './errors.js'
import type { Response, Send } from './send.js'

/**
 * Waits for a response, and returns a failure on the wire instead of throwing it.
 *
 * @throws Stopped, and defects
 */
export async function attempt<T>(response: Promise<T>): Promise<T | WireError> {
  try {
    return await response
  } catch (error) {
    if (error instanceof WireError) return error
    throw error
  }
}

/** @returns what came of a request, in one bounded line: the response, or why there is none */
export function outcomeOf(response: Response | WireError): string {
  return response instanceof WireError ? response.message : describe(response)
}

/**
 * Turns the end of a request that was cancelled into `Stopped`. This is the only place that does: above it, cancellation
 * is never a failure of the wire, and passes through untouched.
 */
export function stoppable(send: Send): Send {
  return async (request) => {
    try {
      return await send(request)
    } catch (error) {
      if (error instanceof WireError && error.failure === 'cancelled') throw new Stopped()
      throw error
    }
  }
}
