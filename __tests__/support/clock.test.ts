import { describe, expect, test } from '@jest/globals'
import { FakeClock } from './clock.js'
import { SeededRandom } from './random.js'

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((done) => setImmediate(done))
}

describe('time that moves by itself', () => {
  test('hours pass at once, sleepers wake in the order of their hours', async () => {
    const clock = new FakeClock({ start: 1000 })
    const woken: [string, number][] = []
    const nap = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms)
      woken.push([name, clock.now()])
    }
    await Promise.all([nap('late', 3_600_000), nap('early', 5), nap('middle', 60_000), nap('zero', 0)])
    expect(woken).toEqual([
      ['zero', 1000],
      ['early', 1005],
      ['middle', 61_000],
      ['late', 3_601_000],
    ])
  })

  test('one that sleeps again wakes before one that sleeps longer', async () => {
    const clock = new FakeClock({ start: 0 })
    const seen: number[] = []
    const ticks = (async () => {
      for (let tick = 0; tick < 5; tick += 1) {
        await clock.sleep(10)
        seen.push(clock.now())
      }
    })()
    await Promise.all([ticks, clock.sleep(35).then(() => seen.push(-clock.now()))])
    expect(seen).toEqual([10, 20, 30, -35, 40, 50])
  })

  test('stands still while tracked work goes on', async () => {
    const clock = new FakeClock({ start: 0 })
    let ended = false
    const deadline = clock.sleep(1000).then(() => ended)
    await clock.track(turns(200)).then(() => {
      ended = true
    })
    expect(clock.now()).toBe(0)
    expect(await deadline).toBe(true)
  })

  test('stands still while the test says that something goes on', async () => {
    let busy = true
    const clock = new FakeClock({ start: 0, busy: () => busy })
    const nap = clock.sleep(5)
    await turns(100)
    expect(clock.now()).toBe(0)
    busy = false
    await nap
    expect(clock.now()).toBe(5)
  })
})

test('an abort wakes at once and time does not move', async () => {
  const clock = new FakeClock({ start: 0, autoAdvance: false })
  const stop = new AbortController()
  const nap = clock.sleep(1000, stop.signal)
  stop.abort()
  await nap
  await clock.sleep(1000, stop.signal)
  expect([clock.now(), clock.sleeping()]).toEqual([0, 0])
})

test('time that is moved by hand', async () => {
  const clock = new FakeClock({ start: 0, autoAdvance: false })
  let woken = 0
  const napper = (async () => {
    for (;;) {
      await clock.sleep(10)
      woken += 1
    }
  })()
  await turns(50)
  expect([clock.now(), woken]).toEqual([0, 0])
  await clock.advance(35)
  expect([clock.now(), woken, clock.sleeping()]).toEqual([35, 3, 1])
  void napper
})

test('chance repeats itself by its seed', () => {
  const draw = (seed: number): unknown[] => {
    const random = new SeededRandom(seed)
    return [random.hex(8), random.int(10), random.int(1), random.pick(['a', 'b', 'c'])]
  }
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  expect(new SeededRandom(1).hex(32)).toMatch(/^[0-9a-f]{64}$/)
  const counts = Array.from({ length: 6 }, () => 0)
  const random = new SeededRandom(42)
  for (let draw = 0; draw < 6000; draw += 1) {
    const face = random.int(6)
    counts[face] = (counts[face] ?? 0) + 1
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
})
