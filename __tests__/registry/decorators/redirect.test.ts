import { describe, expect, test } from '@jest/globals'
import { authorizing } from '../../../src/registry/auth/authorize.js'
import { Tokens } from '../../../src/registry/auth/tokens.js'
import { following } from '../../../src/registry/decorators/redirect.js'
import type { Request, Response } from '../../../src/registry/send.js'
import { FakeClock } from '../../support/clock.js'
import { answering, request, response } from '../wire.js'

const ORIGIN = 'https://registry.example.com'
const BLOB = `${ORIGIN}/v2/acme/app/blobs/sha256:${'a'.repeat(64)}`

const to = (location: string, status = 307): Response => response(status, { location })

async function follow(
  answers: readonly Response[],
  url = BLOB,
): Promise<{ asked: string[]; answer: Response }> {
  const { send, asked } = answering(answers)
  const answer = await following(send)(request(url))
  return { asked: asked.map(({ url }) => url.href), answer }
}

describe('a redirect of a read', () => {
  test.each([301, 302, 303, 307, 308])('with %i is followed', async (status) => {
    const { asked, answer } = await follow([to('https://storage.example.com/x?sig=1', status), response(200)])
    expect(asked).toEqual([BLOB, 'https://storage.example.com/x?sig=1'])
    expect(answer.status).toBe(200)
  })

  test.each([200, 201, 300, 304, 305, 404])('with %i is none', async (status) => {
    expect((await follow([to('https://storage.example.com/x', status)])).answer.status).toBe(status)
  })

  test('without a place to go to is an answer', async () => {
    expect((await follow([response(307)])).answer.status).toBe(307)
  })

  test('may be relative, each time to where it came from', async () => {
    const { asked } = await follow([
      to('/elsewhere'),
      to('https://storage.example.com/a/b'),
      to('c'),
      response(200),
    ])
    expect(asked.slice(1)).toEqual([
      `${ORIGIN}/elsewhere`,
      'https://storage.example.com/a/b',
      'https://storage.example.com/a/c',
    ])
  })

  test('says whether something else was asked in the end: another path or origin, and not merely another slash', async () => {
    const end = async (...hops: string[]): Promise<boolean> =>
      (await follow([...hops.map((hop) => to(hop)), response(404)])).answer.redirected
    expect(await end()).toBe(false)
    expect(await end(BLOB.replace('registry.', 'mirror.'))).toBe(true)
    expect(await end(`${BLOB}/`)).toBe(false)
    expect(await end('/elsewhere')).toBe(true)
    expect(await end('https://storage.example.com/x')).toBe(true)
    expect(await end('/elsewhere', BLOB)).toBe(false)
  })

  test('is followed five times, and no more', async () => {
    const hops = Array.from({ length: 5 }, (_, at) => to(`/hop${at}`))
    expect((await follow([...hops, response(200)])).asked).toHaveLength(6)
    await expect(follow([...hops, to('/hop5'), response(200)])).rejects.toMatchObject({
      name: 'WireError',
      failure: 'network',
    })
  })

  test('in a circle comes to an end', async () => {
    const { send, asked } = answering(() => to(BLOB))
    await expect(following(send)(request(BLOB))).rejects.toMatchObject({ failure: 'network' })
    expect(asked).toHaveLength(6)
  })

  test('of a DELETE is not followed: the outcome would be another server’s', async () => {
    const { send, asked } = answering([to('https://storage.example.com/x')])
    const answer = await following(send)(request(BLOB, { method: 'DELETE', purpose: 'delete-blob' }))
    expect([answer.status, asked.length]).toEqual([307, 1])
  })

  test('keeps all of the request but its address', async () => {
    const { send, asked } = answering([to('https://storage.example.com/x'), response(200)])
    await following(send)(request(BLOB, { fresh: true, peek: true, limit: 5, headers: { accept: 'x' } }))
    expect(asked[1]).toMatchObject({
      fresh: true,
      peek: true,
      limit: 5,
      method: 'GET',
      headers: { accept: 'x' },
    })
  })

  test.each([
    ['plain http after https', 'http://storage.example.com/x'],
    ['plain http on the registry itself', 'http://registry.example.com/x'],
    ['a file', 'file:///etc/passwd'],
    ['a text', 'data:text/plain,x'],
    ['ftp', 'ftp://storage.example.com/x'],
    ['a link-local address', 'https://169.254.169.254/latest/meta-data/'],
    ['a link-local address with a port', 'https://169.254.1.1:8443/'],
    ['a link-local address in hex', 'https://0xa9fea9fe/'],
    ['a link-local address as one number', 'https://2852039166/'],
    ['a link-local address with a dot at its end', 'https://169.254.169.254./'],
    ['a link-local address of IPv6', 'https://[fe80::1]/'],
    ['the end of that range', 'https://[febf::1]/'],
    ['one of IPv4 in IPv6', 'https://[::ffff:169.254.169.254]/'],
    ['the metadata service by IPv6', 'https://[fd00:ec2::254]/'],
    ['the metadata service by name', 'https://metadata.google.internal/'],
    ['the metadata service by name, in capitals', 'https://METADATA.google.internal/'],
    ['the metadata service by name, with a dot at its end', 'https://metadata.google.internal./'],
  ])('is refused to %s', async (_, location) => {
    await expect(follow([to(location), response(200)])).rejects.toMatchObject({
      failure: 'forbidden-address',
    })
  })

  test('is refused to a link-local address also on the way', async () => {
    await expect(
      follow([to('https://storage.example.com/x'), to('https://169.254.169.254/'), response(200)]),
    ).rejects.toMatchObject({ failure: 'forbidden-address' })
  })

  test.each([
    'https://10.0.0.1/x',
    'https://[fec0::1]/',
    'https://170.254.0.1/',
    'https://storage.internal/',
  ])('may lead into a private network, where registries are: %s', async (location) => {
    expect((await follow([to(location), response(200)])).answer.status).toBe(200)
  })

  test('from a plain http registry may lead to http and to https', async () => {
    for (const location of ['http://storage.example.com/x', 'https://storage.example.com/x'])
      expect((await follow([to(location), response(200)], 'http://reg:5000/v2/')).asked[1]).toBe(location)
  })

  test('to what is no URL is a failure', async () => {
    await expect(follow([to('https://['), response(200)])).rejects.toMatchObject({ failure: 'network' })
  })
})

