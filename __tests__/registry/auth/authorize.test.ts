import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { authorizing } from '../../../src/registry/auth/authorize.js'
import { Tokens } from '../../../src/registry/auth/tokens.js'
import { basicHeader, type Credentials } from '../../../src/registry/credentials/credentials.js'
import { WireError } from '../../../src/registry/errors.js'
import { following } from '../../../src/registry/decorators/redirect.js'
import type { Request, Response, Send } from '../../../src/registry/send.js'
import { FakeClock } from '../../support/clock.js'
import { request, response } from '../wire.js'

const ORIGIN = 'https://registry.example.com'
const REALM = 'https://auth.example.com/token'
const READ = `${ORIGIN}/v2/acme/app/manifests/1`
const BOB = { kind: 'basic', username: 'bob', password: 'hunter22' } as const
const IDENTITY = { kind: 'identity', token: 'a-refresh-token' } as const
const READY = { kind: 'ready', token: 'a-ready-token' } as const
const BASIC = basicHeader(BOB)

const bearer = (scope?: string, more = ''): string =>
  `Bearer realm="${REALM}",service="registry.example.com"${scope === undefined ? '' : `,scope="${scope}"`}${more}`
const unauthorized = (challenge: string): Response => response(401, { 'www-authenticate': challenge })

/** What the registry would ask of this request. */
function scopeOf({ method, url }: Request): string {
  const [, repository = ''] = /^\/v2\/(.+)\/(?:manifests|blobs|tags)\//.exec(url.pathname) ?? []
  return `repository:${repository}:${method === 'GET' || method === 'HEAD' ? 'pull' : method === 'DELETE' ? 'delete' : 'pull,push'}`
}

interface Parts {
  /** Is asked with what stands in the Authorization header. */
  readonly registry: (shown: string | undefined, request: Request) => Response | Promise<Response>
  /** Is asked with the number of the token, from 1. */
  readonly service?: (count: number, request: Request) => Response | Error | Promise<Response>
  readonly credentials?: Credentials
}

interface World {
  readonly send: Send
  readonly clock: FakeClock
  /** What the registry was shown, and undefined for nothing, one after the other. */
  readonly shown: (string | undefined)[]
  /** Requests to the token service. */
  readonly fetched: Request[]
  /** All others. */
  readonly sent: Request[]
}

const fresh = (count: number, expires_in = 300): Response =>
  response(200, {}, JSON.stringify({ token: `t${count}`, expires_in }))

function world({ registry, service = (count) => fresh(count), credentials }: Parts): World {
  const clock = new FakeClock({ autoAdvance: false })
  const shown: (string | undefined)[] = []
  const fetched: Request[] = []
  const sent: Request[] = []
  const wire: Send = async (request) => {
    if (request.purpose === 'token') {
      fetched.push(request)
      const answer = await service(fetched.length, request)
      if (answer instanceof Error) throw answer
      return answer
    }
    sent.push(request)
    if (request.url.origin !== ORIGIN) return response(401, { 'www-authenticate': bearer('x:y:z') })
    const header = request.headers['authorization']
    shown.push(header)
    return registry(header, request)
  }
  const tokens = new Tokens({
    send: wire,
    credentials,
    clock,
    kill: new AbortController().signal,
    secret: () => undefined,
  })
  const send = authorizing(wire, { origin: ORIGIN, credentials, tokens, clock })
  return { send, clock, shown, fetched, sent }
}

/** A registry that takes the tokens for which the test holds, and asks for one with the scope of each request. */
const takes =
  (good: (token: string, request: Request) => boolean): Parts['registry'] =>
  (shown, request) =>
    shown?.startsWith('Bearer ') === true && good(shown.slice('Bearer '.length), request)
      ? response(200)
      : unauthorized(bearer(scopeOf(request)))

const all = takes(() => true)
const none = takes(() => false)
const get = (path = '/v2/acme/app/manifests/1', more: Partial<Request> = {}): Request =>
  request(`${ORIGIN}${path}`, more)
const remove = (path = '/v2/acme/app/manifests/1'): Request =>
  get(path, { method: 'DELETE', purpose: 'delete-tag', patience: 'once' })
const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

