import { describe, expect, test } from '@jest/globals'
import { WireError } from '../../../src/registry/errors.js'
import type { Failure } from '../../../src/registry/failure.js'
import { pauseBefore, retrying } from '../../../src/registry/decorators/retry.js'
import type { Patience, Response } from '../../../src/registry/send.js'
import { FakeClock } from '../../support/clock.js'
import { SeededRandom } from '../../support/random.js'
import { answering, request, response } from '../wire.js'

const NOW = Date.UTC(2026, 0, 1)
const URL_ = 'https://registry.example.com/v2/acme/app/manifests/1'

const failed = (failure: Failure, code: string): WireError => new WireError(request(URL_), failure, code)
const pause = (
  attempt: Response | WireError,
  tried = 1,
  random = 1,
  patience: Patience = 'read',
): number | undefined => pauseBefore(attempt, tried, patience, NOW, random)

/** How often something is sent until its answer is taken as it is. */
function times(attempt: Response | WireError, patience?: Patience): number {
  let tried = 1
  while (pause(attempt, tried, 1, patience) !== undefined && tried < 1000) tried++
  return tried
}

describe('whether a read is sent again', () => {
  test.each([408, 425, 500, 502, 503, 504])(
    'depends on the status: %i passes, and is sent six times',
    (status) => {
      expect(times(response(status))).toBe(6)
      expect(times(response(status), 'check')).toBe(4)
      expect(times(response(status), 'once')).toBe(1)
    },
  )

  test.each([200, 202, 204, 301, 304, 307, 400, 401, 403, 404, 405, 409, 410, 412, 416, 501])(
    'depends on the status: %i is an answer',
    (status) => {
      expect(times(response(status))).toBe(1)
    },
  )

  test('has no end where there are too many requests: that is no answer', () => {
    expect(times(response(429))).toBe(1000)
    expect(times(response(429), 'check')).toBe(1000)
    expect(times(response(429), 'once')).toBe(1)
  })

  test('ends for a look with the first that took its whole time', () => {
    expect(times(failed('timeout', 'ETIMEDOUT'), 'check')).toBe(1)
    expect(times(failed('network', 'ECONNRESET'), 'check')).toBe(4)
  })

  test('depends on whether the body was cut off', () => {
    expect(times(response(200, {}, 'x', { cut: true }))).toBe(6)
  })

  test.each<[Failure, string, number]>([
    ['timeout', 'ETIMEDOUT', 6],
    ['network', 'ECONNRESET', 6],
    ['network', 'ECONNREFUSED', 6],
    ['network', 'ECONNABORTED', 6],
    ['network', 'EPIPE', 6],
    ['network', 'EAI_AGAIN', 6],
    ['network', 'ERR_STREAM_PREMATURE_CLOSE', 6],
    ['network', 'ENOTFOUND', 1],
    ['network', 'SELF_SIGNED_CERT_IN_CHAIN', 1],
    ['network', 'CERT_HAS_EXPIRED', 1],
    ['network', 'ERR_TLS_CERT_ALTNAME_INVALID', 1],
    ['network', 'ERR_SSL_WRONG_VERSION_NUMBER', 1],
    ['network', 'unknown', 1],
    ['cancelled', 'ABORTED', 1],
    ['too-large', '4096', 1],
    ['forbidden-address', 'file:', 1],
    ['token', 'answered with 500', 1],
    ['held', '9000', 1],
  ])('depends on the failure: %s %s, sent %i times', (failure, code, sent) => {
    expect(times(failed(failure, code))).toBe(sent)
  })
})

