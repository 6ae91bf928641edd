import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'

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
 * @typedef {{ status: number, headers: import('node:http').IncomingHttpHeaders, body: Buffer }} HttpAnswer
 */

/**
 * One request on a connection of its own, so that no answer depends on what an earlier one left behind. Follows no
 * redirect. A body that is cut off is an error.
 * @param {HttpRequest} request
 * @returns {Promise<HttpAnswer>}
 */
export function request({ url, method = 'GET', headers = {}, body, ca, auth, timeoutMs = 30_000 }) {
  const target = new URL(url)
  /** @type {import('node:https').RequestOptions} */
  const options = { method, agent: false, headers: { ...headers }, signal: AbortSignal.timeout(timeoutMs) }
  if (auth) options.auth = `${auth.username}:${auth.password}`
  if (ca) options.ca = ca
  if (body !== undefined) options.headers = { ...headers, 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const outgoing = (target.protocol === 'https:' ? tlsRequest : plainRequest)(target, options, (answer) => {
      /** @type {Buffer[]} */
      const chunks = []
      answer.on('data', (chunk) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
