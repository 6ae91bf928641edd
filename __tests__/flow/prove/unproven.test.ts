import { describe, expect, test } from '@jest/globals'
import type { Tag } from '../../../src/oci/tag.js'
import type { FindingFlaw } from '../../../src/plan/flaw.js'
import type { Item } from '../../../src/plan/item.js'
import type { Finding, Standing, Verdict } from '../../../src/plan/standing.js'
import { answeredAfterFailures, blobsNeverThere, unproven } from '../../../src/flow/prove/unproven.js'
import { digestOf } from '../../proof/scripted.js'
import { content, repository, workOf } from './pieces.js'

const blob = (letter: string): Item => ({ kind: 'blob', name: digestOf(letter) })
const tag: Item = { kind: 'tag', name: 'debug' as Tag }
const served: FindingFlaw = { kind: 'served', status: 200, headersOnly: false }
const present: Finding = { is: 'present', endpoint: 'blobs', flaw: served }
const nothing: FindingFlaw = { kind: 'proves-nothing', answered: '503' }
const inconclusive: Finding = { is: 'inconclusive', flaw: nothing }

const standing = (item: Item, verdict: Verdict, finding?: Finding): Standing => ({
  item,
  verdict,
  rounds: 0,
  ...(finding !== undefined && { finding }),
})
const none = new Set<Item['name']>()
/** No round failed. */
const FINE = { controlFlaw: undefined, lastFlaw: undefined }

describe('what is not proven', () => {
  test('is an item that is served, or that no check tells of', () => {
    const standings = [
      standing(blob('a'), 'present', present),
      standing(blob('b'), 'inconclusive', inconclusive),
      standing(blob('c'), 'gone', { is: 'gone' }),
      standing(blob('d'), 'unchecked'),
    ]
    expect(unproven(standings, workOf({}), none, FINE)).toEqual([
      { kind: 'still-answers', repository, item: blob('a'), flaw: served },
      { kind: 'not-proven-gone', repository, item: blob('b'), flaw: nothing },
    ])
  })

  test('is an item whose verdict was taken back', () => {
    expect(unproven([standing(blob('a'), 'present')], workOf({}), none, FINE)).toEqual([
      { kind: 'still-answers', repository, item: blob('a') },
    ])
  })

  test('is, in one problem, all that was gone in too few rounds', () => {
    const standings = ['a', 'b'].map((letter) => standing(blob(letter), 'inconclusive', { is: 'gone' }))
    const items = [blob('a'), blob('b')]
    expect(unproven(standings, workOf({}), none, FINE)).toEqual([
      { kind: 'too-few-rounds', repository, items },
    ])
    expect(unproven(standings, workOf({}), none, { ...FINE, controlFlaw: { kind: 'no-control' } })).toEqual([
      { kind: 'too-few-rounds', repository, items, control: { kind: 'no-control' } },
    ])
  })

  test('names the last failure if the time was up after it', () => {
    const standings = [standing(blob('a'), 'inconclusive', { is: 'gone' })]
    expect(unproven(standings, workOf({}), none, { ...FINE, lastFlaw: nothing })).toEqual([
      { kind: 'too-few-rounds', repository, items: [blob('a')], lastFlaw: nothing },
    ])
  })

  test('is not told twice, also if one name begins with another', () => {
    const longer: Item = { kind: 'tag', name: 'debug-42' as Tag }
    const standings = [standing(tag, 'present', present), standing(longer, 'present', present)]
    expect(unproven(standings, workOf({}), new Set([longer.name]), FINE)).toMatchObject([{ item: tag }])
    expect(unproven(standings, workOf({}), new Set([tag.name]), FINE)).toMatchObject([{ item: longer }])
  })

  test.each(['failed', 'kept'] as const)('is not a tag that %s: the purge tells why', (outcome) => {
    const purge = workOf({ tags: { debug: digestOf('a') }, outcomes: { debug: outcome } })
    expect(unproven([standing(tag, 'present', present)], purge, none, FINE)).toEqual([])
  })

  test('is a tag that was deleted', () => {
    const purge = workOf({ tags: { debug: digestOf('a') } })
    expect(unproven([standing(tag, 'present', present)], purge, none, FINE)).toHaveLength(1)
  })
})

test('only named blobs that were gone already were never there', () => {
  const blobs = [
    content(digestOf('a'), { named: true }),
    content(digestOf('b')),
    content(digestOf('c'), { named: true }),
  ]
  const outcomes = { [digestOf('a')]: 'already-gone', [digestOf('b')]: 'already-gone' } as const
  expect(blobsNeverThere(workOf({ blobs, outcomes }))).toEqual([
    { kind: 'blobs-never-there', repository, digests: [digestOf('a')] },
  ])
  expect(blobsNeverThere(workOf({ blobs }))).toEqual([])
})

test('failures before responses are counted by check, and named once', () => {
  expect(answeredAfterFailures(repository, [])).toEqual([])
  expect(answeredAfterFailures(repository, [['503', '502'], ['503']])).toEqual([
    { kind: 'answered-after-failures', repository, checks: 2, failures: ['502', '503'] },
  ])
})