describe('a registry that speaks Basic', () => {
  const basic: Parts['registry'] = (shown) =>
    shown === BASIC ? response(200) : unauthorized('Basic realm="registry"')

  test('costs no request more than one without credentials', async () => {
    const { send, shown, fetched } = world({ registry: basic, credentials: BOB })
    for (const each of [get(), get('/v2/'), remove(), get('/v2/other/tags/list')])
      expect((await send(each)).status).toBe(200)
    expect(shown).toEqual([BASIC, BASIC, BASIC, BASIC])
    expect(fetched).toEqual([])
  })

  test.each<[string, Parts, string, number]>([
    [
      'other credentials',
      { registry: () => unauthorized('Basic realm="x"'), credentials: BOB },
      'the credentials are refused',
      1,
    ],
    ['nothing', { registry: basic }, 'no credentials were given', 1],
    [
      'a refresh token',
      { registry: basic, credentials: IDENTITY },
      'the registry requests a user and a password, but a token was given',
      1,
    ],
    [
      'a token from somewhere else',
      { registry: basic, credentials: READY },
      'the token that was given is refused',
      1,
    ],
  ])('says no to %s, once, and the answer says why', async (_, parts, note, sent) => {
    const { send, shown, fetched } = world(parts)
    expect(await send(get())).toMatchObject({ status: 401, note })
    expect(shown).toHaveLength(sent)
    expect(fetched).toEqual([])
  })
})

describe('a registry that asks in a way that is not spoken here', () => {
  test.each([
    ['Negotiate', 'only Basic and Bearer are supported, and the registry requests negotiate'],
    [
      'Digest realm="x", Negotiate, Digest realm="y"',
      'only Basic and Bearer are supported, and the registry requests digest, negotiate',
    ],
    ['A, B, C, D', 'only Basic and Bearer are supported, and the registry requests a, b, c'],
    ['Bearer', 'only Basic and Bearer are supported, and the registry requests bearer'],
    ['Bearer service="x"', 'only Basic and Bearer are supported, and the registry requests bearer'],
    ['', 'the registry names no authentication scheme'],
    ['(', 'the registry names no authentication scheme'],
  ])('is answered with what it said: %j', async (challenge, note) => {
    for (const credentials of [BOB, IDENTITY]) {
      const { send, shown } = world({ registry: () => unauthorized(challenge), credentials })
      expect(await send(get())).toMatchObject({ status: 401, note })
      expect(shown).toHaveLength(1)
    }
  })

  test('may say nothing at all', async () => {
    const { send } = world({ registry: () => response(401), credentials: BOB })
    expect(await send(get())).toMatchObject({ note: 'the registry names no authentication scheme' })
  })
})

