/** The order of the decorators, as it shows at a server. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { Digest } from '../../src/oci/digest.js'
import type { Repository } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import type { Client } from '../../src/registry/client.js'
import { connect } from '../../src/registry/connect.js'
import { describe as described } from '../../src/registry/errors.js'
import { Secrets } from '../../src/registry/secrets/secrets.js'
import { FakeClock } from '../support/clock.js'
import { SeededRandom } from '../support/random.js'
import { listen } from './server.js'

const APP = 'acme/app' as Repository
const BLOB = `sha256:${'a'.repeat(64)}` as Digest
const BOB = { kind: 'basic', username: 'bob', password: 'hunter22-of-bob' } as const
const BASIC = `Basic ${Buffer.from('bob:hunter22-of-bob').toString('base64')}`
const { signal } = new AbortController()

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A server that notes path and Authorization of each request. */
async function server(answer: Answer): Promise<{ url: string; seen: [path: string, shown?: string][] }> {
  const seen: [path: string, shown?: string][] = []
  const { url, close } = await listen((request, response) => {
    const shown = request.headers.authorization
    seen.push(shown === undefined ? [request.url ?? ''] : [request.url ?? '', shown])
    answer(request, response, seen.length)
  })
  closing.push(close)
  return { url, seen }
}

interface Connected {
  readonly client: Client
  readonly clock: FakeClock
  /** What was reported as sent, by purpose. */
  readonly sent: string[]
  readonly lines: string[]
}

function connected(origin: string, concurrency = 8): Connected {
  const clock = new FakeClock()
  const secrets = new Secrets()
  secrets.add(BOB.password)
  const sent: string[] = []
  const lines: string[] = []
  const { client, close } = connect({
    origin,
    authorities: [],
    verifyTls: true,
    concurrency,
    proxy: {},
    userAgent: 'a-test/1',
    found: { credentials: BOB, source: 'a test' },
    clock,
    random: new SeededRandom(1),
    stop: signal,
    kill: signal,
    secrets,
    sent: (purpose) => sent.push(purpose),
    trace: (line) => lines.push(line),
  })
  closing.push(close)
  return { client, clock, sent, lines }
}

const status = (code: number, headers: Record<string, string> = {}, body = ''): Answer => {
  return (_, response) => response.writeHead(code, headers).end(body)
}

describe('a connection', () => {
  test('reports and traces each attempt: retries are above the limit, and the trace is below', async () => {
    const at = await server((request, response, count) =>
      status(count < 3 ? 503 : 200)(request, response, count),
    )
    const { client, sent, lines } = connected(at.url)
    expect((await client.base({ purpose: 'verify' })).status).toBe(200)
    expect(sent).toEqual(['verify', 'verify', 'verify'])
    expect(lines.map((line) => line.replace(/ \d+ ms /, ' '))).toEqual([
      `GET ${at.url}/v2/ 503 attempt 1`,
      `GET ${at.url}/v2/ 503 attempt 2`,
      `GET ${at.url}/v2/ 200 attempt 3`,
    ])
  })

  test('sends credentials to the registry and not to where it redirects: redirects are above credentials', async () => {
    const storage = await server(status(200, {}, 'content'))
    const at = await server(status(307, { location: `${storage.url}/bucket?signature=a-long-signature-1` }))
    const { client, sent } = connected(at.url)
    const response = await client.blob(APP, BLOB, { purpose: 'check-blob' })
    expect([response.status, response.redirected]).toEqual([200, true])
    expect(at.seen).toEqual([[`/v2/acme/app/blobs/${BLOB}`, BASIC]])
    expect(storage.seen).toEqual([['/bucket?signature=a-long-signature-1']])
    expect(sent).toEqual(['check-blob', 'check-blob'])
  })

  test('gets a token while all places are taken by one request: credentials are above the limit', async () => {
    const at = await server((request, response, count) => {
      if (request.url?.startsWith('/token') === true)
        status(200, {}, '{"token":"t1"}')(request, response, count)
      else if (request.headers.authorization === 'Bearer t1') status(200)(request, response, count)
      else {
        const challenge = `Bearer realm="${at.url}/token",service="x"`
        status(401, { 'www-authenticate': challenge })(request, response, count)
      }
    })
    const { client, sent } = connected(at.url, 1)
    expect((await client.manifest(APP, 'v1' as Tag, { purpose: 'read-tag' })).status).toBe(200)
    expect(sent).toEqual(['read-tag', 'token', 'read-tag'])
    expect(at.seen.map(([, shown]) => shown)).toEqual([BASIC, BASIC, 'Bearer t1'])
  })

  test('has no more requests in flight than allowed', async () => {
    let inFlight = 0
    let most = 0
    const at = await server((_, response) => {
      most = Math.max(most, ++inFlight)
      setTimeout(() => {
        inFlight--
        response.end()
      }, 20)
    })
    const { client } = connected(at.url, 2)
    await Promise.all(Array.from({ length: 6 }, () => client.base({ purpose: 'verify' })))
    expect(most).toBe(2)
  })

  test('pauses all requests of a host that asks for it', async () => {
    const at = await server((request, response, count) =>
      count === 1
        ? status(429, { 'retry-after': '30' })(request, response, count)
        : status(200)(request, response, count),
    )
    const { client, clock } = connected(at.url)
    const start = clock.now()
    const held = client.base({ purpose: 'verify', once: true })
    expect((await held).status).toBe(429)
    expect(client.heldFor).toBe(30_000)
    expect((await client.base({ purpose: 'verify' })).status).toBe(200)
    expect(clock.now() - start).toBeGreaterThanOrEqual(30_000)
  })

  test('quotes no secret of a response: it is found before anything is cut or folded', async () => {
    const message = `${'x '.repeat(90)}${BOB.password} is wrong`
    const at = await server(status(403, {}, JSON.stringify({ errors: [{ code: 'DENIED', message }] })))
    const { client } = connected(at.url)
    const text = described(await client.base({ purpose: 'verify' }))
    expect(text).toContain('403 DENIED')
    expect(text).not.toContain('hunter')
  })
})
