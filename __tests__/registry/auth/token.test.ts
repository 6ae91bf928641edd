import { describe, expect, test } from '@jest/globals'
import { fetchToken, TokenRefused, type TokenRequest, type Token } from '../../../src/registry/auth/token.js'
import { basicHeader, type Credentials } from '../../../src/registry/credentials/credentials.js'
import { WireError } from '../../../src/registry/errors.js'
import type { Request, Response } from '../../../src/registry/send.js'
import { answering, response } from '../wire.js'

const NOW = Date.UTC(2026, 0, 1)
const REALM = 'https://auth.example.com/token'
const BOB = { kind: 'basic', username: 'bob', password: 'hunter2 & söhne+=' } as const
const IDENTITY = { kind: 'identity', token: 'refresh+/=& token' } as const

const asked = (more: Partial<TokenRequest> = {}): TokenRequest => ({
  realm: new URL(REALM),
  service: 'registry.example.com',
  scope: 'repository:acme/app:pull',
  ...more,
})
const json = (body: unknown, status = 200): Response => response(status, {}, JSON.stringify(body))
const given = (more: object = {}): Response => json({ token: 'a-token', ...more })

interface Outcome {
  readonly token: Promise<Token>
  readonly requests: Request[]
  readonly secrets: string[]
}

function fetched(
  answers: readonly (Response | Error)[],
  credentials: Credentials | 'none' = BOB,
  what: TokenRequest = asked(),
): Outcome {
  const { send, asked: requests } = answering(answers)
  const secrets: string[] = []
  const { signal } = new AbortController()
  const token = fetchToken(send, what, credentials === 'none' ? undefined : credentials, {
    signal,
    now: () => NOW,
    secret: (text) => secrets.push(text),
  })
  token.catch(() => undefined)
  return { token, requests, secrets }
}

/** What went out, when a token came in the end. */
async function sent(...all: Parameters<typeof fetched>): Promise<Request[]> {
  const { token, requests } = fetched(...all)
  await token
  return requests
}

const only = (requests: readonly Request[]): Request => {
  expect(requests).toHaveLength(1)
  return requests[0] as Request
}
const formOf = ({ body }: Request): [string, string][] => [
  ...new URLSearchParams(Buffer.from(body ?? []).toString('utf8')),
]

