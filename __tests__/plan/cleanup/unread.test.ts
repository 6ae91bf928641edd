import { describe, expect, test } from '@jest/globals'
import type { Digest } from '../../../src/oci/digest.js'
import type { Tag } from '../../../src/oci/tag.js'
import { unreadIn } from '../../../src/plan/cleanup/unread.js'
import type { StayReason } from '../../../src/plan/reason.js'

const digest = `sha256:${'a'.repeat(64)}` as Digest
const silent: StayReason = { kind: 'date-unknown', why: { is: 'unanswered', message: 'ECONNREFUSED' } }

const found = (reasons: readonly StayReason[], selected = 0, ignores = false): unknown => {
  const unselected = reasons.map((because, at) => ({ tag: `t${at}` as Tag, because }))
  const unread = unreadIn({ unselected }, selected, ignores)
  return unread === undefined ? 'none' : [unread.tags.map(({ tag }) => tag).join(), unread.all]
}

const FAILURES: readonly StayReason[] = [
  silent,
  { kind: 'date-unknown', why: { is: 'refused', config: digest, answered: '503' } },
  { kind: 'date-unknown', why: { is: 'unread-manifest', digest, why: { is: 'refused', answered: '503' } } },
  { kind: 'unreadable', why: { is: 'refused', answered: '503' } },
  {
    kind: 'content-unknown',
    image: digest,
    doubt: { kind: 'referrers-unclear', digest, why: { is: 'refused', answered: '503' } },
  },
  {
    kind: 'content-unknown',
    image: digest,
    doubt: { kind: 'manifest-unreadable', digest, why: { is: 'unanswered', message: 'ECONNRESET' } },
  },
]

const READ: readonly StayReason[] = [
  { kind: 'date-meaningless', at: 0 },
  { kind: 'too-young', age: 1, olderThan: 2 },
  { kind: 'among-newest', place: 1, keepNewest: 1 },
  { kind: 'date-unknown', why: { is: 'malformed', config: digest } },
  { kind: 'content-unknown', image: digest, doubt: { kind: 'schema1', digest } },
]

const SILENT_ABOUT_READS: readonly StayReason[] = [
  { kind: 'dangling' },
  { kind: 'protected', pattern: 'v*' },
  { kind: 'date-unknown', why: { is: 'no-date' } },
  { kind: 'date-unknown', why: { is: 'other-bytes', config: digest } },
  { kind: 'date-unknown', why: { is: 'missing-config', config: digest, answered: '404' } },
  { kind: 'date-unknown', why: { is: 'unread-manifest', digest } },
]

describe('a matching tag that stays', () => {
  test.each(FAILURES)('because a request failed makes the selection unread: %j', (reason) => {
    expect(found([reason])).toEqual(['t0', true])
  })

  test.each(FAILURES)('because a request failed is only told beside a selected one: %j', (reason) => {
    expect(found([reason], 1)).toEqual(['t0', false])
  })

  test.each(READ)('because of what was read shows that the registry responds: %j', (reason) => {
    expect(found([reason])).toBe('none')
    expect(found([silent, reason])).toEqual(['t0', false])
  })

  test.each(SILENT_ABOUT_READS)('for another reason says nothing about that: %j', (reason) => {
    expect(found([reason])).toBe('none')
    expect(found([reason, silent])).toEqual(['t1', true])
  })

  test('because it cannot be read is passed over with `unreadable-tags: ignore`', () => {
    expect(found([{ kind: 'unreadable', why: { is: 'cut-off' } }], 0, true)).toBe('none')
    expect(found([silent], 0, true)).toEqual(['t0', true])
  })
})
