import { describe, expect, test } from '@jest/globals'
import type { Item } from '../../src/plan/item.js'
import { Replicas, roundsAgainst } from '../../src/proof/replicas.js'
import type { Round } from '../../src/proof/round.js'
import { digestOf } from './scripted.js'

test.each([
  [1, 1, 1],
  [1, 2, 10],
  [1, 3, 18],
  [1, 8, 52],
  [1, 1000, 52],
  [0, 0, 52],
])('%i stale responses of %i need %i clean rounds', (stale, all, rounds) => {
  expect(roundsAgainst(stale, all)).toBe(rounds)
  const share = Math.max(stale / Math.max(all, 1), 1 / 8)
  expect((1 - share) ** rounds).toBeLessThanOrEqual(0.001)
})

/** A round in which each of these items got some responses, so many of them stale. */
function roundOf(...items: readonly (readonly [all: number, present: number])[]): Round {
  const responses = items.map(([all, present], at): [Item['name'], { all: number; present: number }] => [
    digestOf(String(at)),
    { all, present },
  ])
  return { findings: new Map(), responses: new Map(responses), lost: [], controlsAbsent: [] }
}
const always = (): boolean => true

describe('a proof needs', () => {
  test('one round as long as nothing stale was seen', () => {
    const replicas = new Replicas()
    for (let round = 0; round < 20; round++) replicas.add(roundOf([2, 0], [1, 0]), always)
    expect(replicas.rounds).toBe(1)
  })

  test('more rounds the rarer a stale response is', () => {
    const rounds = [1, 4, 16].map((clean) => {
      const replicas = new Replicas()
      for (let round = 0; round < clean; round++) replicas.add(roundOf([1, 0]), always)
      replicas.add(roundOf([1, 1], [1, 1]), always)
      return replicas.rounds
    })
    // Two of eight at least, since a share of fewer responses is no measure; two of 18 are less than one in eight.
    expect(rounds).toEqual([roundsAgainst(2, 8), roundsAgainst(2, 8), 52])
  })

  test('at least two if everything was stale', () => {
    const replicas = new Replicas()
    replicas.add(roundOf([8, 8]), always)
    expect(replicas.rounds).toBe(2)
  })

  test('no more by clean rounds that follow', () => {
    const replicas = new Replicas()
    replicas.add(roundOf([4, 4], [4, 0]), always)
    const needed = replicas.rounds
    for (let round = 0; round < 50; round++) replicas.add(roundOf([4, 0], [4, 0]), always)
    expect([needed, replicas.rounds]).toEqual([10, 10])
  })

  test('no more by what does not count', () => {
    const replicas = new Replicas()
    replicas.add(roundOf([8, 8]), () => false)
    expect(replicas.rounds).toBe(1)
  })

  test('ten after a difference that no DELETE explains', () => {
    const replicas = new Replicas()
    replicas.noteDifference()
    expect(replicas.rounds).toBe(10)
    replicas.add(roundOf([8, 8]), always)
    expect(replicas.rounds).toBe(10)
  })
})
