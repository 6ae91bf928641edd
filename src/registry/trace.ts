import { display, shownUrl, WireError } from './errors.js'
import type { Response, Send } from './send.js'
import type { Clock } from './time.js'

/**
 * Tells one line a request that went over the network: method, URL without what may be secret, status or failure,
 * milliseconds, and which sending of the same request it was.
 *
 * @param send what to decorate
 * @param tell takes the line
 */
export function traced(send: Send, clock: Clock, tell: (line: string) => void): Send {
  return async (request) => {
    const begun = clock.now()
    const say = (outcome: string): void =>
      tell(
        `${request.method} ${display(shownUrl(request))} ${outcome} ${clock.now() - begun} ms attempt ${request.attempt ?? 1}`,
      )
    try {
      const response = await send(request)
      say(outcomeOf(response))
      return response
    } catch (error) {
      say(error instanceof WireError ? error.code : 'failed')
      throw error
    }
  }
}

function outcomeOf({ status, cut }: Response): string {
  return cut ? `${status} cut` : String(status)
}