describe('a redirect to the same place over the other scheme', () => {
  const HTTP = 'http://registry.example.com:5000/v2/acme/app/tags/list?n=100'

  const sendTo = async (url: string, answer: Response, more: Partial<Request> = {}): Promise<Response> => {
    const { send, asked } = answering([answer, response(200)])
    const ended = await following(send)(request(url, more)).finally(() => expect(asked).toHaveLength(1))
    return ended
  }

  test.each(['GET', 'HEAD', 'DELETE', 'PUT', 'POST'] as const)(
    'of a %s says to write https, and nothing is sent there',
    async (method) => {
      for (const location of [
        'https://registry.example.com/v2/acme/app/tags/list?n=100',
        'https://registry.example.com:8443/v2/acme/app/tags/list',
        'https://registry.example.com/v2/acme/app/tags/list/',
        'https://registry.example.com/',
      ])
        for (const status of [301, 302, 307, 308])
          await expect(sendTo(HTTP, to(location, status), { method })).rejects.toMatchObject({
            failure: 'redirected-to-https',
            code: new URL(location).origin,
            message: expect.stringContaining(
              `the registry redirects to https. Write \`registry: ${new URL(location).origin}\``,
            ),
          })
    },
  )

  test.each(['GET', 'DELETE'] as const)(
    'of a %s from https to http names the settings of the proxy and of the registry',
    async (method) => {
      await expect(sendTo(BLOB, to(BLOB.replace('https:', 'http:'), 301), { method })).rejects.toMatchObject({
        failure: 'redirected-to-http',
        code: 'http://registry.example.com',
        message: expect.stringMatching(
          /to itself over plain http \(http:.*\), since .* `X-Forwarded-Proto: https`, or .* `http\.host`, REGISTRY_HTTP_HOST\) to https:\/\/registry\.example\.com$/,
        ),
      })
    },
  )

  test('may also be the address where an upload is to go on', async () => {
    const uploads = `${ORIGIN}/v2/acme/app/blobs/uploads/`
    const going = (location: string): Response => response(202, { location })
    const post = { method: 'POST', purpose: 'upload-blob' } as const
    await expect(
      sendTo(uploads, going(`${uploads.replace('https:', 'http:')}1?_state=x`), post),
    ).rejects.toMatchObject({ failure: 'redirected-to-http' })
    for (const location of [`${uploads}1`, '/v2/acme/app/blobs/uploads/1', 'http://other.example.com/1'])
      expect((await sendTo(uploads, going(location), post)).status).toBe(202)
    const plain = uploads.replace('https:', 'http:')
    expect((await sendTo(plain, going(`${uploads}1`), post)).status).toBe(202)
  })

  test('of a token service is that one’s to set right', async () => {
    const token = request('http://auth.example.com/token?scope=x', { purpose: 'token' })
    const { send, asked } = answering([to('https://auth.example.com/token?scope=x'), response(200)])
    await expect(following(send)(token)).rejects.toMatchObject({
      failure: 'token-service-redirects',
      message: expect.stringMatching(
        /redirects to https:\/\/auth\.example\.com, .*`auth\.token\.realm`.*token service/,
      ),
    })
    expect(asked).toHaveLength(1)
  })

  test('is none that leads to another path or host, such as storage', async () => {
    const [blob, s3] = [
      'http://registry.example.com:5000/v2/a/b/blobs/sha256:1',
      'https://registry.example.com',
    ]
    for (const location of [`${s3}/bucket/docker/1?sig=x`, 'https://s3.example.com/v2/a/b/blobs/sha256:1'])
      expect((await follow([to(location), response(200)], blob)).asked[1]).toBe(location)
    await expect(follow([to('http://registry.example.com/bucket/1')])).rejects.toMatchObject({
      failure: 'forbidden-address',
      code: 'plain http after https',
    })
  })

  test('is none where it is storage that redirects', async () => {
    const { asked } = await follow(
      [to('http://s3.example.com/1'), to('https://s3.example.com/1'), response(200)],
      'http://registry.example.com:5000/v2/a/b/blobs/sha256:1',
    )
    expect(asked[2]).toBe('https://s3.example.com/1')
  })
})

