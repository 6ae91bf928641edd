import { describe, expect, test } from '@jest/globals'
import { WireError } from '../../../src/registry/errors.js'
import { holdAfter, Pace } from '../../../src/registry/decorators/pace.js'
import { retrying } from '../../../src/registry/decorators/retry.js'
import type { Purpose, Request, Response, Send } from '../../../src/registry/send.js'
import { FakeClock } from '../../support/clock.js'
import { SeededRandom } from '../../support/random.js'
import { answering, request, response } from '../wire.js'

const START = Date.UTC(2026, 0, 1)
const ORIGIN = 'https://registry.example.com'
const OTHER = 'https://auth.example.com'

const busy = (seconds?: number, status = 429): Response =>
  response(status, seconds === undefined ? {} : { 'retry-after': String(seconds) })

describe('how long a host is left alone', () => {
  const hold = (answer: Response, strikes = 1, random = 1): number =>
    holdAfter(answer, strikes, START, random)

  test.each([200, 202, 301, 400, 401, 403, 404, 405, 408, 425])(
    'is not at all after %i, whatever stands in its headers',
    (status) => {
      expect(hold(busy(undefined, status))).toBe(0)
      expect(hold(busy(7, status))).toBe(0)
    },
  )

  test.each([429, 500, 502, 503, 504])('is what %i asks for, in either form', (status) => {
    expect(hold(busy(7, status))).toBe(7000)
    const date = new Date(START + 9000).toUTCString()
    expect(hold(response(status, { 'retry-after': date }))).toBe(9000)
  })

  test('is two minutes at the most', () => {
    const far = new Date(START + 86_400_000).toUTCString()
    for (const text of ['121', '86400', '999999', far])
      expect(hold(response(503, { 'retry-after': text }))).toBe(120_000)
  })

  test.each([500, 502, 503, 504])('is not at all after %i that says nothing of it', (status) => {
    expect(hold(busy(undefined, status))).toBe(0)
    expect(hold(busy(0, status))).toBe(0)
    expect(hold(response(status, { 'retry-after': 'soon' }))).toBe(0)
    expect(hold(response(status, { 'retry-after': new Date(START - 1000).toUTCString() }))).toBe(0)
  })

  test('doubles with each 429 in a row that does not say how long, up to ten seconds', () => {
    const all = Array.from({ length: 9 }, (_, at) => hold(busy(), at + 1))
    expect(all).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000])
    expect(hold(busy(), 10_000)).toBe(10_000)
  })

  test('has chance in it where nobody said how long, from half of it to all', () => {
    for (const strikes of [1, 3, 20]) {
      expect(hold(busy(), strikes, 0)).toBe(hold(busy(), strikes, 1) / 2)
      expect(hold(busy(), strikes, 0.5)).toBe(hold(busy(), strikes, 1) * 0.75)
    }
    expect(hold(busy(7), 5, 0)).toBe(7000)
  })

  test.each(['0', 'soon', '', '-5', '1.5', new Date(START - 5000).toUTCString()])(
    'is no less for a 429 that asks for nothing of use: %j',
    (text) => {
      expect(hold(response(429, { 'retry-after': text }), 2)).toBe(400)
    },
  )
})

interface Host {
  readonly clock: FakeClock
  readonly pace: Pace
  /** When requests arrived, in milliseconds from the start. */
  readonly arrived: [path: string, at: number][]
  readonly ask: (path: string, more?: Partial<Request>) => Promise<Response>
}

/** Hosts that answer as they are told, after a while. */
function host(answer: (request: Request, count: number) => Response, took = 5, autoAdvance = true): Host {
  const clock = new FakeClock({ start: START, autoAdvance })
  const pace = new Pace(clock, new SeededRandom(1))
  const arrived: [string, number][] = []
  const send: Send = async (each) => {
    arrived.push([each.url.pathname, clock.now() - START])
    const count = arrived.length
    await clock.sleep(took)
    return answer(each, count)
  }
  const paced = pace.decorate(send)
  return {
    clock,
    pace,
    arrived,
    ask: (path, more) => paced(request(path.startsWith('/') ? ORIGIN + path : path, more)),
  }
}

const times = ({ arrived }: Host): number[] => arrived.map(([, at]) => at)