describe('a token', () => {
  test('is asked for by GET, with the words of the challenge and Basic credentials', async () => {
    const request = only(await sent([given()]))
    expect(request).toMatchObject({ method: 'GET', purpose: 'token', identified: true, patience: 'read' })
    expect(request.url.origin + request.url.pathname).toBe(REALM)
    expect([...request.url.searchParams]).toEqual([
      ['service', 'registry.example.com'],
      ['scope', 'repository:acme/app:pull'],
    ])
    expect(request.headers).toMatchObject({ authorization: basicHeader(BOB), accept: 'application/json' })
    expect(request.body).toBeUndefined()
  })

  test('is asked for with one parameter for each scope, each as it stood', async () => {
    const scope = 'repository:b:push,pull,*  repository(plugin):a b:delete'
    const { url } = only(await sent([given()], BOB, asked({ scope })))
    expect(url.searchParams.getAll('scope')).toEqual([
      'repository:b:push,pull,*',
      'repository(plugin):a',
      'b:delete',
    ])
  })

  test('is asked for with nothing that the challenge did not say', async () => {
    const { url } = only(await sent([given()], BOB, asked({ service: undefined, scope: undefined })))
    expect(url.href).toBe(REALM)
    const { url: other } = only(await sent([given()], BOB, asked({ service: '', scope: '' })))
    expect(other.searchParams.has('scope')).toBe(false)
  })

  test('is asked for with what the realm has behind a question mark', async () => {
    const realm = new URL(`${REALM}?account=acme&service=other`)
    const { url } = only(await sent([given()], BOB, asked({ realm })))
    expect([...url.searchParams]).toEqual([
      ['account', 'acme'],
      ['service', 'registry.example.com'],
      ['scope', 'repository:acme/app:pull'],
    ])
    expect(realm.search).toBe('?account=acme&service=other')
  })

  test('is asked for anonymously where there are no credentials', async () => {
    const request = only(await sent([given()], 'none'))
    expect(request).toMatchObject({ method: 'GET', headers: { accept: 'application/json' } })
    expect(Object.keys(request.headers)).toEqual(['accept'])
    expect(request.url.searchParams.get('scope')).toBe('repository:acme/app:pull')
  })

  test('is read from either name, the first that holds one', async () => {
    for (const [body, value] of [
      [{ token: 'one' }, 'one'],
      [{ access_token: 'two' }, 'two'],
      [{ token: 'one', access_token: 'two' }, 'one'],
      [{ token: '', access_token: 'two' }, 'two'],
      [{ token: null, access_token: 'two' }, 'two'],
      [{ token: 5, access_token: 'two' }, 'two'],
    ] as const)
      expect((await fetched([json(body)]).token).value).toBe(value)
  })

  test('may be as long as 16 KiB, and hold every sign that RFC 6750 has for one', async () => {
    for (const token of ['a', 'azAZ09-._~+/==', 'a'.repeat(16 << 10)])
      expect((await fetched([json({ token })]).token).value).toBe(token)
  })

  test.each<[unknown, number]>([
    [undefined, 60],
    [300, 300],
    [1, 1],
    [0.5, 0.5],
    [0, 60],
    [-5, 60],
    ['300', 60],
    [null, 60],
    [86_400, 86_400],
    [86_401, 86_400],
    [1e300, 86_400],
  ])('with expires_in %j serves for %s seconds', async (expires_in, seconds) => {
    expect((await fetched([given({ expires_in })]).token).expiresAt - NOW).toBe(seconds * 1000)
  })

  test('is told to be secret before anything else, and so is all else that came with it', async () => {
    const all = { token: 'one', access_token: 'two', refresh_token: 'three', id_token: 'four' }
    const good = fetched([json(all)])
    await good.token
    expect(good.secrets).toEqual(['one', 'two', 'three', 'four'])
    const bad = fetched([json({ token: 'with a blank', refresh_token: 'three' })])
    await expect(bad.token).rejects.toThrow(WireError)
    // What no header can carry is used for nothing, and could hold anything.
    expect(bad.secrets).toEqual(['three'])
  })
})

