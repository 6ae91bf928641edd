import { describe, expect, test } from '@jest/globals'
import { TokenRefused, type TokenRequest } from '../../../src/registry/auth/token.js'
import { Tokens } from '../../../src/registry/auth/tokens.js'
import type { Credentials } from '../../../src/registry/credentials/credentials.js'
import { WireError } from '../../../src/registry/errors.js'
import type { Request, Response } from '../../../src/registry/send.js'
import { FakeClock } from '../../support/clock.js'
import { request, response } from '../wire.js'

const REALM = 'https://auth.example.com/token'
const BOB = { kind: 'basic', username: 'bob', password: 'hunter22' } as const
const WAITING = request('https://registry.example.com/v2/acme/app/tags/list')

const asked = (more: Partial<TokenRequest> = {}): TokenRequest => ({
  realm: new URL(REALM),
  service: 'registry.example.com',
  scope: 'repository:acme/app:pull',
  ...more,
})
const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

/** A token service of which each token is another one; its answers wait for `let` where it is told to hold them. */
interface Service {
  readonly tokens: Tokens
  readonly clock: FakeClock
  readonly requests: Request[]
  readonly secrets: string[]
  readonly kill: AbortController
  /** Lets the oldest request that waits have its answer. */
  readonly answer: (answer?: Response | Error) => Promise<void>
}

function service({
  expires = 300,
  holds = false,
  credentials = BOB,
}: { expires?: number; holds?: boolean; credentials?: Credentials } = {}): Service {
  const clock = new FakeClock({ autoAdvance: false })
  const kill = new AbortController()
  const requests: Request[] = []
  const secrets: string[] = []
  const waiting: ((answer: Response | Error) => void)[] = []
  const token = (): Response =>
    response(200, {}, JSON.stringify({ token: `t${requests.length}`, expires_in: expires }))
  const tokens = new Tokens({
    send: (request) => {
      requests.push(request)
      if (!holds) return Promise.resolve(token())
      return new Promise((done, fail) =>
        waiting.push((answer) => (answer instanceof Error ? fail(answer) : done(answer))),
      )
    },
    credentials,
    clock,
    kill: kill.signal,
    secret: (text) => secrets.push(text),
  })
  const answer = async (answer: Response | Error = token()): Promise<void> => {
    waiting.shift()?.(answer)
    await turn()
  }
  return { tokens, clock, requests, secrets, kill, answer }
}

describe('a token', () => {
  test('is got once for all who ask for the same, one after another', async () => {
    const { tokens, requests, secrets } = service()
    for (let time = 0; time < 5; time++) expect(await tokens.get(asked(), WAITING)).toBe('t1')
    expect(requests).toHaveLength(1)
    expect(secrets).toEqual(['t1'])
  })

  test('is got once for all who ask for the same at the same time', async () => {
    const { tokens, requests, answer } = service({ holds: true })
    const all = Array.from({ length: 50 }, () => tokens.get(asked(), WAITING))
    await turn()
    expect(requests).toHaveLength(1)
    await answer()
    expect(new Set(await Promise.all(all))).toEqual(new Set(['t1']))
    expect(requests).toHaveLength(1)
  })

  test.each<[string, Partial<TokenRequest>]>([
    ['another realm', { realm: new URL('https://auth.example.com/other') }],
    ['another host', { realm: new URL('https://other.example.com/token') }],
    ['another service', { service: 'other.example.com' }],
    ['no service', { service: undefined }],
    ['an empty service', { service: '' }],
    ['another repository', { scope: 'repository:acme/other:pull' }],
    ['another action', { scope: 'repository:acme/app:delete' }],
    ['one action more', { scope: 'repository:acme/app:pull,delete' }],
    ['no scope', { scope: undefined }],
  ])('is another one for %s', async (_, other) => {
    const { tokens, requests } = service()
    expect(await tokens.get(asked(), WAITING)).toBe('t1')
    expect(await tokens.get(asked(other), WAITING)).toBe('t2')
    expect(await tokens.get(asked(), WAITING)).toBe('t1')
    expect(await tokens.get(asked(other), WAITING)).toBe('t2')
    expect(requests).toHaveLength(2)
  })

  test('for no service is another one than that for an empty name, which a request says as well', async () => {
    const { tokens, requests } = service()
    for (const service of [undefined, '']) await tokens.get(asked({ service }), WAITING)
    expect(requests.map(({ url }) => url.searchParams.get('service'))).toEqual([null, ''])
  })

  test('is the same for the same scope in another order, and asked for as it stood first', async () => {
    const { tokens, requests } = service()
    const scopes = ['repository:acme/app:push,pull', 'repository:acme/app:pull,push']
    for (const scope of scopes) expect(await tokens.get(asked({ scope }), WAITING)).toBe('t1')
    expect(requests.map(({ url }) => url.searchParams.get('scope'))).toEqual([scopes[0]])
  })

  test('for one thing does not wait for that for another', async () => {
    const { tokens, answer } = service({ holds: true })
    const first = tokens.get(asked(), WAITING)
    const second = tokens.get(asked({ scope: 'repository:acme/app:delete' }), WAITING)
    const broken = expect(first).rejects.toMatchObject({ code: 'ECONNRESET' })
    await answer(new WireError(WAITING, 'network', 'ECONNRESET'))
    await broken
    await answer()
    expect(await second).toBe('t2')
  })

  test('is got with the signal that ends everything, and not with that of who waits', async () => {
    const { tokens, requests, kill } = service()
    await tokens.get(asked(), WAITING)
    expect(requests[0]?.signal).toBe(kill.signal)
  })
})