describe('a registry that speaks Bearer', () => {
  test('gets a token for just what it asked for', async () => {
    const scope = 'repository:acme/app:pull,push repository:acme/base:pull'
    const { send, shown, fetched } = world({
      registry: (header) => (header === 'Bearer t1' ? response(200) : unauthorized(bearer(scope))),
      credentials: BOB,
    })
    expect((await send(get())).status).toBe(200)
    expect(shown).toEqual([BASIC, 'Bearer t1'])
    expect(fetched.map(({ url }) => [...url.searchParams])).toEqual([
      [
        ['service', 'registry.example.com'],
        ['scope', 'repository:acme/app:pull,push'],
        ['scope', 'repository:acme/base:pull'],
      ],
    ])
    expect(fetched[0]?.headers['authorization']).toBe(BASIC)
  })

  test('may name neither service nor scope', async () => {
    const { send, fetched } = world({
      registry: (header) =>
        header === 'Bearer t1' ? response(200) : unauthorized(`Bearer realm="${REALM}"`),
    })
    expect((await send(get())).status).toBe(200)
    expect(fetched[0]?.url.href).toBe(REALM)
  })

  test('is shown the same token from then on, at once', async () => {
    const { send, shown, fetched } = world({ registry: all, credentials: BOB })
    for (const path of ['manifests/1', 'manifests/2', 'blobs/sha256:x', 'tags/list', 'referrers/sha256:x'])
      expect((await send(get(`/v2/acme/app/${path}`))).status).toBe(200)
    await send(get('/v2/acme/app/manifests/3', { method: 'HEAD' }))
    expect(shown).toEqual([BASIC, ...Array.from({ length: 6 }, () => 'Bearer t1')])
    expect(fetched).toHaveLength(1)
  })

  test('is shown Basic credentials, and never nothing, where what it wants is not known yet', async () => {
    const { send, shown } = world({ registry: all, credentials: BOB })
    await send(get('/v2/acme/app/tags/list'))
    await send(get('/v2/acme/other/tags/list'))
    await send(remove())
    expect(shown).toEqual([BASIC, 'Bearer t1', BASIC, 'Bearer t2', BASIC, 'Bearer t3'])
  })

  test('is shown the latest token, and never nothing, by who has a refresh token only', async () => {
    const { send, shown } = world({ registry: all, credentials: IDENTITY })
    await send(get('/v2/acme/app/tags/list'))
    await send(get('/v2/acme/other/tags/list'))
    await send(remove())
    expect(shown).toEqual([undefined, 'Bearer t1', 'Bearer t1', 'Bearer t1'])
  })

  test('is asked anew for each repository and each kind of request', async () => {
    const { send, fetched } = world({ registry: all, credentials: BOB })
    const writes = get('/v2/acme/app/blobs/uploads/', { method: 'POST', purpose: 'upload-blob' })
    for (const each of [get(), get('/v2/acme/app/tags/list'), remove(), get('/v2/b/tags/list'), writes]) {
      await send(each)
      await send(each)
    }
    expect(fetched.map(({ url }) => url.searchParams.get('scope'))).toEqual([
      'repository:acme/app:pull',
      'repository:acme/app:delete',
      'repository:b:pull',
      'repository:acme/app:pull,push',
    ])
  })

  test.each([
    'repository:acme/app:delete',
    'repository:acme/app:pull,push',
    'repository:acme/app:*',
    'anything at:all',
  ])('says itself what a DELETE needs, and that is asked for as it stands: %s', async (scope) => {
    const { send, shown, fetched } = world({
      registry: (header, { method }) => {
        const [needed, token] =
          method === 'DELETE' ? [scope, 'Bearer t2'] : ['repository:acme/app:pull', 'Bearer t1']
        return header === token ? response(202) : unauthorized(bearer(needed))
      },
      credentials: BOB,
    })
    await send(get())
    expect((await send(remove())).status).toBe(202)
    expect(shown).toEqual([BASIC, 'Bearer t1', BASIC, 'Bearer t2'])
    expect(fetched[1]?.url.searchParams.getAll('scope').join(' ')).toBe(scope)
  })

  test('may send its challenges in any order and form', async () => {
    for (const challenge of [
      `Basic realm="x", ${bearer('a:b:c')}`,
      `${bearer('a:b:c')}, Basic realm="x"`,
      `Negotiate abc==,bearer REALM="${REALM}", service = "registry.example.com" ,\tscope="a:b:c"`,
    ]) {
      const { send, shown, fetched } = world({
        registry: (header) => (header === 'Bearer t1' ? response(200) : unauthorized(challenge)),
        credentials: BOB,
      })
      expect((await send(get())).status).toBe(200)
      expect(shown).toEqual([BASIC, 'Bearer t1'])
      expect(fetched[0]?.url.searchParams.get('scope')).toBe('a:b:c')
    }
  })

  test('that takes Basic as well costs no request more', async () => {
    const { send, shown, fetched } = world({
      registry: (header) =>
        header === BASIC ? response(200) : unauthorized(`Basic realm="x", ${bearer('a:b:c')}`),
      credentials: BOB,
    })
    await send(get())
    await send(remove())
    expect(shown).toEqual([BASIC, BASIC])
    expect(fetched).toEqual([])
  })

  test('gives anonymous access with a token as well', async () => {
    const { send, shown, fetched } = world({ registry: all })
    expect((await send(get())).status).toBe(200)
    await send(get())
    expect(shown).toEqual([undefined, 'Bearer t1', 'Bearer t1'])
    expect(fetched.map(({ headers }) => headers)).toEqual([{ accept: 'application/json' }])
  })

  test('is shown a token that a refresh token got, and never the refresh token', async () => {
    const { send, shown, fetched } = world({ registry: all, credentials: IDENTITY })
    expect((await send(get())).status).toBe(200)
    expect(shown).toEqual([undefined, 'Bearer t1'])
    expect(fetched.map(({ method }) => method)).toEqual(['POST'])
  })

  test('gets one token for as many requests as come at once', async () => {
    let go = (): void => undefined
    const gate = new Promise<void>((done) => (go = done))
    const { send, shown, fetched } = world({
      registry: all,
      service: async (count) => {
        await gate
        return fresh(count)
      },
      credentials: BOB,
    })
    const answers = Array.from({ length: 30 }, (_, at) => send(get(`/v2/acme/app/manifests/${at}`)))
    await turn()
    go()
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(fetched).toHaveLength(1)
    expect(shown).toHaveLength(60)
  })

  test('gets what the request holds, and nothing of it changed', async () => {
    const { send, sent } = world({ registry: all, credentials: BOB })
    const body = Buffer.from('x')
    const put = get('/v2/acme/app/manifests/1', {
      method: 'PUT',
      headers: { 'content-type': 'a/b' },
      body,
      fresh: true,
    })
    await send(put)
    expect(sent.map(({ attempt }) => attempt)).toEqual([undefined, 2])
    for (const each of sent) {
      expect(each).toMatchObject({ method: 'PUT', body, fresh: true, identified: true, signal: put.signal })
      expect(each.headers['content-type']).toBe('a/b')
    }
    expect(put.headers).toEqual({ 'content-type': 'a/b' })
  })
})

