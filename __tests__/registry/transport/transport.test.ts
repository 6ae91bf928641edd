import { createServer, type AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { carefully } from '../../../src/registry/transport/agents.js'
import type { Request, Response } from '../../../src/registry/send.js'
import { transport, type TransportOptions } from '../../../src/registry/transport/transport.js'
import { listen, until, type CountingServer } from '../server.js'
import { request } from '../wire.js'

const OPTIONS: TransportOptions = {
  origin: 'https://registry.example.com',
  authorities: [],
  verify: true,
  connections: 2,
  proxy: {},
  userAgent: 'registry-purge/test',
}

const open: (() => unknown)[] = []
afterEach(async () => {
  while (open.length > 0) await open.pop()?.()
})

interface Pair {
  readonly server: CountingServer
  readonly get: (path: string, more?: Partial<Request>) => Promise<Response>
  readonly close: () => void
}

async function pair(answer: RequestListener, options: Partial<TransportOptions> = {}): Promise<Pair> {
  const server = await listen(answer)
  const { send, close } = transport({ ...OPTIONS, ...options })
  open.push(server.close, close)
  return { server, close, get: (path, more) => send(request(`${server.url}${path}`, more)) }
}

const hello: RequestListener = (_, answer) => answer.end('hello')

/** More than any buffer on the way takes. */
const BIG = 64 << 20

const endless: RequestListener = (_, answer) => {
  answer.writeHead(200, { 'content-length': BIG })
  const part = Buffer.alloc(1 << 16)
  const go = (): void => {
    while (!answer.destroyed && answer.write(part));
  }
  answer.on('drain', go)
  go()
}

describe('a connection', () => {
  test('is kept and used again', async () => {
    const { server, get } = await pair(hello)
    for (let sent = 0; sent < 5; sent++) expect((await get('/')).body.toString()).toBe('hello')
    expect([server.accepted(), server.open()]).toEqual([1, 1])
  })

  test('is a new one each time where a fresh one is asked for, and is closed afterwards', async () => {
    const { server, get } = await pair(hello)
    for (let sent = 0; sent < 5; sent++) await get('/', { fresh: true })
    expect(server.accepted()).toBe(5)
    await until(() => server.open() === 0)
  })

  test('that is fresh is never one that is kept, nor kept itself', async () => {
    const { server, get } = await pair(hello)
    await get('/')
    await get('/', { fresh: true })
    await get('/')
    await get('/', { fresh: true })
    expect(server.accepted()).toBe(3)
  })

  test('that is fresh is so also among many at once', async () => {
    const { server, get } = await pair(hello)
    await Promise.all(Array.from({ length: 10 }, () => get('/', { fresh: true })))
    expect(server.accepted()).toBe(10)
  })

  test('is one of so many that may be kept', async () => {
    const { server, get } = await pair(hello)
    await Promise.all(Array.from({ length: 10 }, () => get('/')))
    expect(server.accepted()).toBe(2)
  })

  test('that is fresh goes round the addresses of the name, and passes over one where nobody listens', async () => {
    const answer: RequestListener = ({ socket }, response) => response.end(socket.localAddress)
    const server = await listen(answer)
    const { port } = new URL(server.url)
    const other = createHttpServer(answer)
    await new Promise<void>((done) => other.listen(Number(port), '127.0.0.2', done))
    open.push(server.close, () => other.close())
    const through = async (addresses: readonly string[], fresh: boolean): Promise<string[]> => {
      const { send, close } = transport({
        ...OPTIONS,
        origin: `http://replicas.example.com:${port}`,
        resolve: (_name, { all }, callback) => {
          const found = addresses.map((address) => ({ address, family: 4 }))
          if (all === true) callback(null, found)
          else callback(null, addresses[0] ?? '', 4)
        },
      })
      open.push(close)
      const answers: string[] = []
      for (let sent = 0; sent < 4; sent++)
        answers.push((await send(request(`http://replicas.example.com:${port}/`, { fresh }))).body.toString())
      return answers
    }
    const [one, two] = ['127.0.0.1', '127.0.0.2']
    expect(await through([two, one], true)).toEqual([one, two, one, two])
    expect(await through([one, '127.0.0.3'], true)).toEqual([one, one, one, one])
    expect(await through([two, one], false)).toEqual([two, two, two, two])
  })

  test('is closed with the transport', async () => {
    const { server, get, close } = await pair(hello)
    await Promise.all([get('/'), get('/')])
    expect(server.open()).toBe(2)
    close()
    await until(() => server.open() === 0)
  })

  test('that the server refuses is a failure with its code', async () => {
    const { server, get } = await pair(hello)
    await server.close()
    await expect(get('/')).rejects.toMatchObject({ failure: 'network', code: 'ECONNREFUSED' })
  })

  test('that the server drops before it answers is a failure with its code', async () => {
    const { get } = await pair((asked) => asked.socket.destroy())
    await expect(get('/')).rejects.toMatchObject({ failure: 'network', code: 'ECONNRESET' })
  })
})

describe('an answer', () => {
  test('is what came: status, headers in lower case, body', async () => {
    const { get } = await pair((_, answer) => {
      answer.writeHead(404, { 'X-Some-Header': 'Value', Link: '</next>; rel="next"' })
      answer.end('no such')
    })
    const { status, headers, body, cut, redirected } = await get('/')
    expect([status, body.toString(), cut, redirected]).toEqual([404, 'no such', false, false])
    expect(headers.get('x-some-header')).toBe('Value')
    expect(headers.get('link')).toBe('</next>; rel="next"')
  })

  test.each([
    ['twice with one value', ['sha256:a', 'sha256:a'], 'sha256:a'],
    ['three times, once empty', ['sha256:a', '', 'sha256:a'], 'sha256:a'],
    ['twice with two values, which stay a contradiction', ['sha256:a', 'sha256:b'], 'sha256:a, sha256:b'],
  ])('may have a header of one value %s', async (_, values, read) => {
    const { get } = await pair((_request, answer) => {
      for (const name of ['Docker-Content-Digest', 'Content-Type', 'Link']) answer.setHeader(name, values)
      answer.end('hello')
    })
    const { headers } = await get('/')
    expect([headers.get('docker-content-digest'), headers.get('content-type')]).toEqual([read, read])
    expect(headers.get('link')).toBe(values.join(', '))
  })

  test('is to the request that was made, with the name of this action', async () => {
    const { get } = await pair(({ method, url, headers }, answer) =>
      answer.end(JSON.stringify({ method, url, headers })),
    )
    const { body } = await get('/v2/a?b=c', {
      method: 'DELETE',
      headers: { accept: 'x/y', authorization: 'Basic x' },
    })
    expect(JSON.parse(body.toString())).toMatchObject({
      method: 'DELETE',
      url: '/v2/a?b=c',
      headers: {
        accept: 'x/y',
        authorization: 'Basic x',
        'user-agent': 'registry-purge/test',
        'accept-encoding': 'identity',
      },
    })
  })

  test('is not unpacked: a manifest is hashed as it lies in the registry', async () => {
    const packed = gzipSync('x'.repeat(1000))
    const { get } = await pair((_, answer) => {
      answer.writeHead(200, { 'content-encoding': 'gzip' })
      answer.end(packed)
    })
    expect(Buffer.from((await get('/')).body)).toEqual(packed)
  })

  test('that leads elsewhere is not followed here', async () => {
    const { server, get } = await pair((_, answer) => {
      answer.writeHead(307, { location: '/elsewhere' })
      answer.end()
    })
    const { status, headers } = await get('/')
    expect([status, headers.get('location'), server.accepted()]).toEqual([307, '/elsewhere', 1])
  })

  test('to HEAD has no body, whatever length it announces', async () => {
    const { server, get } = await pair((_, answer) => {
      answer.writeHead(200, { 'content-length': BIG })
      answer.end()
    })
    for (let sent = 0; sent < 2; sent++)
      expect(await get('/', { method: 'HEAD', limit: 1 })).toMatchObject({ status: 200, cut: false })
    expect(server.accepted()).toBe(1)
  })
})

describe('a body', () => {
  test('may be as long as allowed, and not a byte longer', async () => {
    const { get } = await pair((_, answer) => answer.end('x'.repeat(1000)))
    expect((await get('/', { limit: 1000 })).body).toHaveLength(1000)
    await expect(get('/', { limit: 999 })).rejects.toMatchObject({ failure: 'too-large', code: '999' })
  })

  test('that is too long ends there, and holds neither socket nor the next request', async () => {
    const { server, get } = await pair(endless, { connections: 1 })
    for (let sent = 0; sent < 3; sent++)
      await expect(get('/', { limit: 1000 })).rejects.toMatchObject({ failure: 'too-large' })
    expect(server.accepted()).toBe(3)
    await until(() => server.open() === 0)
  })

  test('without a length is bounded all the same', async () => {
    const { server, get } = await pair((_, answer) => {
      answer.write('x'.repeat(1001))
    })
    await expect(get('/', { limit: 1000 })).rejects.toMatchObject({ failure: 'too-large' })
    await until(() => server.open() === 0)
  })

  test('is read to its end by a peek where it is small', async () => {
    const { server, get } = await pair((_, answer) => {
      answer.writeHead(200, { 'content-length': 5 })
      answer.end('hello')
    })
    for (let sent = 0; sent < 2; sent++)
      expect((await get('/', { peek: true, limit: 5 })).body.toString()).toBe('hello')
    expect(server.accepted()).toBe(1)
  })

  test('is left unread by a peek where it is long, and holds neither socket nor the next request', async () => {
    const { server, get } = await pair(endless, { connections: 1 })
    for (const fresh of [false, true, false]) {
      const { status, body, cut } = await get('/', { peek: true, limit: 1000, fresh })
      expect([status, body.length, cut]).toEqual([200, 0, false])
    }
    await until(() => server.open() === 0)
  })

  test('that is left unread holds nothing by which the process would not end', async () => {
    const { server, get } = await pair(endless)
    const held = (): number =>
      process.getActiveResourcesInfo().filter((name) => /^(TCPSocketWrap|TLSWrap|Timeout)$/.test(name)).length
    const before = held()
    await get('/', { peek: true, limit: 1000 })
    await get('/', { limit: 1000 }).catch(() => undefined)
    await until(() => server.open() === 0 && held() <= before)
  })

  test('is left unread by a peek where no length is given', async () => {
    const { server, get } = await pair((_, answer) => {
      answer.write('x')
    })
    expect((await get('/', { peek: true, limit: 1000 })).body).toHaveLength(0)
    await until(() => server.open() === 0)
  })

  describe('whose first bytes must arrive', () => {
    const peek = { peek: true, limit: 1000, firstBytes: true }

    test('is ended after them where it is long, and holds no socket', async () => {
      const { server, get } = await pair(endless, { connections: 1 })
      for (let sent = 0; sent < 2; sent++) {
        const { status, body, cut, ended } = await get('/', peek)
        expect([status, body.length, cut, ended]).toEqual([200, 0, false, true])
      }
      await until(() => server.open() === 0)
    })

    test('is ended after them where a length is announced and the rest hangs', async () => {
      const { server, get } = await pair((_, answer) => {
        answer.writeHead(200, { 'content-length': BIG })
        answer.write('x')
      })
      expect(await get('/', peek)).toMatchObject({ status: 200, cut: false, ended: true })
      await until(() => server.open() === 0)
    })

    test.each([
      ['with a length', { 'content-length': BIG }],
      ['in chunks', {}],
    ])('is cut off where none does: %s', async (_, headers) => {
      const { get } = await pair((_asked, answer) => {
        answer.writeHead(200, headers)
        answer.flushHeaders()
        setTimeout(() => answer.destroy(), 20)
      })
      const { cut, ended } = await get('/', peek)
      expect([cut, ended]).toEqual([true, undefined])
    })

    test('is read to its end where it is small, with a length or without', async () => {
      const { server, get } = await pair((asked, answer) => {
        answer.writeHead(200, asked.url === '/long' ? {} : { 'content-length': 5 })
        answer.write('he')
        answer.end('llo')
      })
      for (const path of ['/', '/long']) {
        const { body, cut, ended } = await get(path, peek)
        expect([body.toString(), cut, ended]).toEqual(['hello', false, undefined])
      }
      expect(server.accepted()).toBe(1)
    })

    test('is left unread where the status says that it is no content', async () => {
      const { get } = await pair((_, answer) => {
        answer.writeHead(307, { location: '/elsewhere' })
        answer.write('x')
      })
      expect(await get('/', peek)).toMatchObject({ status: 307, ended: true })
    })
  })

  test.each([
    ['with a length', { 'content-length': '100' }],
    ['in chunks', {}],
  ])('that the server cuts off is told as such, with what came: %s', async (_, headers) => {
    const { get } = await pair((_asked, answer) => {
      answer.writeHead(200, headers)
      answer.write('x'.repeat(10), () => setTimeout(() => answer.destroy(), 20))
    })
    for (const fresh of [false, true]) {
      const { status, body, cut } = await get('/', { fresh })
      expect([status, body.toString(), cut]).toEqual([200, 'x'.repeat(10), true])
    }
  })

  test('of which nothing comes, although it was announced, is told as cut off', async () => {
    const { get } = await pair((_, answer) => {
      answer.writeHead(200, { 'content-length': '100' })
      answer.flushHeaders()
      setTimeout(() => answer.destroy(), 20)
    })
    expect(await get('/')).toMatchObject({ status: 200, cut: true })
  })
})

describe('the body of an error', () => {
  test.each([404, 500])('that is too long is cut where the status says it already: %i', async (status) => {
    const { server, get } = await pair((_, answer) => {
      answer.writeHead(status)
      const part = 'x'.repeat(1 << 16)
      const go = (): void => {
        while (!answer.destroyed && answer.write(part));
      }
      answer.on('drain', go)
      go()
    })
    const answer = await get('/', { limit: 4 << 20 })
    expect([answer.status, answer.body.length, answer.cut]).toEqual([status, 64 << 10, false])
    expect((await get('/', { limit: 100 })).body).toHaveLength(100)
    await until(() => server.open() === 0)
  })

  test('of a proxy that asks for credentials is told apart from those of a registry', async () => {
    const { get } = await pair((_, answer) => {
      answer.writeHead(407)
      answer.end()
    })
    expect((await get('/')).note).toContain('HTTP_PROXY')
  })
})

describe('a connection that is not there in time', () => {
  test.each([false, true])('is given up, kept or fresh (fresh: %s)', async (fresh) => {
    // It takes the connection and never says a word of TLS.
    const server = createServer(() => undefined)
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    open.push(() => server.close())
    const { port } = server.address() as AddressInfo
    const { send, close } = transport({ ...OPTIONS, connect: 60 })
    open.push(close)
    await expect(send(request(`https://127.0.0.1:${port}/`, { fresh }))).rejects.toMatchObject({
      failure: 'network',
      code: 'ECONNECTLIMIT',
    })
  })

  test('does not end one that is there, however long its answer takes', async () => {
    const { get } = await pair((_, answer) => void setTimeout(() => answer.end('late'), 1_200), {
      connect: 1_000,
    })
    for (const fresh of [false, true]) expect((await get('/', { fresh })).body.toString()).toBe('late')
  })
})

describe('a name in an answer', () => {
  const looking = (addresses: string[]): Promise<string> =>
    new Promise((done) => {
      const resolve = (_: string, __: object, callback: (...all: never[]) => void): void =>
        (callback as (...all: unknown[]) => void)(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        )
      carefully('registry.example.com', resolve)('storage.example.com', { all: true }, (error, found) =>
        done(error === null ? JSON.stringify(found) : String(error.code)),
      )
    })

  test('is not followed to a link-local address, also where it is one of several', async () => {
    expect(await looking(['169.254.169.254'])).toBe('EFORBIDDEN')
    expect(await looking(['10.0.0.1', 'fe80::1'])).toBe('EFORBIDDEN')
    expect(await looking(['10.0.0.1'])).toContain('10.0.0.1')
  })

  test('may be that of the registry, which the user named', async () => {
    const resolve = (_: string, __: object, callback: (...all: unknown[]) => void): void =>
      callback(null, '169.254.1.1', 4)
    const found = await new Promise((done) => {
      carefully('registry.example.com', resolve as never)('registry.example.com', {}, (error, address) =>
        done(error ?? address),
      )
    })
    expect(found).toBe('169.254.1.1')
  })
})

describe('a request', () => {
  test('whose answer does not begin in time fails, although its whole time is longer', async () => {
    const { get } = await pair(() => undefined)
    await expect(get('/', { timeout: 10_000, headersTimeout: 50 })).rejects.toMatchObject({
      failure: 'timeout',
    })
  })

  test('whose answer began in time has the rest of its time for the body', async () => {
    const { get } = await pair((_, answer) => {
      answer.write('x')
      setTimeout(() => answer.end('y'), 1_200)
    })
    expect((await get('/', { timeout: 60_000, headersTimeout: 1_000 })).body.toString()).toBe('xy')
  })

  const silent: RequestListener = () => undefined
  const halting: RequestListener = (_, answer) => {
    answer.writeHead(200, { 'content-length': '100' })
    answer.write('x')
  }

  test.each([
    ['there is no answer', silent],
    ['the body does not come to its end', halting],
  ])('that takes too long fails, when %s, and its connection is closed', async (_, answer) => {
    const { server, get } = await pair(answer)
    await expect(get('/', { timeout: 50 })).rejects.toMatchObject({ failure: 'timeout' })
    await until(() => server.open() === 0)
  })

  test.each([
    ['before the answer', silent],
    ['in the middle of the body', halting],
  ])('that is stopped fails at once, %s, and its connection is closed', async (_, answer) => {
    const { server, get } = await pair(answer)
    const stop = new AbortController()
    const sent = get('/', { signal: stop.signal })
    const failure = expect(sent).rejects.toMatchObject({ failure: 'cancelled' })
    await until(() => server.open() === 1)
    setTimeout(() => stop.abort(), 30)
    await failure
    await until(() => server.open() === 0)
  })

  test('that was stopped before is not sent at all', async () => {
    const { server, get } = await pair(hello)
    await expect(get('/', { signal: AbortSignal.abort() })).rejects.toMatchObject({ failure: 'cancelled' })
    expect(server.accepted()).toBe(0)
  })

  test('leaves nothing on the signal of the run, of which there is one for thousands', async () => {
    const { get } = await pair(hello)
    const stop = new AbortController()
    let listening = 0
    const { signal } = stop
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...all: Parameters<typeof add>): void => {
      listening++
      add(...all)
    }
    signal.removeEventListener = (...all: Parameters<typeof remove>): void => {
      listening--
      remove(...all)
    }
    for (let sent = 0; sent < 20; sent++) await get('/', { signal })
    expect(listening).toBe(0)
  })

  test('goes to http and https only', async () => {
    const { send, close } = transport(OPTIONS)
    open.push(close)
    for (const url of ['file:///etc/passwd', 'data:text/plain,x', 'ftp://127.0.0.1/'])
      await expect(send(request(url))).rejects.toMatchObject({ failure: 'forbidden-address' })
  })

  test('goes through the proxy that is set, and past it where that is said', async () => {
    const asked: string[] = []
    const proxy = await listen(({ url }, answer) => {
      asked.push(url ?? '')
      answer.end('from the proxy')
    })
    open.push(proxy.close)
    const through = await pair(hello, { proxy: { HTTP_PROXY: proxy.url } })
    for (const fresh of [false, true])
      expect((await through.get('/v2/', { fresh })).body.toString()).toBe('from the proxy')
    expect(asked).toEqual([`${through.server.url}/v2/`, `${through.server.url}/v2/`])
    const past = await pair(hello, { proxy: { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' } })
    expect((await past.get('/')).body.toString()).toBe('hello')
  })
})
