import { describe, expect, test } from '@jest/globals'
import { each, limited } from '../../src/registry/limit.js'
import type { Purpose, Response, Send } from '../../src/registry/send.js'
import { request, response } from './wire.js'

const URL_ = 'https://registry.example.com/v2/'
const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

/** A Send whose requests stay in flight until they are let go. */
function held(): { send: Send; release: (error?: Error) => void; inFlight: () => number } {
  const waiting: ((error?: Error) => void)[] = []
  const send: Send = () =>
    new Promise<Response>((done, fail) => {
      waiting.push((error) => (error === undefined ? done(response(200)) : fail(error)))
    })
  return { send, release: (error) => waiting.shift()?.(error), inFlight: () => waiting.length }
}

describe('requests in flight', () => {
  test('are at most as many as allowed, and the next one goes when one is done', async () => {
    const wire = held()
    const send = limited(wire.send, 3, () => undefined)
    const all = Array.from({ length: 7 }, () => send(request(URL_)))
    await turn()
    for (const left of [7, 6, 5, 4, 3, 2, 1]) {
      expect(wire.inFlight()).toBe(Math.min(3, left))
      wire.release()
      await turn()
    }
    await Promise.all(all)
    expect(wire.inFlight()).toBe(0)
  })

  test('go in the order in which they were asked for', async () => {
    const sent: string[] = []
    const send = limited(
      async ({ url }) => (sent.push(url.pathname), response(200)),
      1,
      () => undefined,
    )
    await Promise.all(['/a', '/b', '/c'].map((path) => send(request(`https://registry.example.com${path}`))))
    expect(sent).toEqual(['/a', '/b', '/c'])
  })

  test('make room also where they fail', async () => {
    const wire = held()
    const send = limited(wire.send, 1, () => undefined)
    const first = send(request(URL_))
    const second = send(request(URL_))
    wire.release(new Error('broken'))
    await expect(first).rejects.toThrow('broken')
    await turn()
    wire.release()
    await expect(second).resolves.toMatchObject({ status: 200 })
    const third = send(request(URL_))
    await turn()
    wire.release()
    await expect(third).resolves.toMatchObject({ status: 200 })
  })

  test('are reported by their purpose before they are sent, failures too', async () => {
    const sent: Purpose[] = []
    const send = limited(
      async ({ purpose }) => {
        expect(sent.at(-1)).toBe(purpose)
        if (purpose === 'verify') throw new Error('broken')
        return response(200)
      },
      8,
      (purpose) => sent.push(purpose),
    )
    await send(request(URL_, { purpose: 'control' }))
    await send(request(URL_, { purpose: 'control' }))
    await send(request(URL_, { purpose: 'verify' })).catch(() => undefined)
    await send(request(URL_, { purpose: 'probe' }))
    expect(sent).toEqual(['control', 'control', 'verify', 'probe'])
  })
})

describe('work on each entry of a list', () => {
  test('gives results in the order of the list, whatever is done first', async () => {
    const results = await each([3, 1, 2], 3, async (entry, index) => {
      for (let turns = 0; turns < entry; turns++) await turn()
      return `${index}:${entry}`
    })
    expect(results).toEqual(['0:3', '1:1', '2:2'])
  })

  test('is done on as many at a time as allowed', async () => {
    let now = 0
    let most = 0
    await each(Array.from({ length: 20 }), 4, async () => {
      most = Math.max(most, ++now)
      await turn()
      now--
    })
    expect(most).toBe(4)
  })

  test('ends with the first error, after what is under way, and begins nothing more', async () => {
    const begun: number[] = []
    const done: number[] = []
    const all = each([0, 1, 2, 3, 4], 2, async (entry) => {
      begun.push(entry)
      await turn()
      if (entry === 0) throw new Error('the first')
      await turn()
      done.push(entry)
      throw new Error('a later one')
    })
    await expect(all).rejects.toThrow('the first')
    expect([begun, done]).toEqual([[0, 1], [1]])
  })

  test('throws also what is undefined', async () => {
    await expect(each([1], 1, () => Promise.reject(undefined as unknown as Error))).rejects.toBeUndefined()
  })

  test('on nothing is done', async () => {
    expect(await each([], 4, async () => 1)).toEqual([])
  })
})