describe('an answer that asks for nothing', () => {
  test.each([200, 202, 301, 400, 404, 405, 407, 429, 500, 503])(
    'is taken as it is, with a challenge or not: %i',
    async (status) => {
      const { send, shown, fetched } = world({
        registry: () => response(status, { 'www-authenticate': bearer('a:b:c') }),
        credentials: BOB,
      })
      expect(await send(get())).toEqual(expect.not.objectContaining({ note: expect.anything() }))
      expect([shown.length, fetched.length]).toEqual([1, 0])
    },
  )

  test.each([
    ['without a challenge', ''],
    ['with one that says nothing of the token', bearer('a:b:c')],
    ['with another error', bearer('a:b:c', ',error="invalid_request"')],
    ['with that error of another scheme', 'Basic realm="x",error="insufficient_scope"'],
  ])('may be 403 %s', async (_, challenge) => {
    const { send, shown, fetched } = world({
      registry: () => response(403, { 'www-authenticate': challenge }),
      credentials: BOB,
    })
    const { status, note } = await send(get())
    expect([status, note]).toEqual([403, undefined])
    expect([shown.length, fetched.length]).toEqual([1, 0])
  })
})

describe('403 that says that the token is not enough', () => {
  const insufficient = (scope: string): Response =>
    response(403, { 'www-authenticate': bearer(scope, ',error="insufficient_scope"') })

  test('is a challenge: its scope is asked for', async () => {
    const { send, shown, fetched } = world({
      registry: (header) =>
        header === undefined || header === BASIC
          ? unauthorized(bearer('repository:acme/app:pull'))
          : header === 'Bearer t1'
            ? insufficient('repository:acme/app:pull,delete')
            : response(202),
      credentials: BOB,
    })
    expect((await send(remove())).status).toBe(202)
    expect(shown).toEqual([BASIC, 'Bearer t1', 'Bearer t2'])
    expect(fetched.map(({ url }) => url.searchParams.get('scope'))).toEqual([
      'repository:acme/app:pull',
      'repository:acme/app:pull,delete',
    ])
    // It is known from then on.
    expect((await send(remove())).status).toBe(202)
    expect(shown.slice(3)).toEqual(['Bearer t2'])
  })

  test('comes to an end where it comes again', async () => {
    const { send, shown, fetched } = world({
      registry: () => insufficient('repository:acme/app:delete'),
      credentials: BOB,
    })
    expect(await send(remove())).toMatchObject({
      status: 403,
      note: 'the token from auth.example.com does not allow `delete` on acme/app',
    })
    expect(shown).toHaveLength(3)
    expect(fetched).toHaveLength(2)
  })
})

describe('a token that is good no more', () => {
  test('is renewed before its end, so that no request is refused', async () => {
    const { send, clock, shown, fetched } = world({
      registry: all,
      service: (count) => fresh(count, 60),
      credentials: BOB,
    })
    await send(get())
    for (let minute = 0; minute < 10; minute++) {
      await clock.advance(30_000)
      expect((await send(get())).status).toBe(200)
    }
    expect(fetched).toHaveLength(6)
    expect(shown).toHaveLength(12)
    expect(shown.filter((header) => header?.startsWith('Bearer ') !== true)).toEqual([BASIC])
  })

  test('is replaced once where the registry does not take it before its time', async () => {
    let good = 't1'
    const { send, shown, fetched } = world({ registry: takes((token) => token === good), credentials: BOB })
    await send(get())
    good = 't2'
    expect(await send(get())).toEqual(expect.objectContaining({ status: 200 }))
    expect(shown).toEqual([BASIC, 'Bearer t1', 'Bearer t1', 'Bearer t2'])
    expect(fetched).toHaveLength(2)
    await send(get())
    expect(shown.at(-1)).toBe('Bearer t2')
  })

  test('is replaced once for all requests that were refused with it', async () => {
    let good = 't1'
    const { send, fetched } = world({ registry: takes((token) => token === good), credentials: BOB })
    await send(get())
    good = 't2'
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(get())))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(fetched).toHaveLength(2)
  })

  test('may be replaced again and again in a long run', async () => {
    let good = 1
    const { send, clock, fetched } = world({
      registry: takes((token) => token === `t${good}`),
      credentials: BOB,
    })
    await send(get())
    for (let time = 0; time < 5; time++) {
      good++
      await clock.advance(1000)
      expect((await send(get())).status).toBe(200)
    }
    expect(fetched).toHaveLength(6)
  })

  test('for one repository is no affair of another', async () => {
    let refused = ''
    const { send, shown } = world({ registry: takes((token) => token !== refused), credentials: BOB })
    await send(get('/v2/a/tags/list'))
    await send(get('/v2/b/tags/list'))
    refused = 't1'
    await send(get('/v2/a/tags/list'))
    await send(get('/v2/b/tags/list'))
    expect(shown.slice(4)).toEqual(['Bearer t1', 'Bearer t3', 'Bearer t2'])
  })
})