describe('a token by POST', () => {
  test('is asked for with a refresh token at once, which goes in the body and nowhere else', async () => {
    const request = only(await sent([given()], IDENTITY))
    expect(request).toMatchObject({ method: 'POST', purpose: 'token', identified: true })
    expect(request.url.href).toBe(REALM)
    expect(request.headers).toEqual({
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(formOf(request)).toEqual([
      ['client_id', 'registry-purge'],
      ['service', 'registry.example.com'],
      ['scope', 'repository:acme/app:pull'],
      ['grant_type', 'refresh_token'],
      ['refresh_token', IDENTITY.token],
    ])
  })

  test.each([404, 405, 501])(
    'is asked for with user and password where GET is answered with %i',
    async (status) => {
      const scope = 'repository:a:pull repository:b:pull'
      const requests = await sent([response(status), given()], BOB, asked({ scope }))
      expect(requests.map(({ method }) => method)).toEqual(['GET', 'POST'])
      const post = requests[1] as Request
      expect(post.url.href).toBe(REALM)
      expect(post.headers['authorization']).toBeUndefined()
      expect(formOf(post)).toEqual([
        ['client_id', 'registry-purge'],
        ['service', 'registry.example.com'],
        ['scope', scope],
        ['grant_type', 'password'],
        ['username', 'bob'],
        ['password', BOB.password],
      ])
    },
  )

  test('is not asked for without credentials, nor by GET with a refresh token', async () => {
    const anonymous = fetched([response(405)], 'none')
    await expect(anonymous.token).rejects.toMatchObject({ failure: 'token', code: 'returned 405' })
    expect(anonymous.requests.map(({ method }) => method)).toEqual(['GET'])
    const identity = fetched([response(404)], IDENTITY)
    await expect(identity.token).rejects.toMatchObject({ failure: 'token' })
    expect(identity.requests.map(({ method }) => method)).toEqual(['POST'])
  })

  test.each([400, 401, 403, 500, 200])('is not asked for where GET is answered with %i', async (status) => {
    const { token, requests } = fetched([response(status), given()])
    await expect(token).rejects.toThrow()
    expect(requests).toHaveLength(1)
  })

  test('has nothing of a scope where the challenge named none', async () => {
    for (const scope of [undefined, '']) {
      const request = only(await sent([given()], IDENTITY, asked({ scope, service: undefined })))
      expect(formOf(request).map(([name]) => name)).toEqual(['client_id', 'grant_type', 'refresh_token'])
    }
  })
})

describe('a token service that refuses', () => {
  test.each([400, 401, 403])('with %i does so in words that say which service it is', async (status) => {
    const body = { errors: [{ code: 'UNAUTHORIZED', message: 'incorrect username or password' }] }
    const { token } = fetched([json(body, status)])
    await expect(token).rejects.toThrow(TokenRefused)
    await expect(token).rejects.toThrow(
      `the token service ${REALM}?… refuses the credentials, or the access that was requested (${status} UNAUTHORIZED (incorrect username or password))`,
    )
  })

  test('nobody in particular says that credentials are needed', async () => {
    const { token } = fetched([response(401)], 'none')
    await expect(token).rejects.toThrow(
      `the token service ${REALM}?… issues no token without credentials (401)`,
    )
  })

  test('is not quoted with its query', async () => {
    const realm = new URL(`${REALM}?key=hunter22`)
    const { token } = fetched([response(403)], BOB, asked({ realm }))
    await expect(token).rejects.toThrow(`${REALM}?… refuses`)
    await expect(token).rejects.not.toThrow('hunter22')
  })
})

describe('a token service that fails', () => {
  test.each<[string, Response, string]>([
    ['a server error', response(500), 'returned 500'],
    ['503', response(503, {}, 'down for a while'), 'returned 503 down for a while'],
    ['another 2xx', json({ token: 'x' }, 202), 'returned 202'],
    ['no content', response(204), 'returned 204'],
    ['a redirect that nobody follows', response(307, { location: 'https://x.example/' }), 'returned 307'],
    ['too many requests', response(429), 'returned 429'],
    [
      'a body that was cut off',
      response(200, {}, '{"token":"x"}', { cut: true }),
      'returned 200, and the body was cut off',
    ],
    ['no JSON', response(200, {}, '<html>sign in</html>'), 'returned 200 and something that is not JSON'],
    ['nothing', response(200), 'returned 200 and something that is not JSON'],
    ['bytes that are no text', response(200, {}, '\ufffd\0'), 'returned 200 and something that is not JSON'],
    ['null', response(200, {}, 'null'), 'returned 200, but no token'],
    ['a number', response(200, {}, '5'), 'returned 200, but no token'],
    ['a text', json('token'), 'returned 200, but no token'],
    ['a list', json(['token']), 'returned 200, but no token'],
    ['an empty object', json({}), 'returned 200, but no token'],
    ['an empty token', json({ token: '', access_token: '' }), 'returned 200, but no token'],
    ['a token of another kind', json({ token: { value: 'x' } }), 'returned 200, but no token'],
    [
      'too long a token',
      json({ token: 'a'.repeat((16 << 10) + 1) }),
      'returned a token that does not fit into a header',
    ],
    [
      'a token with a line break',
      json({ token: 'a\r\nx: y' }),
      'returned a token that does not fit into a header',
    ],
    [
      'a token with a line break at its end',
      json({ token: 'a\n' }),
      'returned a token that does not fit into a header',
    ],
    ['a token with a zero byte', json({ token: 'a\0' }), 'returned a token that does not fit into a header'],
    ['a token with a blank', json({ token: 'a b' }), 'returned a token that does not fit into a header'],
    [
      'a token with other letters',
      json({ token: 'tökén' }),
      'returned a token that does not fit into a header',
    ],
    ['a blank token', json({ token: ' ' }), 'returned a token that does not fit into a header'],
  ])('by %s gives a failure of the wire', async (_, answer, code) => {
    const { token } = fetched([answer])
    await expect(token).rejects.toThrow(WireError)
    await expect(token).rejects.toMatchObject({
      failure: 'token',
      code,
      message: expect.stringMatching(/^GET /),
    })
  })

  test('is not quoted with a token that cannot be used', async () => {
    const { token } = fetched([json({ token: 'hunter 22' })])
    await expect(token).rejects.not.toThrow('hunter')
  })

  test('to answer at all is a failure of its own', async () => {
    const reset = new Error('reset')
    await expect(fetched([reset]).token).rejects.toBe(reset)
  })
})
