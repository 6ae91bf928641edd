import { describe, expect, test } from '@jest/globals'
import { pauseAfter, pauseBetween, requestedPause, waitForHold } from '../../src/purge/pauses.js'
import type { RepositoryPurge } from '../../src/purge/repository-purge.js'
import { Stopped, WireError } from '../../src/registry/errors.js'
import { CURRENT_FOR } from '../../src/registry/time.js'
import { request, response } from '../registry/wire.js'
import { FakeClock } from '../support/clock.js'

const NOW = Date.UTC(2026, 5, 1)
const throttled = (after?: string) => response(429, after === undefined ? {} : { 'retry-after': after })
const failure = (kind: WireError['failure']): WireError =>
  new WireError(request('https://registry.example.com/v2/'), kind, 'CODE')

/** A purge of a registry that asks to be left alone for each of these times in turn. */
function heldFor(holds: readonly number[]) {
  const clock = new FakeClock()
  const stop = new AbortController()
  const left = [...holds]
  let pausesEnded = 0
  const client = {
    get heldFor(): number {
      return left[0] ?? 0
    },
    stop: stop.signal,
    throwIfStopped: () => {
      if (stop.signal.aborted) throw new Stopped()
    },
  }
  const freshness = {
    pauseEnded: () => {
      pausesEnded++
      left.shift()
    },
  }
  const purge = { tools: { client, clock }, freshness } as unknown as RepositoryPurge
  return { purge, clock, stop, pausesEnded: () => pausesEnded }
}

describe('the pause between two tries', () => {
  test('is half a second at first, and doubles', () => {
    expect([1, 2, 3, 6].map(pauseBetween)).toEqual([500, 1_000, 2_000, 16_000])
  })

  test('is what the response asks for, whatever the number of tries', () => {
    expect(pauseAfter(throttled('3'), 1, NOW)).toBe(3_000)
    expect(pauseAfter(throttled('3'), 6, NOW)).toBe(3_000)
    expect(pauseAfter(throttled(new Date(NOW + 7_000).toUTCString()), 1, NOW)).toBe(7_000)
  })

  test('doubles if the response asks for none, and if there is no response', () => {
    expect(pauseAfter(throttled(), 2, NOW)).toBe(1_000)
    expect(pauseAfter(failure('network'), 3, NOW)).toBe(2_000)
  })

  test('is at most a minute, even if the response asks for more', () => {
    expect(pauseAfter(throttled('3600'), 1, NOW)).toBe(60_000)
    expect(pauseAfter(throttled(), 16, NOW)).toBe(60_000)
  })
})

describe('a pause that the registry asks for', () => {
  const { purge } = heldFor([])

  test('comes with a 429 and with no other status', () => {
    expect(requestedPause(purge, throttled('3'), 0)).toBe(3_000)
    expect(requestedPause(purge, response(503, { 'retry-after': '3' }), 0)).toBeUndefined()
    expect(requestedPause(purge, response(202, {}), 0)).toBeUndefined()
  })

  test('doubles with each 429 that names no time, and stays finite', () => {
    expect([0, 1, 2].map((before) => requestedPause(purge, throttled(), before))).toEqual([500, 1_000, 2_000])
    expect(requestedPause(purge, throttled(), 10_000)).toBe(60_000)
  })

  test('also keeps a request from being sent, for at least as long as a check stays current', () => {
    expect(requestedPause(heldFor([30_000]).purge, failure('held'), 0)).toBe(30_000)
    expect(requestedPause(purge, failure('held'), 0)).toBe(CURRENT_FOR)
    expect(requestedPause(purge, failure('network'), 0)).toBeUndefined()
  })
})

describe('the wait for a registry that asked to be left alone', () => {
  test('goes on until it asks for no more, and makes what was checked before it old', async () => {
    const { purge, clock, pausesEnded } = heldFor([2_000, 3_000])
    const before = clock.now()
    await waitForHold(purge)
    expect([clock.now() - before, pausesEnded()]).toEqual([5_000, 2])
  })

  test('is over at once if the registry asked for nothing', async () => {
    const { purge, clock, pausesEnded } = heldFor([])
    const before = clock.now()
    await waitForHold(purge)
    expect([clock.now() - before, pausesEnded()]).toEqual([0, 0])
  })

  test('ends when the run is stopped, and nothing is sent then', async () => {
    const { purge, clock, stop } = heldFor([60_000, 60_000])
    const before = clock.now()
    const waiting = waitForHold(purge)
    stop.abort()
    await expect(waiting).rejects.toThrow(Stopped)
    expect(clock.now()).toBe(before)
  })
})