describe('a token that allows less than was asked for', () => {
  const noDelete = takes((_, { method }) => method !== 'DELETE')
  const NOTE = 'the token from auth.example.com does not allow `delete` on acme/app'

  test('is got once more, and then the answer names what is missing', async () => {
    const { send, shown, fetched } = world({ registry: noDelete, credentials: BOB })
    expect(await send(remove())).toMatchObject({ status: 401, note: NOTE })
    expect(shown).toEqual([BASIC, 'Bearer t1', 'Bearer t2'])
    expect(fetched).toHaveLength(2)
  })

  test('is not got again for half a minute, and then as before', async () => {
    const { send, clock, shown, fetched } = world({ registry: noDelete, credentials: BOB })
    await send(remove())
    await clock.advance(29_000)
    expect(await send(remove())).toMatchObject({ status: 401, note: NOTE })
    expect([shown.length, fetched.length]).toEqual([4, 2])
    await clock.advance(30_000)
    expect(await send(remove())).toMatchObject({ status: 401, note: NOTE })
    expect([shown.length, fetched.length]).toEqual([7, 4])
  })

  test('is not got again for half a minute, however many requests come', async () => {
    const { send, clock, shown, fetched } = world({ registry: noDelete, credentials: BOB })
    const many = (): Promise<Response[]> => Promise.all(Array.from({ length: 20 }, () => send(remove())))
    for (const answer of await many()) expect(answer).toMatchObject({ status: 401, note: NOTE })
    expect([shown.length, fetched.length]).toEqual([60, 2])
    for (let second = 0; second < 29; second++) {
      await clock.advance(1000)
      for (const answer of await many()) expect(answer.note).toBe(NOTE)
    }
    expect([shown.length, fetched.length]).toEqual([60 + 29 * 20, 2])
  })

  test('is not got again for a request that comes before the response to the one that renewed it', async () => {
    let respond = (): void => undefined
    const slow = new Promise<void>((done) => (respond = done))
    let withRenewed = 0
    const { send, fetched } = world({
      registry: async (shown, request) => {
        if (shown === 'Bearer t2' && ++withRenewed === 1) await slow
        return noDelete(shown, request)
      },
      credentials: BOB,
    })
    const first = send(remove())
    await turn()
    expect(await send(remove())).toMatchObject({ status: 401, note: NOTE })
    respond()
    expect(await first).toMatchObject({ status: 401, note: NOTE })
    expect(fetched).toHaveLength(2)
  })

  test('does not keep other requests from theirs', async () => {
    const { send, shown, fetched } = world({ registry: noDelete, credentials: BOB })
    await send(remove())
    expect((await send(get())).status).toBe(200)
    expect((await send(get())).status).toBe(200)
    await send(remove('/v2/acme/other/manifests/1'))
    expect(fetched.map(({ url }) => url.searchParams.get('scope'))).toEqual([
      'repository:acme/app:delete',
      'repository:acme/app:delete',
      'repository:acme/app:pull',
      'repository:acme/other:delete',
      'repository:acme/other:delete',
    ])
    expect(shown).toHaveLength(3 + 3 + 3)
  })

  test('may be enough later, when the permission was given', async () => {
    let allowed = false
    const { send, clock, fetched } = world({ registry: takes(() => allowed), credentials: BOB })
    await send(remove())
    allowed = true
    expect((await send(remove())).status).toBe(200)
    expect(fetched).toHaveLength(2)
    // The next refusal is a new one.
    allowed = false
    await clock.advance(1000)
    expect((await send(remove())).note).toBe(NOTE)
    expect(fetched).toHaveLength(3)
  })

  test('is named with what the registry asked for last', async () => {
    const { send } = world({
      registry: (header) =>
        unauthorized(
          bearer(header === 'Bearer t2' ? 'repository:acme/app:delete,pull' : 'repository:acme/app:pull'),
        ),
      credentials: BOB,
    })
    const { note } = await send(get())
    expect(note).toBe('the token from auth.example.com does not allow `delete` and `pull` on acme/app')
  })

  test('is so in words also where the registry names no scope', async () => {
    const { send } = world({ registry: () => unauthorized(bearer()) })
    const { note } = await send(get())
    expect(note).toBe('the token from auth.example.com does not allow what was requested')
  })

  test('may be the same one again, as a service has it that keeps its tokens', async () => {
    const { send, shown, fetched } = world({
      registry: none,
      service: () => fresh(1),
      credentials: BOB,
    })
    expect(await send(remove())).toMatchObject({ status: 401, note: NOTE })
    expect([shown.length, fetched.length]).toEqual([3, 2])
    await send(remove())
    expect([shown.length, fetched.length]).toEqual([4, 2])
  })
})