describe('the life of a token', () => {
  test.each([
    [300, 290],
    [60, 50],
    [40, 30],
    [20, 15],
    [4, 3],
    [1, 0.75],
  ])('of %s seconds is spent after %s, since a request takes a while', async (expires, used) => {
    const { tokens, clock, requests } = service({ expires })
    await tokens.get(asked(), WAITING)
    await clock.advance(used * 1000 - 1)
    expect(tokens.known(asked())).toBe('t1')
    expect(await tokens.get(asked(), WAITING)).toBe('t1')
    await clock.advance(1)
    expect(tokens.known(asked())).toBeUndefined()
    expect(await tokens.get(asked(), WAITING)).toBe('t2')
    expect(requests).toHaveLength(2)
  })

  test('is counted from when it was asked for', async () => {
    const { tokens, clock, answer } = service({ expires: 60, holds: true })
    const first = tokens.get(asked(), WAITING)
    await clock.advance(30_000)
    await answer()
    expect(await first).toBe('t1')
    await clock.advance(19_999)
    expect(tokens.known(asked())).toBe('t1')
    await clock.advance(1)
    expect(tokens.known(asked())).toBeUndefined()
  })

  test('that was spent on the way does for those who waited, and for nobody later', async () => {
    const { tokens, clock, requests, answer } = service({ expires: 10, holds: true })
    const all = [tokens.get(asked(), WAITING), tokens.get(asked(), WAITING)]
    await clock.advance(60_000)
    await answer()
    expect(await Promise.all(all)).toEqual(['t1', 't1'])
    expect(tokens.known(asked())).toBeUndefined()
    const later = tokens.get(asked(), WAITING)
    await answer()
    expect(await later).toBe('t2')
    expect(requests).toHaveLength(2)
  })

  test('ends for all at once, and one request renews it', async () => {
    const { tokens, clock, requests, answer } = service({ holds: true })
    const first = tokens.get(asked(), WAITING)
    await answer()
    await first
    await clock.advance(300_000)
    const all = Array.from({ length: 20 }, () => tokens.get(asked(), WAITING))
    await answer()
    expect(new Set(await Promise.all(all))).toEqual(new Set(['t2']))
    expect(requests).toHaveLength(2)
  })
})

