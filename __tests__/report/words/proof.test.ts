import { describe, expect, test } from '@jest/globals'
import type { Repository } from '../../../src/oci/reference.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { Flaw } from '../../../src/plan/flaw.js'
import type { Item } from '../../../src/plan/item.js'
import type { ProofProblem } from '../../../src/plan/problems/proof.js'
import { sayFlaw } from '../../../src/report/words/flaw.js'
import { say } from '../../../src/report/words/problem.js'
import { sayRound } from '../../../src/report/words/round.js'
import { Standings } from '../../../src/proof/standing.js'
import { digestOf } from '../../proof/scripted.js'

const repository = 'acme/app' as Repository
const digest = digestOf('a')
const tag = 'debug' as Tag
const blob: Item = { kind: 'blob', name: digest }

const PROBLEMS: readonly [ProofProblem, string, readonly string[]][] = [
  [
    {
      kind: 'still-answers',
      repository,
      item: { kind: 'tag', name: tag },
      flaw: { kind: 'served', status: 200, headersOnly: false },
    },
    'acme/app:debug STILL ANSWERS: 200. Restart',
    ['acme/app:debug'],
  ],
  [
    { kind: 'still-answers', repository, item: blob },
    `acme/app@${digest} STILL ANSWERS: it answers again. Restart`,
    [`acme/app@${digest}`],
  ],
  [
    { kind: 'too-few-rounds', repository, items: [blob], control: { kind: 'no-control' } },
    `acme/app@${digest} is not proven gone: there is nothing that could serve as a control. Run again`,
    [`acme/app@${digest}`],
  ],
  [
    { kind: 'left-for-tags', repository, digest, tags: [tag, 'other' as Tag] },
    `acme/app@${digest} was kept, because debug, other came to need it during this run: it is still served. Name those tags`,
    [`acme/app@${digest}`, 'acme/app:debug', 'acme/app:other'],
  ],
  [
    { kind: 'newcomer-left', repository, tag, digest, subject: digestOf('b') },
    `acme/app:debug@${digest} belongs to ${digestOf('b')}`,
    ['acme/app:debug'],
  ],
  [
    { kind: 'final-check-unclear', repository, check: 'range', digest, answered: '503' },
    `acme/app@${digest}: the final check by a ranged GET failed (503)`,
    [`acme/app@${digest}`],
  ],
  [
    { kind: 'remaining-harmed', repository, tag, flaw: { kind: 'lacks-deleted', digest } },
    `acme/app:debug, which should have stayed, lacks ${digest}, which this run deleted. Push that image again`,
    ['acme/app:debug'],
  ],
  [
    { kind: 'remaining-harmed', repository, tag, flaw: { kind: 'unreadable', why: { is: 'cut-off' } } },
    'acme/app:debug, which should have stayed, could not be read at the end: its body was cut off. Pull it to check it',
    ['acme/app:debug'],
  ],
  [
    {
      kind: 'remaining-not-verified',
      repository,
      tags: [tag, 'other' as Tag],
      flaw: { kind: 'unchecked', content: { digest, flaw: { kind: 'refused', answered: '503' } } },
    },
    `acme/app: debug, other could not be verified at the end, so it is not known whether they still pull. debug could not be checked: ${digest} gets 503. Pull them to check, or run again`,
    ['acme/app:debug', 'acme/app:other'],
  ],
  [
    {
      kind: 'label-manifest-not-verified',
      repository,
      digest,
      lacking: [{ digest: digestOf('b'), flaw: { kind: 'refused', answered: '503' } }],
    },
    `acme/app@${digest}, of which only the label was to go, could not be verified at the end, so it is not known whether it still pulls: ${digestOf('b')} gets 503. Pull it by its digest to check, or run again`,
    [`acme/app@${digest}`],
  ],
  [
    {
      kind: 'no-blob-answers',
      repository,
      content: { digest, flaw: { kind: 'refused', answered: '500 UNKNOWN' } },
    },
    `acme/app: not one blob of the remaining tags answers (${digest} gets 500 UNKNOWN), so`,
    ['acme/app'],
  ],
  [
    { kind: 'remaining-unchecked', repository, cause: { kind: 'no-response', message: 'no list' } },
    'acme/app: the tags that were to stay could not be checked at the end: no list',
    ['acme/app'],
  ],
]

describe('a problem of the proof', () => {
  test.each(PROBLEMS)('%j', (problem, beginning, items) => {
    const said = say(problem)
    expect(said.text.slice(0, beginning.length)).toBe(beginning)
    expect(said.items).toEqual(items)
  })
})

const FLAWS: readonly [Flaw, string][] = [
  [
    { kind: 'served', status: 200, headersOnly: true, cache: 'age: 7' },
    '200, headers without content (a stale entry in a cache of the registry), from a cache in front of the registry (age: 7): purge that cache',
  ],
  [
    { kind: 'control-refused', control: { kind: '/v2/' }, answered: '401' },
    'the control (/v2/), which must be there, gets 401',
  ],
  [
    { kind: 'control-altered', control: { kind: 'blob', digest } },
    `the control (blob ${digest}) came with other bytes`,
  ],
  [
    { kind: 'unchecked', content: { digest, flaw: { kind: 'refused', answered: '503' } } },
    `could not be checked: ${digest} gets 503`,
  ],
]

test.each(FLAWS)('the flaw %j', (flaw, words) => {
  expect(sayFlaw(flaw)).toBe(words)
})

describe('a round', () => {
  const standings = new Standings([], 3)
  const nothing = { responses: new Map(), controlsAbsent: [] }

  test('in which all is gone', () => {
    const findings = new Map([[digest, { is: 'gone' }]] as const)
    expect(sayRound(2, { findings, lost: [['503']], ...nothing }, standings)).toBe(
      'round 2: all 1 gone, the control answers (1 check only after failures); 0 of 3 clean in a row',
    )
  })

  test('shows five findings at most', () => {
    const flaw = { kind: 'proves-nothing', answered: '503' } as const
    const findings = new Map(
      ['a', 'b', 'c', 'd', 'e', 'f', '0'].map((letter) => [
        digestOf(letter),
        { is: 'inconclusive', flaw } as const,
      ]),
    )
    const line = sayRound(
      1,
      { findings, lost: [], controlFlaw: { kind: 'no-control' }, ...nothing },
      standings,
    )
    expect(line.match(/inconclusive \(503\)/g)).toHaveLength(5)
    expect(line).toContain('0 of 7 gone, ')
    expect(line).toContain(' and 2 more; there is nothing that could serve as a control; 0 of 3')
  })
})