describe('a registry that answers a token which it does not take with a Basic challenge, as Harbor does', () => {
  /** Whatever stands in the header, Basic is asked for; without one a token. */
  const harbor =
    (good: (shown: string) => boolean): Parts['registry'] =>
    (shown, request) =>
      shown === undefined
        ? unauthorized(bearer(scopeOf(request)))
        : good(shown)
          ? response(200)
          : unauthorized('Basic realm="harbor"')

  test('takes Basic credentials', async () => {
    const { send, shown, fetched } = world({
      registry: harbor((header) => header === BASIC),
      credentials: BOB,
    })
    expect((await send(get())).status).toBe(200)
    expect((await send(remove())).status).toBe(200)
    expect(shown).toEqual([BASIC, BASIC])
    expect(fetched).toEqual([])
  })

  test('refuses Basic credentials that are not enough', async () => {
    const { send, shown } = world({ registry: harbor(() => false), credentials: BOB })
    expect(await send(remove())).toMatchObject({ status: 401, note: 'the credentials are refused' })
    expect(shown).toEqual([BASIC])
  })

  test('gets a new token where the old one is good no more, also for a refresh token and for nobody', async () => {
    for (const credentials of [IDENTITY, undefined]) {
      let good = 'Bearer t1'
      const { send, shown, fetched } = world({
        registry: harbor((header) => header === good),
        ...(credentials !== undefined && { credentials }),
      })
      await send(get())
      good = 'Bearer t2'
      expect((await send(get())).status).toBe(200)
      expect(shown).toEqual([undefined, 'Bearer t1', 'Bearer t1', 'Bearer t2'])
      expect(fetched).toHaveLength(2)
    }
  })

  test('gives nobody in particular a token for each thing, though it does not say so to one who shows another', async () => {
    const { send } = world({
      registry: (header, asked) =>
        header === undefined
          ? unauthorized(bearer(scopeOf(asked)))
          : header === (asked.url.pathname.includes('/other/') ? 'Bearer t2' : 'Bearer t1')
            ? response(200)
            : unauthorized('Basic realm="harbor"'),
    })
    expect((await send(get('/v2/acme/app/tags/list'))).status).toBe(200)
    expect((await send(get('/v2/acme/other/tags/list'))).status).toBe(200)
    expect((await send(get('/v2/acme/app/tags/list'))).status).toBe(200)
  })

  test('is refused a third try, in words that name what is missing', async () => {
    const { send, shown, fetched } = world({ registry: harbor(() => false), credentials: IDENTITY })
    expect(await send(remove())).toMatchObject({
      status: 401,
      note: 'the token from auth.example.com does not allow `delete` on acme/app',
    })
    expect(shown.length).toBeLessThanOrEqual(4)
    expect(fetched.length).toBeLessThanOrEqual(2)
  })
})

describe('a token that somebody else got', () => {
  test('is shown as it is', async () => {
    const { send, shown, fetched } = world({
      registry: takes((token) => token === READY.token),
      credentials: READY,
    })
    await send(get())
    await send(remove())
    expect(shown).toEqual([`Bearer ${READY.token}`, `Bearer ${READY.token}`])
    expect(fetched).toEqual([])
  })

  test.each([401, 403])('is never renewed: %i is the end of it', async (status) => {
    const challenge = bearer('a:b:c', ',error="insufficient_scope"')
    const { send, shown, fetched } = world({
      registry: () => response(status, { 'www-authenticate': challenge }),
      credentials: READY,
    })
    for (let time = 0; time < 3; time++)
      expect(await send(get())).toMatchObject({ status, note: 'the token that was given is refused' })
    expect(shown).toHaveLength(3)
    expect(fetched).toEqual([])
  })
})

