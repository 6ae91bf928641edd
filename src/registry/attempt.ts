import { describe, Stopped, WireError } from './errors.js'
import type { Response, Send } from './send.js'

/**
 * Waits for a response. Returns a WireError instead of throwing it.
 *
 * @throws Stopped
 */
export async function attempt<T>(response: Promise<T>): Promise<T | WireError> {
  try {
    return await response
  } catch (error) {
    if (error instanceof WireError) return error
    throw error
  }
}

/** @returns one bounded line: the response, or why there is none */
export function outcomeOf(response: Response | WireError): string {
  return response instanceof WireError ? response.message : describe(response)
}

/** @param stop aborted when no new work may start @throws Stopped if it is aborted */
export function throwIfStopped(stop: AbortSignal): void {
  if (stop.aborted) throw new Stopped()
}

/**
 * Turns the failure of a cancelled request into `Stopped`. Only the client uses it. Below the client, a cancellation is a
 * WireError; above the client, it is always `Stopped`.
 */
export function stoppable(send: Send): Send {
  return async (request) => {
    try {
      return await send(request)
    } catch (error) {
      if (error instanceof WireError && error.failure === 'cancelled') throw new Stopped({ cause: error })
      throw error
    }
  }
}
