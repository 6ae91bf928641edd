import fetch from 'node-fetch'
import { isOfCertificate } from '../certificate-text.js'
import { WireError } from '../errors.js'
import type { Send } from '../send.js'
import { Agents, type AgentOptions } from './agents.js'
import { Deadline } from './deadline.js'
import { receive } from './receive.js'

/** How to reach the registry. */
export interface TransportOptions extends AgentOptions {
  readonly userAgent: string
}

/**
 * Makes the innermost Send, with node-fetch. It follows no redirect, requests no compression (digests need the stored
 * bytes) and leaves no body open, since an open body would occupy its socket for ever.
 *
 * @returns the Send, and a function that closes all kept connections
 */
export function transport(options: TransportOptions): { send: Send; close: () => void } {
  const agents = new Agents(options)
  const send: Send = async (request) => {
    const { protocol } = request.url
    if (protocol !== 'http:' && protocol !== 'https:')
      throw new WireError(request, 'forbidden-address', protocol)
    const deadline = new Deadline(request)
    try {
      const fetched = await fetch(request.url, {
        method: request.method,
        headers: {
          'user-agent': options.userAgent,
          'accept-encoding': 'identity',
          // A cache in front of the registry may hold an old response (RFC 9111, 5.2.1.4).
          'cache-control': 'no-cache',
          ...request.headers,
        },
        ...(request.body !== undefined && { body: Buffer.from(request.body) }),
        agent: agents.for(request),
        redirect: 'manual',
        compress: false,
        signal: deadline.signal,
      })
      deadline.headersCame()
      return await receive(request, fetched)
    } catch (error) {
      const failure = deadline.explain(error)
      if (failure.failure !== 'network' || !isOfCertificate(failure.code)) throw failure
      const unverified = await agents.unverified(request, deadline.signal)
      throw new WireError(request, 'network', failure.code, { unverified })
    } finally {
      deadline.clear()
    }
  }
  return { send, close: () => agents.close() }
}