describe('a token service that gives none', () => {
  test.each([400, 401, 403])(
    'with %i leaves the answer of the registry, with its own words beside it',
    async (status) => {
      const { send, shown, fetched } = world({
        registry: none,
        service: () => response(status, {}, '{"errors":[{"code":"DENIED","message":"no such user"}]}'),
        credentials: BOB,
      })
      const { status: answered, note } = await send(get())
      expect(answered).toBe(401)
      expect(note).toBe(
        `the token service ${REALM}?… refuses the credentials, or the access that was requested (${status} DENIED (no such user))`,
      )
      expect([shown.length, fetched.length]).toEqual([1, 1])
    },
  )

  test('says so again where it is asked again, and the registry is heard each time', async () => {
    const { send, shown, fetched } = world({ registry: none, service: () => response(401), credentials: BOB })
    for (let time = 1; time <= 5; time++) {
      expect(await send(get())).toMatchObject({ status: 401, note: expect.stringContaining('token service') })
      expect(shown).toHaveLength(time)
      expect(fetched.length).toBeLessThanOrEqual(2 * time)
    }
    expect(shown.slice(1)).toEqual([BASIC, BASIC, BASIC, BASIC])
  })

  test('may do so later, when a token was good for a while', async () => {
    let gives = true
    const { send, clock } = world({
      registry: all,
      service: (count) => (gives ? fresh(count) : response(401)),
      credentials: BOB,
    })
    await send(get())
    gives = false
    await clock.advance(300_000)
    // To ask as nobody would be another question: some registries answer that with 404.
    await expect(send(get())).rejects.toMatchObject({ name: 'WireError', failure: 'token' })
    gives = true
    expect((await send(get())).status).toBe(200)
  })

  test.each<[string, Response | Error, string]>([
    ['fails', response(500), 'returned 500'],
    [
      'answers with something else',
      response(200, {}, '<html>'),
      'returned 200 and something that is not JSON',
    ],
    ['answers with an empty token', response(200, {}, '{"token":""}'), 'returned 200, but no token'],
    [
      'answers with a token that would be two headers',
      response(200, {}, JSON.stringify({ token: 'x\r\nhost: y' })),
      'returned a token that does not fit into a header',
    ],
    [
      'answers with a token without end',
      response(200, {}, JSON.stringify({ token: 'x'.repeat(60_000) })),
      'returned a token that does not fit into a header',
    ],
  ])('since it %s makes the request fail', async (_, answer, code) => {
    const { send, shown } = world({ registry: none, service: () => answer, credentials: BOB })
    await expect(send(get())).rejects.toMatchObject({
      failure: 'token',
      code,
      message: expect.stringContaining('. This is the token service that the registry names'),
    })
    expect(shown).toHaveLength(1)
  })

  test('since it cannot be reached makes the request fail, and the next one tries again', async () => {
    const { send } = world({
      registry: all,
      service: (count) => (count === 1 ? new WireError(get(), 'network', 'ECONNREFUSED') : fresh(count)),
      credentials: BOB,
    })
    await expect(send(get())).rejects.toMatchObject({ failure: 'network', code: 'ECONNREFUSED' })
    expect((await send(get())).status).toBe(200)
  })

  test.each([
    'http://auth.example.com/token',
    'https://bob@auth.example.com/token',
    'https://169.254.169.254/token',
    '/token',
    '',
    'ftp://auth.example.com/',
  ])('since nothing is sent to where it should be makes the request fail: %j', async (realm) => {
    const { send, fetched } = world({
      registry: () => unauthorized(`Bearer realm="${realm}",service="x"`),
      credentials: BOB,
    })
    await expect(send(get())).rejects.toMatchObject({
      failure: realm.startsWith('http:') ? 'plain-token-service' : 'forbidden-address',
      message: expect.stringContaining(`GET ${READ}: `),
    })
    expect(fetched).toEqual([])
  })
})

describe('credentials', () => {
  test.each([BOB, IDENTITY, READY])(
    'of every kind go to no other origin than the registry and its token service: $kind',
    async (credentials) => {
      const { send, sent, fetched } = world({ registry: all, credentials })
      await send(get())
      const before = fetched.length
      for (const url of [
        'http://registry.example.com/v2/acme/app/manifests/1',
        'https://registry.example.com:5000/v2/acme/app/manifests/1',
        'https://registry.example.com.evil.example/v2/acme/app/manifests/1',
        'https://auth.example.com/v2/acme/app/manifests/1',
        'https://storage.example.com/x',
      ]) {
        const plain = request(url)
        expect((await send(plain)).status).toBe(401)
        expect(sent.at(-1)).toBe(plain)
      }
      expect(fetched).toHaveLength(before)
    },
  )

  test('do not follow the redirect of a token service', async () => {
    const clock = new FakeClock({ autoAdvance: false })
    const asked: Request[] = []
    const wire: Send = async (each) => {
      asked.push(each)
      if (each.url.host === 'auth.example.com')
        return response(307, { location: 'https://evil.example/token' })
      return each.headers['authorization'] === 'Bearer t1' ? response(200) : fresh(1)
    }
    const tokens = new Tokens({
      send: following(wire),
      credentials: BOB,
      clock,
      kill: new AbortController().signal,
      secret: () => undefined,
    })
    const what = { realm: new URL(REALM), service: undefined, scope: undefined }
    expect(await tokens.get(what, get())).toBe('t1')
    expect(
      asked.map(({ url, headers, identified }) => [url.host, headers['authorization'], identified]),
    ).toEqual([
      ['auth.example.com', BASIC, true],
      ['evil.example', undefined, false],
    ])
  })

  test('of a refresh token are not sent on at all', async () => {
    const asked: Request[] = []
    const wire: Send = async (each) => {
      asked.push(each)
      return response(307, { location: 'https://evil.example/token' })
    }
    const tokens = new Tokens({
      send: following(wire),
      credentials: IDENTITY,
      clock: new FakeClock({ autoAdvance: false }),
      kill: new AbortController().signal,
      secret: () => undefined,
    })
    const what = { realm: new URL(REALM), service: undefined, scope: undefined }
    await expect(tokens.get(what, get())).rejects.toMatchObject({ failure: 'token' })
    expect(asked).toHaveLength(1)
  })
})