describe('credentials', () => {
  const basic = { kind: 'basic', username: 'bob', password: 'hunter22' } as const
  const clock = new FakeClock()

  test('go to the registry’s own origin, and to no other along the way', async () => {
    const { send, asked } = answering([
      to('/elsewhere'),
      to('https://storage.example.com/x'),
      to(`${ORIGIN}:5000/x`),
      to(`${ORIGIN}/back`),
      response(200),
    ])
    const tokens = new Tokens({
      send,
      credentials: basic,
      clock,
      kill: new AbortController().signal,
      secret: () => undefined,
    })
    const authorized = authorizing(send, { origin: ORIGIN, credentials: basic, tokens, clock })
    await following(authorized)(request(BLOB))
    expect(asked.map(({ headers }) => headers['authorization'] !== undefined)).toEqual([
      true,
      true,
      false,
      false,
      true,
    ])
  })

  test('that a request came with stay behind, and nobody abroad is told who asks', async () => {
    const { send, asked } = answering([to('/elsewhere'), to('https://storage.example.com/x'), response(200)])
    await following(send)(
      request(BLOB, { headers: { authorization: 'Basic x', accept: 'y' }, identified: true }),
    )
    expect(asked.map(({ headers, identified }) => [headers, identified])).toEqual([
      [{ authorization: 'Basic x', accept: 'y' }, true],
      [{ authorization: 'Basic x', accept: 'y' }, true],
      [{ accept: 'y' }, false],
    ])
  })

  test('that a redirect brings along are dropped', async () => {
    const { asked } = await follow([to('https://eve:x@storage.example.com/x'), response(200)])
    expect(asked[1]).toBe('https://storage.example.com/x')
  })
})
