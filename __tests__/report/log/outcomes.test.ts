import { describe, expect, test } from '@jest/globals'
import type { Outcome } from '../../../src/plan/outcome.js'
import { sayCounts, sayOutcome } from '../../../src/report/log/outcomes.js'

describe('the outcome of one item', () => {
  test.each<[Outcome, string]>([
    ['deleted', 'deleted'],
    ['already-gone', 'gone already'],
    ['with-manifest', 'to be deleted with its manifest'],
    ['kept', 'kept'],
    ['failed', 'NOT deleted'],
    ['unknown', 'outcome unknown'],
  ])('%s reads %s', (outcome, words) => {
    expect(sayOutcome(outcome)).toBe(words)
  })
})

describe('the outcomes of a step', () => {
  test('are counted in the order in which they came', () => {
    const counts = new Map<Outcome, number>([
      ['with-manifest', 2],
      ['deleted', 10],
      ['unknown', 1],
    ])
    expect(sayCounts(counts)).toBe('2 to be deleted with the manifest, 10 deleted, 1 unknown')
  })

  test('are said to be none if nothing was done', () => {
    expect(sayCounts(new Map())).toBe('nothing was done')
  })
})
