import type { IncomingHttpHeaders } from 'node:http'
import type { Twist } from './twist.js'
import { deliver, twisted, type Answer } from './answer.js'
import { listening } from './front.js'
import type { Fillings } from './places.js'

/** A server to which a hostile registry leads, and what arrived there. */
export interface Canary {
  readonly host: string
  readonly requests: {
    readonly method: string
    readonly url: string
    readonly headers: IncomingHttpHeaders
    readonly body: string
  }[]
  stop(): Promise<void>
}

/**
 * @param says what it answers
 * @param twists are applied to its answers in turn, over and over; none: it tells the truth
 */
export async function startCanary(
  says: Answer,
  twists: readonly Omit<Twist, 'where'>[],
  fill: () => Fillings,
): Promise<Canary> {
  const requests: Canary['requests'] = []
  const { host, stop } = await listening((incoming, response) => {
    const { method = '', url = '', headers } = incoming
    let body = ''
    incoming.setEncoding('latin1').on('data', (part: string) => (body += part))
    incoming.on('end', () => {
      const twist = twists.length === 0 ? undefined : twists[requests.length % twists.length]
      requests.push({ method, url, headers, body })
      if (twist === undefined) response.writeHead(says.status, says.headers.flat()).end(says.body)
      else deliver(incoming.socket, method, twisted(says, { where: 'any', ...twist }, fill()), twist.delivery)
    })
  })
  return { host, requests, stop }
}
