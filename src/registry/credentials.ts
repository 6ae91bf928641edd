import type { Send } from './send.js'

/** Credentials of the Basic scheme (RFC 7617). */
export interface Basic {
  readonly username: string
  readonly password: string
}

/** @returns the value of the Authorization header. */
export function basicHeader({ username, password }: Basic): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}

/**
 * Adds the credentials to requests for one origin, and to no other: neither a redirect nor a page link may carry them
 * away (safety rule 11).
 *
 * @param send what to decorate
 * @param origin scheme, host and port of the registry
 * @param basic the credentials; undefined for anonymous access
 */
export function authorized(send: Send, origin: string, basic: Basic | undefined): Send {
  if (basic === undefined) return send
  const authorization = basicHeader(basic)
  return (request) =>
    send(
      request.url.origin === origin
        ? { ...request, headers: { ...request.headers, authorization } }
        : request,
    )
}

/**
 * @param basic the credentials
 * @returns a function that takes the password and its encoded forms out of a text, such as an error body that echoes
 *   the request
 */
export function redactor(basic: Basic | undefined): (text: string) => string {
  if (basic === undefined) return (text) => text
  const encoded = Buffer.from(`${basic.username}:${basic.password}`, 'utf8').toString('base64')
  const secrets = [
    encoded,
    encoded.replace(/=+$/, ''),
    Buffer.from(basic.password, 'utf8').toString('base64'),
    encodeURIComponent(basic.password),
    JSON.stringify(basic.password).slice(1, -1),
    basic.password,
  ].filter((secret) => secret.length >= SHORTEST)
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}

/** Shorter ones would blank every digest that happens to hold them. */
const SHORTEST = 4