describe('the pause before that', () => {
  test('grows, with chance in it, up to ten seconds', () => {
    const all = Array.from({ length: 9 }, (_, at) => pause(response(429), at + 1) ?? 0)
    expect(all).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000])
    const least = Array.from({ length: 9 }, (_, at) => pause(response(429), at + 1, 0) ?? 0)
    expect(least).toEqual(all.map((each) => each / 2))
  })

  test('is none after the first reset: a kept connection that the server closed looks so', () => {
    expect(pause(failed('network', 'ECONNRESET'), 1)).toBe(0)
    expect(pause(failed('network', 'ECONNRESET'), 2)).toBe(400)
    expect(pause(failed('network', 'ECONNREFUSED'), 1)).toBe(200)
  })

  test('is the one that the registry asks for, up to two minutes', () => {
    expect(pause(response(429, { 'retry-after': '7' }))).toBe(7000)
    expect(pause(response(429, { 'retry-after': '86400' }))).toBe(120_000)
    const later = new Date(NOW + 9000).toUTCString()
    expect(pause(response(503, { 'retry-after': later }))).toBe(9000)
    expect(pause(response(429, { 'retry-after': 'soon' }))).toBe(200)
    // Without a pause that would be a storm of our own.
    expect(pause(response(429, { 'retry-after': '0' }))).toBe(200)
    expect(pause(response(503, { 'retry-after': '0' }))).toBe(200)
  })
})

describe('sending again', () => {
  const clock = (): FakeClock => new FakeClock({ start: NOW })
  const chance = new SeededRandom(1)

  test('goes on until there is an answer, waiting in between', async () => {
    const time = clock()
    const { send, asked } = answering([
      response(503, { 'retry-after': '20' }),
      failed('network', 'ECONNRESET'),
      response(200),
    ])
    expect((await retrying(send, time, chance)(request(URL_))).status).toBe(200)
    expect(asked).toHaveLength(3)
    expect(time.now() - NOW).toBeGreaterThanOrEqual(20_000)
  })

  test('ends with the last answer, or the last failure', async () => {
    const busy = answering(() => response(503))
    expect((await retrying(busy.send, clock(), chance)(request(URL_))).status).toBe(503)
    expect(busy.asked).toHaveLength(6)
    const reset = failed('network', 'ECONNRESET')
    const broken = answering([reset, reset, reset, reset, reset, reset])
    await expect(retrying(broken.send, clock(), chance)(request(URL_))).rejects.toBe(reset)
  })

  test.each(['delete-tag', 'delete-manifest', 'delete-blob'] as const)(
    'is never done with a DELETE whose outcome is unknown: %s',
    async (purpose) => {
      for (const answer of [
        response(500),
        response(429),
        failed('network', 'ECONNRESET'),
        failed('timeout', 'x'),
      ]) {
        const { send, asked } = answering([answer])
        await retrying(
          send,
          clock(),
          chance,
        )(request(URL_, { method: 'DELETE', purpose })).catch(() => undefined)
        expect(asked).toHaveLength(1)
      }
    },
  )

  test('is done with the DELETE of the probe, which names nothing that exists', async () => {
    const { send, asked } = answering([response(503), response(404)])
    await retrying(send, clock(), chance)(request(URL_, { method: 'DELETE', purpose: 'probe' }))
    expect(asked).toHaveLength(2)
  })

  test('is not done once the run is to stop, and a pause ends at once then', async () => {
    const stop = new AbortController()
    const time = new FakeClock({ start: NOW, autoAdvance: false })
    const { send, asked } = answering([response(503, { 'retry-after': '100' }), response(503)])
    const sent = retrying(send, time, chance)(request(URL_, { signal: stop.signal }))
    while (time.sleeping() === 0) await new Promise((done) => setImmediate(done))
    stop.abort()
    expect((await sent).status).toBe(503)
    expect(asked.length).toBeLessThanOrEqual(2)
    expect(time.now()).toBe(NOW)
  })

  test('ends where the next try would come too late', async () => {
    const time = clock()
    const { send, asked } = answering(() => response(429, { 'retry-after': '7' }))
    expect((await retrying(send, time, chance)(request(URL_, { until: NOW + 20_000 }))).status).toBe(429)
    expect(asked.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(time.now() - NOW).toBeLessThanOrEqual(20_000)
  })

  test('does not hide a defect of ours', async () => {
    const { send, asked } = answering([new TypeError('a defect')])
    await expect(retrying(send, clock(), chance)(request(URL_))).rejects.toThrow(TypeError)
    expect(asked).toHaveLength(1)
  })
})
