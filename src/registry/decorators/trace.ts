import { display, shownUrl, WireError } from '../errors.js'
import type { Response, Send } from '../send.js'
import type { Clock } from '../time.js'

/**
 * Writes one line for each request that was sent: method, URL without the parts that may be secret, status or failure,
 * milliseconds, and number of the attempt (from 1).
 */
export function traced(send: Send, clock: Clock, write: (line: string) => void): Send {
  return async (request) => {
    const start = clock.now()
    const trace = (outcome: string): void =>
      write(
        `${request.method} ${display(shownUrl(request))} ${outcome} ${clock.now() - start} ms attempt ${request.attempt ?? 1}`,
      )
    try {
      const response = await send(request)
      trace(outcomeOf(response))
      return response
    } catch (error) {
      trace(error instanceof WireError ? error.code : 'failed')
      throw error
    }
  }
}

function outcomeOf({ status, cut }: Response): string {
  return cut ? `${status} cut` : String(status)
}