describe('a token that the registry does not take', () => {
  test('is replaced, once for all who were refused with it', async () => {
    const { tokens, requests, answer } = service({ holds: true })
    const first = tokens.get(asked(), WAITING)
    await answer()
    await first
    const all = Array.from({ length: 10 }, () => tokens.get(asked(), WAITING, 't1'))
    await turn()
    expect(requests).toHaveLength(2)
    await answer()
    expect(new Set(await Promise.all(all))).toEqual(new Set(['t2']))
    expect(await tokens.get(asked(), WAITING, 't1')).toBe('t2')
    expect(await tokens.get(asked(), WAITING)).toBe('t2')
    expect(requests).toHaveLength(2)
  })

  test('is still known until there is another one', async () => {
    const { tokens, answer } = service({ holds: true })
    const first = tokens.get(asked(), WAITING)
    await answer()
    await first
    const second = expect(tokens.get(asked(), WAITING, 't1')).rejects.toThrow(WireError)
    await answer(new WireError(WAITING, 'network', 'ECONNRESET'))
    await second
    expect(tokens.known(asked())).toBe('t1')
  })
})

describe('a token service that gives none', () => {
  test('says so to all who wait, and is asked again by the next', async () => {
    const { tokens, requests, answer } = service({ holds: true })
    const all = Array.from({ length: 5 }, () =>
      expect(tokens.get(asked(), WAITING)).rejects.toThrow(TokenRefused),
    )
    await answer(response(401))
    await Promise.all(all)
    expect(requests).toHaveLength(1)
    const next = tokens.get(asked(), WAITING)
    await answer()
    expect(await next).toBe('t2')
  })
})

describe('a request that is to stop', () => {
  test('waits no longer, while the token comes for the others', async () => {
    const { tokens, requests, answer } = service({ holds: true })
    const stop = new AbortController()
    const stopped = tokens.get(asked(), request(WAITING.url.href, { signal: stop.signal }))
    const other = tokens.get(asked(), WAITING)
    await turn()
    stop.abort()
    await expect(stopped).rejects.toMatchObject({
      failure: 'cancelled',
      message: expect.stringMatching(/^GET /),
    })
    expect(requests[0]?.signal.aborted).toBe(false)
    await answer()
    expect(await other).toBe('t1')
    expect(requests).toHaveLength(1)
  })

  test('leaves a token behind for those who come later', async () => {
    const { tokens, requests, answer } = service({ holds: true })
    const stop = new AbortController()
    const stopped = tokens.get(asked(), request(WAITING.url.href, { signal: stop.signal }))
    stop.abort()
    await expect(stopped).rejects.toThrow(WireError)
    await answer()
    expect(await tokens.get(asked(), WAITING)).toBe('t1')
    expect(requests).toHaveLength(1)
  })

  test('hears nothing of a failure that comes afterwards', async () => {
    const { tokens, answer } = service({ holds: true })
    const stop = new AbortController()
    const stopped = tokens.get(asked(), request(WAITING.url.href, { signal: stop.signal }))
    stop.abort()
    await expect(stopped).rejects.toMatchObject({ failure: 'cancelled' })
    await answer(new WireError(WAITING, 'network', 'ECONNRESET'))
    await turn()
  })

  test('does not wait at all where it is to stop already', async () => {
    const { tokens } = service({ holds: true })
    const late = request(WAITING.url.href, { signal: AbortSignal.abort() })
    await expect(tokens.get(asked(), late)).rejects.toMatchObject({ failure: 'cancelled' })
  })

  test('leaves no failure behind that nobody hears of', async () => {
    const { tokens, answer } = service({ holds: true })
    const late = request(WAITING.url.href, { signal: AbortSignal.abort() })
    await expect(tokens.get(asked(), late)).rejects.toMatchObject({ failure: 'cancelled' })
    await answer(new WireError(WAITING, 'network', 'ECONNRESET'))
    await turn()
  })

  test('does with a token that is at hand', async () => {
    const { tokens } = service()
    await tokens.get(asked(), WAITING)
    const late = request(WAITING.url.href, { signal: AbortSignal.abort() })
    expect(await tokens.get(asked(), late)).toBe('t1')
  })

  test('keeps no listener once it has its token', async () => {
    const { tokens } = service()
    const stop = new AbortController()
    let listeners = 0
    const { signal } = stop
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...all: Parameters<typeof add>): void => {
      listeners++
      add(...all)
    }
    signal.removeEventListener = (...all: Parameters<typeof remove>): void => {
      listeners--
      remove(...all)
    }
    await tokens.get(asked(), request(WAITING.url.href, { signal }))
    expect(listeners).toBe(0)
  })
})
