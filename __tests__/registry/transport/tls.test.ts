import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { transport, type TransportOptions } from '../../../src/registry/transport/transport.js'
import { makeAuthority } from '../../../testbed/serve/authority.js'
import { listen, until, type CountingServer } from '../server.js'
import { request } from '../wire.js'

const folder = mkdtempSync(join(tmpdir(), 'transport-'))
const open: (() => unknown)[] = []
let ca = ''
let server: CountingServer

beforeAll(async () => {
  const made = await makeAuthority(folder)
  ca = made.ca
  const [key, cert] = [made.keyPath, made.certPath].map((path) => readFileSync(path, 'utf8'))
  server = await listen((_, answer) => answer.end('hello'), { key: key ?? '', cert: cert ?? '' })
})

afterEach(() => {
  while (open.length > 0) open.pop()?.()
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

function make(options: Partial<TransportOptions>): ReturnType<typeof transport>['send'] {
  const all = {
    origin: server.url,
    authorities: [],
    verify: true,
    connections: 4,
    proxy: {},
    userAgent: 'x',
    ...options,
  }
  const { send, close } = transport(all)
  open.push(close)
  return send
}

describe('a certificate', () => {
  test('of an authority that nobody trusts is refused, on kept and on fresh connections', async () => {
    const send = make({})
    for (const fresh of [false, true])
      await expect(send(request(server.url, { fresh }))).rejects.toMatchObject({
        failure: 'network',
        code: expect.stringMatching(/^(UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/),
        message: expect.stringContaining('`ca-certificate`'),
      })
  })

  test('of an authority that is given is taken', async () => {
    const send = make({ authorities: [ca] })
    for (const fresh of [false, true])
      expect((await send(request(server.url, { fresh }))).body.toString()).toBe('hello')
  })

  test('is not looked at where that is switched off, for this transport only', async () => {
    const careless = make({ verify: false })
    const careful = make({})
    for (const fresh of [false, true]) {
      expect((await careless(request(server.url, { fresh }))).status).toBe(200)
      await expect(careful(request(server.url, { fresh }))).rejects.toMatchObject({ failure: 'network' })
    }
    expect(process.env['NODE_TLS_REJECT_UNAUTHORIZED']).toBeUndefined()
  })

  test('of another host is looked at all the same: only the registry’s is not', async () => {
    const send = make({ verify: false, origin: 'https://registry.example.com' })
    for (const identified of [false, true])
      await expect(send(request(server.url, { identified }))).rejects.toMatchObject({ failure: 'network' })
  })

  test('for another name is refused, and the message says so', async () => {
    const send = make({ authorities: [ca] })
    const url = server.url.replace('127.0.0.1', '127.0.0.2')
    await expect(send(request(url))).rejects.toMatchObject({
      failure: 'network',
      message: expect.stringMatching(/for another name|nothing listens/),
    })
  })
})

describe('a connection over TLS', () => {
  test('is kept and used again, and is a new one where a fresh one is asked for', async () => {
    const send = make({ authorities: [ca] })
    const before = server.accepted()
    for (let sent = 0; sent < 3; sent++) await send(request(server.url))
    expect(server.accepted() - before).toBe(1)
    for (let sent = 0; sent < 3; sent++) await send(request(server.url, { fresh: true }))
    expect(server.accepted() - before).toBe(4)
  })

  test('that is fresh does not go on with an earlier session, by which a balancer may choose the replica', async () => {
    const send = make({ authorities: [ca] })
    const before = server.resumed()
    for (let sent = 0; sent < 4; sent++) await send(request(server.url, { fresh: true }))
    expect(server.resumed() - before).toBe(0)
  })

  test('to a port that speaks plain http says how to write the registry', async () => {
    const plain = await listen((_, answer) => answer.end('hello'))
    open.push(() => void plain.close())
    const send = make({})
    await expect(send(request(plain.url.replace('http:', 'https:')))).rejects.toMatchObject({
      message: expect.stringContaining('`registry: http://127.0.0.1:'),
    })
  })

  test('is closed with the transport', async () => {
    const send = make({ authorities: [ca] })
    await until(() => server.open() === 0)
    await send(request(server.url))
    expect(server.open()).toBe(1)
    open.pop()?.()
    await until(() => server.open() === 0)
  })
})
