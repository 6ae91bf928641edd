import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { createSecureContext } from 'node:tls'

/**
 * @typedef {{ username: string, password: string }} Credentials
 * @typedef {{
 *   url: string | URL,
 *   method?: string,
 *   headers?: Record<string, string>,
 *   body?: Buffer | string | undefined,
 *   ca?: string | undefined,
 *   auth?: Credentials | undefined,
 *   timeoutMs?: number,
 * }} HttpRequest
 * @typedef {{ status: number, headers: import('node:http').IncomingHttpHeaders, body: Buffer }} HttpResponse
 */

/** @type {Map<string, import('node:tls').SecureContext>} */
const contexts = new Map()

/**
 * Keeps one context for each authority: making a context takes as long as the rest of a request.
 * @param {string} ca
 */
function contextFor(ca) {
  const context = contexts.get(ca) ?? createSecureContext({ ca })
  contexts.set(ca, context)
  return context
}

/**
 * Sends one request on its own connection, so that no response depends on an earlier one. It follows no redirect. A body
 * that is cut off is an error.
 * @param {HttpRequest} request
 * @returns {Promise<HttpResponse>}
 */
export function request({ url, method = 'GET', headers = {}, body, ca, auth, timeoutMs = 30_000 }) {
  const target = new URL(url)
  /** @type {import('node:https').RequestOptions & { secureContext?: import('node:tls').SecureContext }} */
  const options = { method, agent: false, headers: { ...headers }, signal: AbortSignal.timeout(timeoutMs) }
  if (auth) options.auth = `${auth.username}:${auth.password}`
  if (ca) options.secureContext = contextFor(ca)
  if (body !== undefined) options.headers = { ...headers, 'content-length': String(Buffer.byteLength(body)) }
  const send = target.protocol === 'https:' ? tlsRequest : plainRequest
  return new Promise((resolve, reject) => {
    const outgoing = send(target, options, (response) => {
      /** @type {Buffer[]} */
      const chunks = []
      const { statusCode: status = 0, headers } = response
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status, headers, body: Buffer.concat(chunks) }))
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
