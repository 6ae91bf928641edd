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
  return (text) => withoutSecrets(text, secrets)
}

/** @returns the text without these secrets, also where it was cut, with a …, in the middle of one. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const whole = secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
  const parts = whole.split('…')
  const cut = parts.slice(0, -1).map((part) => secrets.reduce(withoutBeginning, part))
  return [...cut, parts.at(-1) ?? ''].join('…')
}

/** @returns the text without the beginning of a secret at its end. */
function withoutBeginning(text: string, secret: string): string {
  for (let length = secret.length - 1; length >= SHORTEST; length--)
    if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}***`
  return text
}

/** Shorter ones would blank every digest that happens to hold them. */
const SHORTEST = 4
