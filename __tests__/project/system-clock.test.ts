import { afterEach, expect, jest, test } from '@jest/globals'
import { systemClock } from '../../src/system.js'

const HOUR = 3_600_000
afterEach(() => void jest.restoreAllMocks())

test.each([-HOUR, HOUR])('the clock of a run does not follow one that is set by %d ms', async (by) => {
  const real = Date.now.bind(Date)
  const before = systemClock.now()
  expect(Math.abs(before - real())).toBeLessThan(HOUR / 2)
  jest.spyOn(Date, 'now').mockImplementation(() => real() + by)
  await systemClock.sleep(20)
  const passed = systemClock.now() - before
  expect(passed).toBeGreaterThanOrEqual(19)
  expect(passed).toBeLessThan(HOUR / 2)
})

test('a sleep ends at once when its signal is aborted', async () => {
  const stop = new AbortController()
  const before = performance.now()
  const slept = systemClock.sleep(60_000, stop.signal)
  stop.abort()
  await slept
  await systemClock.sleep(60_000, stop.signal)
  expect(performance.now() - before).toBeLessThan(60_000)
})
