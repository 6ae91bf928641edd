import { describe, expect, test } from '@jest/globals'
import type { Tag } from '../../src/oci/tag.js'
import { StaleList } from '../../src/survey/errors.js'
import type { TagState } from '../../src/survey/facts.js'
import { Staleness, type DeletedTags } from '../../src/survey/staleness.js'
import { REPO } from './wire.js'

const LIST = ['a', 'b'] as Tag[]
const set = (...tags: readonly string[]): ReadonlySet<Tag> => new Set(tags as Tag[])
const deleted = (more: Partial<DeletedTags>): DeletedTags => ({
  untagged: set(),
  dropped: set(),
  explained: set(),
  ...more,
})
const unknown = new Map(LIST.map((tag): [Tag, TagState] => [tag, { is: 'unknown' }]))

function problem(judge: () => void): unknown {
  try {
    judge()
  } catch (error) {
    return error instanceof StaleList ? error.problem : error
  }
  return undefined
}

describe('a list that names a tag which does not resolve', () => {
  test.each([
    ['is not doubtful if this run did not delete the tag', deleted({}), false],
    ['is doubtful if this run deleted the tag by name', deleted({ untagged: set('a') }), true],
    ['is doubtful if this run deleted its manifest', deleted({ dropped: set('a') }), true],
    ['is not doubtful for tags it lacks', deleted({ untagged: set('c'), dropped: set('d') }), false],
  ])('%s', (_, tags, doubtful) => {
    expect(new Staleness(REPO).isDoubtful(LIST, unknown, tags)).toBe(doubtful)
  })

  test('is stale past caches if this run deleted the tag by name', () => {
    const judged = problem(() => new Staleness(REPO).judge(LIST, unknown, deleted({ untagged: set('a') })))
    const sign = { is: 'names-deleted-tag', tag: 'a' }
    expect(judged).toEqual({ kind: 'tag-list-stale', repository: REPO, sign })
  })

  test('is stale past caches if nothing shows that it is up to date', () => {
    const judged = problem(() => new Staleness(REPO).judge(LIST, unknown, deleted({ dropped: set('a') })))
    expect(judged).toMatchObject({ sign: { is: 'names-tag-of-deleted-manifest', tag: 'a' } })
  })

  test.each([
    ['it lacks another deleted tag', deleted({ dropped: set('a', 'c') })],
    ['it lacks a tag that was deleted by name', deleted({ dropped: set('a'), untagged: set('c') })],
    ['the registry reported an error for it', deleted({ dropped: set('a'), explained: set('a') })],
  ])('is believed, and not doubted again, if %s', (_, tags) => {
    const staleness = new Staleness(REPO)
    expect(problem(() => staleness.judge(LIST, unknown, tags))).toBeUndefined()
    expect(staleness.isDoubtful(LIST, unknown, tags)).toBe(false)
  })
})

test('a tag that resolves again casts no doubt on its list', () => {
  const resolved = new Map(
    LIST.map((tag): [Tag, TagState] => [tag, { is: 'resolved', digest: 'x' as never }]),
  )
  const tags = deleted({ untagged: set('a', 'b') })
  expect(new Staleness(REPO).isDoubtful(LIST, resolved, tags)).toBe(false)
  expect(problem(() => new Staleness(REPO).judge(LIST, resolved, tags))).toBeUndefined()
})
