import { createPrivateKey, createSign, randomUUID, X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer as createPlain } from 'node:http'
import { createServer as createTls } from 'node:https'
import { join } from 'node:path'
import { lastLine, runCommand } from '../command.js'

/**
 * @typedef {{ type: string, name: string, actions: string[] }} Access
 * @typedef {{
 *   method: string,
 *   authorization: string | undefined,
 *   query: URLSearchParams,
 *   form: URLSearchParams,
 *   scopes: string[],
 *   status: number,
 * }} TokenRequest
 * `scopes` are the requested scopes, unchanged.
 *
 * @typedef {{
 *   users: Record<string, { password: string, actions: string[] }>,
 *   anonymous: string[],
 *   refreshTokens: Record<string, string>,
 *   methods: 'get' | 'post' | 'both',
 *   tokenFields: 'token' | 'access_token' | 'both',
 *   lifetime: (count: number) => number,
 *   expiresIn: number | undefined,
 *   intercept: ((request: TokenRequest, count: number) => { status: number, body?: string, headers?: Record<string, string> } | undefined) | undefined,
 * }} TokenSettings
 * `actions` and `anonymous` are the actions that may be granted. `refreshTokens` maps each token to its user. `lifetime`
 * gets the number of the token, from 0, and may return a negative lifetime; the response states `expiresIn`. Both are in
 * seconds.
 *
 * @typedef {{
 *   url: string,
 *   auth: { token: Record<string, string> },
 *   requests: TokenRequest[],
 *   issued: string[],
 *   settings: TokenSettings,
 *   stop: () => Promise<void>,
 * }} TokenServer
 * `auth` is the section of a registry's configuration that sends its clients to this service.
 */

const SERVICE = 'test-registry'
const ISSUER = 'test-issuer'

/**
 * Starts a token service on 127.0.0.1, as the token specification of distribution defines it. Its tokens contain their
 * certificate (`x5c`), the only form that both 2.8 and 3.x accept.
 * @param {{ folder: string, tls?: import('./authority.js').Authority } & Partial<TokenSettings>} options
 * @returns {Promise<TokenServer>}
 */
export async function startTokenServer({ folder, tls, ...given }) {
  const signer = await makeSigner(folder)
  /** @type {TokenSettings} */
  const settings = {
    users: {},
    anonymous: [],
    refreshTokens: {},
    methods: 'both',
    tokenFields: 'both',
    lifetime: () => 300,
    expiresIn: 300,
    intercept: undefined,
    ...given,
  }
  /** @type {TokenRequest[]} */
  const requests = []
  /** @type {string[]} */
  const issued = []

  /** @type {import('node:http').RequestListener} */
  const listener = (incoming, response) => {
    read(incoming)
      .then((request) => {
        requests.push(request)
        const reply = respondTo(request)
        request.status = reply.status
        response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
        response.end(reply.body ?? '')
      })
      .catch(() => response.destroy())
  }

  /** @param {TokenRequest} request */
  const respondTo = (request) => {
    const other = settings.intercept?.(request, requests.length - 1)
    if (other !== undefined) return { headers: {}, ...other }
    const wrongMethod = { get: 'POST', post: 'GET', both: '' }[settings.methods]
    if (request.method === wrongMethod) return failure(405, 'UNSUPPORTED')
    const user = userOf(request, settings)
    if (user === 'unknown') return failure(401, 'UNAUTHORIZED')
    const allowed = user === undefined ? settings.anonymous : (settings.users[user]?.actions ?? [])
    const access = request.scopes.map((scope) => granted(scope, allowed))
    const token = sign(signer, user ?? '', access, settings.lifetime(issued.length))
    issued.push(token)
    const names = settings.tokenFields === 'both' ? ['token', 'access_token'] : [settings.tokenFields]
    const stated = settings.expiresIn === undefined ? {} : { expires_in: settings.expiresIn }
    return {
      status: 200,
      headers: {},
      body: JSON.stringify({ ...Object.fromEntries(names.map((name) => [name, token])), ...stated }),
    }
  }

  const server =
    tls === undefined
      ? createPlain(listener)
      : createTls({ cert: readFileSync(tls.certPath), key: readFileSync(tls.keyPath) }, listener)
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/token`
  return {
    url,
    auth: { token: { realm: url, service: SERVICE, issuer: ISSUER, rootcertbundle: signer.certPath } },
    requests,
    issued,
    settings,
    stop: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

/** @param {string} folder */
async function makeSigner(folder) {
  mkdirSync(folder, { recursive: true })
  const [keyPath, certPath] = [join(folder, 'token.key'), join(folder, 'token.crt')]
  const made = await runCommand('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=token signer'],
    ...['-keyout', keyPath, '-out', certPath],
  ])
  if (made.code !== 0) throw new Error(`openssl failed: ${lastLine(made)}`)
  const x5c = [new X509Certificate(readFileSync(certPath)).raw.toString('base64')]
  return { key: createPrivateKey(readFileSync(keyPath)), x5c, certPath }
}

/**
 * @param {Awaited<ReturnType<typeof makeSigner>>} signer
 * @param {string} subject
 * @param {Access[]} access
 * @param {number} lifetime seconds
 */
function sign({ key, x5c }, subject, access, lifetime) {
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: ISSUER,
    sub: subject,
    aud: SERVICE,
    exp: now + lifetime,
    nbf: now - 3600,
    iat: now - 3600,
    jti: randomUUID(),
    access,
  }
  const text = `${part({ typ: 'JWT', alg: 'RS256', x5c })}.${part(claims)}`
  return `${text}.${createSign('SHA256').update(text).sign(key).toString('base64url')}`
}

/**
 * @param {TokenRequest} request
 * @param {TokenSettings} settings
 * @returns {string | undefined} the user's name, undefined for nobody, `unknown` for a wrong password
 */
function userOf({ method, authorization, form }, { users, refreshTokens }) {
  let [name, password] = [form.get('username'), form.get('password')]
  if (method === 'POST' && form.get('grant_type') === 'refresh_token')
    return refreshTokens[form.get('refresh_token') ?? ''] ?? 'unknown'
  if (method === 'GET') {
    if (authorization === undefined) return undefined
    const pair = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString()
    name = pair.slice(0, pair.indexOf(':'))
    password = pair.slice(pair.indexOf(':') + 1)
  }
  return name !== null && users[name]?.password === password ? name : 'unknown'
}

/**
 * @param {string} scope
 * @param {string[]} allowed
 * @returns {Access}
 */
function granted(scope, allowed) {
  const first = scope.indexOf(':')
  const last = scope.lastIndexOf(':')
  const actions = scope
    .slice(last + 1)
    .split(',')
    .filter((action) => allowed.includes(action) || allowed.includes('*'))
  return { type: scope.slice(0, first), name: scope.slice(first + 1, last), actions }
}

/**
 * @param {number} status
 * @param {string} code
 */
function failure(status, code) {
  return { status, headers: {}, body: JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }) }
}

/**
 * @param {import('node:http').IncomingMessage} incoming
 * @returns {Promise<TokenRequest>}
 */
async function read(incoming) {
  const query = new URL(incoming.url ?? '', 'http://127.0.0.1').searchParams
  let text = ''
  for await (const part of incoming.setEncoding('utf8')) text += part
  const form = new URLSearchParams(text)
  const scopes = [...query.getAll('scope'), ...(form.get('scope') ?? '').split(' ')]
  return {
    method: incoming.method ?? '',
    authorization: incoming.headers.authorization,
    query,
    form,
    scopes: scopes.filter((scope) => scope !== ''),
    status: 0,
  }
}
