import { describe, expect, test } from '@jest/globals'
import type { Item } from '../../src/plan/item.js'
import type { Finding } from '../../src/plan/standing.js'
import type { Round } from '../../src/proof/round.js'
import { Standings } from '../../src/proof/standing.js'
import { digestOf } from './scripted.js'

const A: Item = { kind: 'blob', name: digestOf('a') }
const B: Item = { kind: 'blob', name: digestOf('b') }
const gone: Finding = { is: 'gone' }
const served = { kind: 'served', status: 200, headersOnly: false } as const
const present: Finding = { is: 'present', endpoint: 'blobs', flaw: served }
const unclear: Finding = { is: 'inconclusive', flaw: { kind: 'proves-nothing', answered: '503' } }

/** A round with these findings on the two items. */
function round(a: Finding, b: Finding = gone, more: Partial<Round> = {}): Round {
  const findings = new Map<Item['name'], Finding>([
    [A.name, a],
    [B.name, b],
  ])
  return { findings, responses: new Map(), lost: [], controlsAbsent: [], ...more }
}

/** Standings after these rounds, one a second. */
function after(attempts: number, ...rounds: readonly Round[]): Standings {
  const standings = new Standings([A, B], attempts)
  for (const [second, each] of rounds.entries()) standings.add(each, second * 1_000)
  return standings
}
const verdicts = ({ all }: Standings): string[] => all.map(({ verdict }) => verdict)

test('an item that was not checked yet is unchecked', () => {
  expect(verdicts(after(2))).toEqual(['unchecked', 'unchecked'])
})

describe('a proof', () => {
  test('is as many clean rounds in a row as asked for', () => {
    const two = after(3, round(gone), round(gone))
    expect([two.clean, two.proven, verdicts(two)]).toEqual([2, false, ['inconclusive', 'inconclusive']])
    const three = after(3, round(gone), round(gone), round(gone))
    expect([three.clean, three.proven, verdicts(three)]).toEqual([3, true, ['gone', 'gone']])
  })

  test('says since when and until when an item was gone', () => {
    const [a, b] = after(2, round(unclear), round(gone), round(gone)).all
    expect(a).toMatchObject({ rounds: 2, goneSince: 1_000, goneUntil: 2_000 })
    expect(b).toMatchObject({ rounds: 3, goneSince: 0, goneUntil: 2_000 })
  })

  test.each([present, unclear])('starts anew after %j', (finding) => {
    const standings = after(2, round(gone), round(gone), round(finding), round(gone))
    expect([standings.clean, standings.proven]).toEqual([1, false])
  })

  test('starts anew if the controls do not vouch, and nothing counts as gone', () => {
    const standings = after(2, round(gone), round(gone, gone, { controlFlaw: { kind: 'no-control' } }))
    expect([standings.clean, verdicts(standings)]).toEqual([0, ['inconclusive', 'inconclusive']])
    expect(standings.all[0]?.rounds).toBe(0)
  })

  test('tells whether a round was clean', () => {
    const standings = new Standings([A, B], 2)
    expect([round(gone), round(gone, present), round(unclear)].map((each) => standings.add(each, 0))).toEqual(
      [true, false, false],
    )
  })
})

describe('an item that was served', () => {
  test('stays so after one 404, for a silent cache, and is clear after two', () => {
    const one = after(3, round(present), round(gone))
    expect(one.all[0]).toMatchObject({ verdict: 'present', rounds: 1, finding: present })
    const two = after(3, round(present), round(gone), round(gone))
    expect(two.all[0]).toMatchObject({ verdict: 'inconclusive', rounds: 2, finding: gone })
  })

  test('is gone after one 404 if one round is a proof', () => {
    expect(verdicts(after(1, round(present), round(gone)))).toEqual(['gone', 'gone'])
  })
})

describe('more rounds', () => {
  test('take back what was gone in fewer', () => {
    const standings = after(2, round(gone), round(gone))
    standings.need(3)
    expect([standings.needed, standings.proven, verdicts(standings)]).toEqual([
      3,
      false,
      ['inconclusive', 'inconclusive'],
    ])
    standings.add(round(gone), 9_000)
    expect([standings.proven, verdicts(standings)]).toEqual([true, ['gone', 'gone']])
  })

  test('are never fewer than asked for', () => {
    const standings = after(5)
    standings.need(2)
    expect(standings.needed).toBe(5)
  })
})

test('a verdict that is taken back leaves the item served, and no proof', () => {
  const standings = after(2, round(gone), round(gone))
  standings.revoke(A.name)
  expect([standings.clean, standings.proven, verdicts(standings)]).toEqual([0, false, ['present', 'gone']])
  expect(standings.all[0]).toEqual({ item: A, verdict: 'present', rounds: 0 })
})

test('a proof that starts anew forgets what was gone, and not what was served', () => {
  const standings = after(2, round(gone, present), round(gone, present))
  standings.restart()
  expect(verdicts(standings)).toEqual(['inconclusive', 'present'])
  expect(standings.all.map(({ rounds, goneSince }) => [rounds, goneSince])).toEqual([
    [0, undefined],
    [0, undefined],
  ])
})