describe('a request that is to stop', () => {
  test('waits for no token, which comes for the others', async () => {
    let give = (): void => undefined
    const gate = new Promise<void>((done) => (give = done))
    const { send, fetched } = world({
      registry: all,
      service: async (count) => {
        await gate
        return fresh(count)
      },
      credentials: BOB,
    })
    const stop = new AbortController()
    const stopped = send(get('/v2/acme/app/manifests/1', { signal: stop.signal }))
    const other = send(get('/v2/acme/app/manifests/2'))
    await turn()
    stop.abort()
    await expect(stopped).rejects.toMatchObject({ failure: 'cancelled' })
    give()
    expect((await other).status).toBe(200)
    expect(fetched).toHaveLength(1)
  })
})

describe('whatever a registry answers', () => {
  const challenges = fc.constantFrom(
    '',
    'Basic realm="x"',
    'Negotiate',
    'Bearer',
    bearer('repository:acme/app:pull'),
    bearer('repository:acme/app:delete'),
    bearer('repository:acme/app:pull', ',error="insufficient_scope"'),
    `Basic realm="x", ${bearer('repository:acme/app:pull')}`,
    `Bearer realm="https://other.example.com/token"`,
  )
  const answers = fc.array(fc.tuple(fc.constantFrom(401, 401, 401, 403, 200), challenges), { minLength: 1 })
  const services = fc.array(fc.constantFrom('new', 'same', 'short', 'refuses'), { minLength: 1 })
  const who = fc.constantFrom<Credentials | undefined>(BOB, IDENTITY, READY, undefined)
  const kinds = fc.array(fc.tuple(fc.boolean(), fc.nat(40)), { minLength: 1, maxLength: 8 })

  test('a request comes to an end after a few tries, and its credentials are seen by nobody else', async () => {
    await fc.assert(
      fc.asyncProperty(answers, services, who, kinds, async (script, tokens, credentials, requests) => {
        let at = 0
        const { send, clock, shown, fetched } = world({
          registry: () => {
            const [status, challenge] = script[at++ % script.length] ?? [200, '']
            return response(status, { 'www-authenticate': challenge })
          },
          service: (count) => {
            const how = tokens[count % tokens.length]
            if (how === 'refuses') return response(401)
            return how === 'same' ? fresh(0) : fresh(count, how === 'short' ? 1 : 300)
          },
          ...(credentials !== undefined && { credentials }),
        })
        for (const [deletes, seconds] of requests) {
          const [sends, fetches] = [shown.length, fetched.length]
          const answer = await send(deletes ? remove() : get()).catch((error: unknown) => {
            if (error instanceof WireError && error.failure === 'token') return undefined
            throw error
          })
          expect(shown.length - sends).toBeLessThanOrEqual(3)
          expect(fetched.length - fetches).toBeLessThanOrEqual(3)
          if (answer?.status === 401) expect(answer.note).toEqual(expect.any(String))
          await clock.advance(seconds * 1000)
        }
        for (const header of shown) expect(header ?? '').toMatch(/^$|^Basic |^Bearer (?:t\d+|a-ready-token)$/)
        for (const { url } of fetched) expect(['auth.example.com', 'other.example.com']).toContain(url.host)
      }),
      { numRuns: 500, seed: 7 },
    )
  })
})

test('a refusal without a challenge carries the one that named its scope', async () => {
  const registry: Parts['registry'] = (shown, request) =>
    shown?.startsWith('Bearer ') === true ? response(403) : unauthorized(bearer(scopeOf(request)))
  const { send } = world({ registry, credentials: BOB })
  const { status, challenge } = await send(remove())
  expect([status, challenge?.parameters.get('scope')]).toEqual([403, 'repository:acme/app:delete'])
})