describe('a host that asks for patience', () => {
  test('is left alone for as long by all requests', async () => {
    const at = host((_, count) => (count === 1 ? busy(20) : response(200)))
    expect((await at.ask('/a')).status).toBe(429)
    const answers = await Promise.all(['/b', '/c', '/d', '/e'].map((path) => at.ask(path)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(times(at)).toEqual([0, 20_005, 20_005, 20_005, 20_005])
  })

  test('is left alone also with 503, and until a point in time', async () => {
    const date = new Date(START + 30_000).toUTCString()
    const at = host((_, count) => (count === 1 ? response(503, { 'retry-after': date }) : response(200)))
    await at.ask('/a')
    await at.ask('/b')
    expect(times(at)).toEqual([0, 30_000])
  })

  test('keeps no other host from its requests', async () => {
    const at = host(({ url }) => (url.origin === ORIGIN ? busy(60) : response(200)))
    await at.ask('/a')
    for (const origin of [OTHER, `${ORIGIN}:5000`, 'http://registry.example.com'])
      expect((await at.ask(`${origin}/b`)).status).toBe(200)
    expect(times(at)).toEqual([0, 5, 10, 15])
    expect(at.pace.heldFor(ORIGIN)).toBe(60_005 - 20)
    expect(at.pace.heldFor(OTHER)).toBe(0)
  })

  test('is left alone for the longest time that it asked for', async () => {
    const at = host((_, count) => [busy(30), busy(5), response(200)][count - 1] ?? response(200))
    await Promise.all([at.ask('/a'), at.ask('/b')])
    await at.ask('/c')
    expect(times(at)).toEqual([0, 0, 30_005])
  })

  test('may ask for more patience while others wait', async () => {
    const at = host((_, count) => (count <= 2 ? busy(10) : response(200)))
    await at.ask('/a')
    const waiting = [at.ask('/b'), at.ask('/c')]
    await Promise.all(waiting)
    await at.ask('/d')
    // Both waited for the first; the one that came through second was told to wait again, and so was who came later.
    expect(times(at)).toEqual([0, 10_005, 10_005, 20_010])
  })

  test('is left alone longer by those who wait already, where it asks for more', async () => {
    const at = host(() => response(200), 0, false)
    at.pace.note(ORIGIN, busy(10), START)
    const sent = at.ask('/a')
    await at.clock.advance(5000)
    at.pace.note(ORIGIN, busy(30), START)
    await at.clock.advance(29_999)
    expect(times(at)).toEqual([])
    await at.clock.advance(1)
    await at.clock.advance(0)
    expect((await sent).status).toBe(200)
    expect(times(at)).toEqual([35_000])
  })

  test('is told apart from one that merely fails', async () => {
    const at = host((_, count) => (count === 1 ? response(503) : response(200)))
    await at.ask('/a')
    await at.ask('/b')
    expect(times(at)).toEqual([0, 5])
  })

  test('takes a longer and longer time where it does not say how long', async () => {
    const at = host(() => busy(), 1)
    for (let time = 0; time < 12; time++) await at.ask('/a')
    const gaps = times(at).map((at, index, all) => at - (all[index - 1] ?? 0))
    for (const [strikes, gap] of gaps.slice(1).entries()) {
      const most = Math.min(10_000, 200 * 2 ** strikes)
      expect(gap).toBeGreaterThanOrEqual(most / 2)
      expect(gap).toBeLessThanOrEqual(most + 1)
    }
    expect(gaps.at(-1)).toBeGreaterThanOrEqual(5000)
  })

  test('strikes once with all its answers to what was in flight together', async () => {
    const clock = new FakeClock({ start: START, autoAdvance: false })
    const pace = new Pace(clock, new SeededRandom(1))
    const sentAt = clock.now()
    await clock.advance(10)
    for (let answer = 0; answer < 20; answer++) pace.note(ORIGIN, busy(), sentAt)
    expect(pace.heldFor(ORIGIN)).toBeLessThanOrEqual(200)
    await clock.advance(300)
    pace.note(ORIGIN, busy(), clock.now() - 50)
    expect(pace.heldFor(ORIGIN)).toBeGreaterThanOrEqual(200)
    expect(pace.heldFor(ORIGIN)).toBeLessThanOrEqual(400)
  })

  test('begins anew after a success, and after any answer that is none of its troubles', () => {
    for (const good of [200, 202, 307, 404, 401]) {
      const clock = new FakeClock({ start: START, autoAdvance: false })
      const pace = new Pace(clock, new SeededRandom(1))
      for (let strike = 0; strike < 8; strike++) pace.note(ORIGIN, busy(), clock.now())
      expect(pace.heldFor(ORIGIN)).toBeGreaterThanOrEqual(5000)
      pace.note(OTHER, response(good), clock.now())
      pace.note(ORIGIN, response(good), clock.now())
      const before = pace.heldFor(ORIGIN)
      pace.note(ORIGIN, busy(), clock.now())
      expect(pace.heldFor(ORIGIN)).toBe(before)
    }
  })

  test('does not begin anew after a failure', async () => {
    const clock = new FakeClock({ start: START, autoAdvance: false })
    const pace = new Pace(clock, new SeededRandom(1))
    for (let strike = 0; strike < 8; strike++) {
      pace.note(ORIGIN, busy(), clock.now())
      pace.note(ORIGIN, response(503), clock.now())
    }
    expect(pace.heldFor(ORIGIN)).toBeGreaterThanOrEqual(5000)
    await clock.advance(10_000)
    pace.note(ORIGIN, response(200), clock.now())
    pace.note(ORIGIN, busy(), clock.now())
    expect(pace.heldFor(ORIGIN)).toBeLessThanOrEqual(200)
  })

  test('strikes on its own account', () => {
    const clock = new FakeClock({ start: START, autoAdvance: false })
    const pace = new Pace(clock, new SeededRandom(1))
    for (let strike = 0; strike < 8; strike++) pace.note(ORIGIN, busy(), clock.now())
    pace.note(OTHER, busy(), clock.now())
    expect(pace.heldFor(OTHER)).toBeLessThanOrEqual(200)
  })

  test('that does not answer at all is no reason to wait', async () => {
    const clock = new FakeClock({ start: START })
    const pace = new Pace(clock, new SeededRandom(1))
    const reset = new WireError(request(ORIGIN), 'network', 'ECONNRESET')
    const { send, asked } = answering([reset, response(200)])
    const paced = pace.decorate(send)
    await expect(paced(request(`${ORIGIN}/a`))).rejects.toBe(reset)
    await paced(request(`${ORIGIN}/b`))
    expect(asked).toHaveLength(2)
    expect(clock.now()).toBe(START)
  })
})

describe('what is not kept waiting', () => {
  const afterABusy = async (
    seconds: number | undefined,
    more: Partial<Request>,
  ): Promise<[Host, Promise<Response>]> => {
    const at = host((_, count) => (count === 1 ? busy(seconds) : response(200)))
    await at.ask('/a')
    const sent = at.ask('/b', more)
    sent.catch(() => undefined)
    return [at, sent]
  }

  test.each<Purpose>(['delete-tag', 'delete-manifest', 'delete-blob', 'put-manifest', 'put-placeholder'])(
    'is a write that follows a look, for a second or more: %s',
    async (purpose) => {
      for (const seconds of [1, 20, 200]) {
        const [at, sent] = await afterABusy(seconds, { method: 'DELETE', purpose, patience: 'once' })
        await expect(sent).rejects.toMatchObject({
          failure: 'held',
          code: String(Math.min(120, seconds) * 1000),
          message: expect.stringMatching(/^DELETE /),
        })
        // It was not sent, and nobody waited.
        expect(times(at)).toEqual([0])
        expect(at.clock.now() - START).toBe(5)
      }
    },
  )

  test.each<Purpose>(['delete-tag', 'delete-manifest', 'delete-blob', 'put-manifest', 'put-placeholder'])(
    'may wait for less than that: %s',
    async (purpose) => {
      const [at, sent] = await afterABusy(undefined, { method: 'DELETE', purpose })
      expect((await sent).status).toBe(200)
      expect(times(at)[1]).toBeGreaterThanOrEqual(100)
      expect(times(at)[1]).toBeLessThan(1000)
    },
  )

  test.each<[Purpose, Request['method']]>([
    ['probe', 'DELETE'],
    ['delete-placeholder', 'DELETE'],
    ['upload-blob', 'POST'],
    ['list-tags', 'GET'],
    ['read-manifest', 'GET'],
    ['look-up', 'GET'],
    ['verify', 'GET'],
    ['control', 'GET'],
    ['check-blob', 'HEAD'],
    ['token', 'POST'],
  ])('is nothing else: %s', async (purpose, method) => {
    const [at, sent] = await afterABusy(20, { method, purpose })
    expect((await sent).status).toBe(200)
    expect(times(at)).toEqual([0, 20_005])
  })

  test('is a request that would be too late then', async () => {
    const [at, sent] = await afterABusy(20, { until: START + 20_004 })
    await expect(sent).rejects.toMatchObject({ failure: 'held', code: '20000' })
    expect(times(at)).toEqual([0])
    expect(at.clock.now() - START).toBe(5)
  })

  test('is not a request that is in time', async () => {
    const [at, sent] = await afterABusy(20, { until: START + 20_005 })
    expect((await sent).status).toBe(200)
    expect(times(at)).toEqual([0, 20_005])
  })

  test('is a request that is late already only where it would have to wait', async () => {
    const at = host(() => response(200))
    expect((await at.ask('/a', { until: START - 1 })).status).toBe(200)
  })

  test('is found out again where the host asks for more meanwhile', async () => {
    const at = host((_, count) => (count <= 2 ? busy(10) : response(200)))
    await at.ask('/a')
    const first = at.ask('/b')
    await first
    await expect(at.ask('/c', { until: START + 15_000 })).rejects.toMatchObject({ failure: 'held' })
    expect(times(at)).toEqual([0, 10_005])
  })

  test('is sent again by nobody', async () => {
    const at = host((_, count) => (count === 1 ? busy(100) : response(200)))
    await at.ask('/a')
    const paced = retrying((each) => at.ask(each.url.pathname, each), at.clock, new SeededRandom(1))
    await expect(paced(request(`${ORIGIN}/b`, { until: START + 50_000 }))).rejects.toMatchObject({
      failure: 'held',
    })
    expect(times(at)).toEqual([0])
  })
})

describe('a write that waits', () => {
  test('does so for less than a second in all, however often the host asks for patience meanwhile', async () => {
    const clock = new FakeClock({ start: START, autoAdvance: false })
    const pace = new Pace(clock, { int: (below) => below - 1, hex: () => '' })
    const { send, asked } = answering([response(202)])
    for (let strike = 0; strike < 3; strike++) pace.note(ORIGIN, busy(), START)
    expect(pace.heldFor(ORIGIN)).toBeCloseTo(800, -1)
    const sent = pace
      .decorate(send)(request(`${ORIGIN}/a`, { method: 'DELETE', purpose: 'delete-tag' }))
      .then(
        () => `sent after ${clock.now() - START} ms`,
        (error: WireError) => error.failure,
      )
    await clock.advance(700)
    // The answer to what was in flight all that time.
    pace.note(ORIGIN, busy(), START - 1)
    await clock.advance(5000)
    expect(await sent).toBe('held')
    expect(asked).toEqual([])
  })
})

describe('a run that is to stop', () => {
  test('wakes what waits, at once, and it is not sent', async () => {
    const at = host((_, count) => (count === 1 ? busy(100) : response(200)), 0, false)
    const stop = new AbortController()
    const first = at.ask('/a')
    await at.clock.advance(0)
    await first
    const stopped = at.ask('/b', { signal: stop.signal })
    const other = at.ask('/c')
    await at.clock.advance(50_000)
    expect(at.clock.sleeping()).toBe(2)
    stop.abort()
    await expect(stopped).rejects.toMatchObject({
      failure: 'cancelled',
      message: expect.stringMatching(/^GET /),
    })
    expect(at.clock.now() - START).toBe(50_000)
    expect(at.clock.sleeping()).toBe(1)
    await at.clock.advance(50_000)
    await at.clock.advance(0)
    expect((await other).status).toBe(200)
    expect(at.arrived.map(([path]) => path)).toEqual(['/a', '/c'])
  })

  test('does not begin to wait', async () => {
    const at = host((_, count) => (count === 1 ? busy(100) : response(200)))
    await at.ask('/a')
    await expect(at.ask('/b', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      failure: 'cancelled',
    })
    expect(times(at)).toEqual([0])
  })
})

describe('a write that has to leave soon after its look', () => {
  test('is handed back where it waited too long for something else, such as a token or its turn', async () => {
    const clock = new FakeClock()
    const { send, asked } = answering(() => response(202))
    const paced = new Pace(clock, new SeededRandom(1)).decorate(send)
    const write = (sendBy: number) =>
      paced(
        request('https://registry.example.com/v2/a/blobs/x', {
          method: 'DELETE',
          purpose: 'delete-blob',
          sendBy,
        }),
      )
    await expect(write(clock.now() - 1)).rejects.toMatchObject({ failure: 'held' })
    expect(asked).toEqual([])
    expect((await write(clock.now() + 1000)).status).toBe(202)
  })
})
