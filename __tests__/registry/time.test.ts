import { describe, expect, test } from '@jest/globals'
import { shuffled } from '../../src/registry/time.js'
import { SeededRandom } from '../support/random.js'

describe('a list in random order', () => {
  test('is a new one with the same entries', () => {
    const list = [1, 2, 3, 4, 5]
    const mixed = shuffled(list, new SeededRandom(1))
    expect(mixed).not.toBe(list)
    expect(list).toEqual([1, 2, 3, 4, 5])
    expect([...mixed].sort()).toEqual(list)
  })

  test('has each entry at each place equally often', () => {
    const random = new SeededRandom(2)
    const seen = new Map<string, number>()
    for (let run = 0; run < 6000; run++)
      for (const [at, entry] of shuffled(['a', 'b', 'c'], random).entries())
        seen.set(`${entry}${at}`, (seen.get(`${entry}${at}`) ?? 0) + 1)
    expect(seen.size).toBe(9)
    for (const times of seen.values()) expect(Math.abs(times - 2000)).toBeLessThan(200)
  })

  test('is the same with the same chance', () => {
    const list = Array.from({ length: 50 }, (_, at) => at)
    expect(shuffled(list, new SeededRandom(3))).toEqual(shuffled(list, new SeededRandom(3)))
    expect(shuffled(list, new SeededRandom(3))).not.toEqual(shuffled(list, new SeededRandom(4)))
  })
})
