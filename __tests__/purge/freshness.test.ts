import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Repository as RepositoryName } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import type { Reconsidered } from '../../src/plan/reconsider.js'
import { Freshness } from '../../src/purge/freshness.js'
import { CURRENT_FOR } from '../../src/registry/time.js'
import type { Facts } from '../../src/survey/facts.js'
import { of } from '../report/reports.js'
import type { Doubt } from '../../src/plan/problems/plan.js'
import type { Extent } from '../../src/survey/check.js'

const TAG = { kind: 'tag', name: 'leak' as Tag } as const
const BLOB = { kind: 'blob', name: of('layer') } as const
const NOTHING: Reconsidered = {
  left: new Map(),
  released: { tags: [], manifests: [], blobs: [] },
  moved: [],
  revived: [],
  newcomers: [],
  unsure: [],
}

const factsOf = (tags: number): Facts => {
  const listed = Array.from({ length: tags }, (_, at) => `v${at}` as Tag)
  return { listed, tags: new Map(), manifests: new Map() } as unknown as Facts
}

/** A repository whose checks begin at once and end when the test says so, by a clock that the test sets. */
class Repository {
  now = 10_000
  seen = NOTHING
  /** Every check that has begun. */
  readonly checks: Extent[] = []
  readonly #running: { end: () => void; fail: (error: Error) => void }[] = []
  readonly freshness: Freshness

  constructor(tags: number) {
    const facts = factsOf(tags)
    const read = async (_: Facts, which: Extent): Promise<Facts> => {
      this.checks.push(which)
      await new Promise<void>((end, fail) => this.#running.push({ end, fail }))
      return factsOf(tags)
    }
    this.freshness = new Freshness(facts, { read, judge: () => this.seen }, { now: () => this.now })
  }

  /** Ends the oldest check that is running, after so many milliseconds. */
  async end(after = 0, failure?: Error): Promise<void> {
    this.now += after
    const running = this.#running.shift()
    if (failure === undefined) running?.end()
    else running?.fail(failure)
    await turn()
  }

  /** A whole check, which takes no time. */
  async check(which: Extent): Promise<void> {
    const checked = this.freshness.checkAgain(which)
    await this.end()
    await checked
  }
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

/** Says whether a promise is settled by now. */
function watch(promise: Promise<unknown>): () => boolean {
  let settled = false
  void promise.then(
    () => (settled = true),
    () => (settled = true),
  )
  return () => settled
}

const FEW = 20
const MANY = 200
let repository = new Repository(FEW)
beforeEach(() => {
  repository = new Repository(FEW)
})

describe('how old a check may be before a DELETE', () => {
  test('nothing is fresh before the first check', () => {
    expect(repository.freshness.isStale(TAG)).toBe(true)
    expect(repository.freshness.isStale(BLOB)).toBe(true)
  })

  test('a check is current for less than a second', async () => {
    await repository.check('all')
    repository.now += CURRENT_FOR - 1
    expect(repository.freshness.isStale(TAG)).toBe(false)
    expect(repository.freshness.isStale(BLOB)).toBe(false)
    repository.now += 1
    expect(repository.freshness.isStale(TAG)).toBe(true)
    expect(repository.freshness.isStale(BLOB)).toBe(true)
  })

  test('a check of new tags says nothing about the tag to delete', async () => {
    await repository.check('new')
    expect(repository.freshness.isStale(TAG)).toBe(true)
    expect(repository.freshness.isStale(BLOB)).toBe(false)
  })

  test('the age of a long check counts from its end if there are few tags, and from its begin if there are many', async () => {
    for (const [tags, stale] of [
      [100, false],
      [101, true],
    ] as const) {
      const other = new Repository(tags)
      const checked = other.freshness.checkAgain('all')
      await other.end(5_000)
      await checked
      expect(other.freshness.isStale(BLOB)).toBe(stale)
      expect(other.freshness.isStale(TAG)).toBe(true)
    }
  })
})

describe('a check that must not be older than so many milliseconds', () => {
  test('reads every tag if there are few, and the new ones if there are many', async () => {
    const many = new Repository(MANY)
    for (const each of [repository, many]) {
      const fresh = each.freshness.ensureFresh()
      await each.end()
      await fresh
    }
    expect(repository.checks).toEqual(['all'])
    expect(many.checks).toEqual(['new'])
  })

  test('is not made again while it is current', async () => {
    await repository.check('all')
    repository.now += CURRENT_FOR
    await repository.freshness.ensureFresh()
    expect(repository.checks).toEqual(['all'])
    repository.now += 1
    const fresh = repository.freshness.ensureFresh()
    await repository.end()
    await fresh
    expect(repository.checks).toEqual(['all', 'all'])
  })

  test('is shared by all who need one at the same time', async () => {
    const all = Promise.all([repository.freshness.ensureFresh(), repository.freshness.ensureFresh(0)])
    const done = watch(all)
    await turn()
    expect(done()).toBe(false)
    await repository.end()
    await all
    expect(repository.checks).toEqual(['all'])
  })

  test('that fails is the failure of who began it, and the others begin another one', async () => {
    const first = repository.freshness.ensureFresh()
    const second = repository.freshness.ensureFresh()
    const failed = expect(first).rejects.toThrow('no list')
    await repository.end(0, new Error('no list'))
    await failed
    expect(repository.checks).toEqual(['all', 'all'])
    await repository.end()
    await second
  })

  test('that took too long for who waited is made again', async () => {
    const many = new Repository(MANY)
    const first = many.freshness.ensureFresh()
    many.now += 2 * CURRENT_FOR
    const second = many.freshness.ensureFresh()
    await many.end()
    await first
    expect(many.checks).toEqual(['new', 'new'])
    await many.end()
    await second
  })
})

describe('after a pause', () => {
  test('every tag must be read again, if no check of known tags is current any more', async () => {
    await repository.check('all')
    repository.now += CURRENT_FOR - 1
    repository.freshness.pauseEnded()
    expect(repository.freshness.hasWaited).toBe(false)
    repository.now += 1
    repository.freshness.pauseEnded()
    expect(repository.freshness.hasWaited).toBe(true)
    await repository.check('new')
    expect(repository.freshness.hasWaited).toBe(true)
    repository.now += 1
    await repository.check('going')
    expect(repository.freshness.hasWaited).toBe(false)
  })

  test('of any length every tag must be read again after a DELETE with an unknown outcome', async () => {
    await repository.check('all')
    repository.now += 1
    repository.freshness.outdate()
    expect(repository.freshness.hasWaited).toBe(true)
  })

  test('a check of every tag is awaited, though one of the new tags is running', async () => {
    const many = new Repository(MANY)
    many.freshness.outdate()
    const fresh = many.freshness.ensureFresh()
    const since = many.freshness.checkedSincePause()
    await turn()
    expect(many.checks).toEqual(['new'])
    await many.end()
    await fresh
    await turn()
    expect(many.checks).toEqual(['new', 'all'])
    await many.end()
    expect(await since).toBe(NOTHING)
  })

  test('a check that began before it does not count', async () => {
    const before = repository.freshness.ensureFresh()
    repository.now += 1
    repository.freshness.outdate()
    const since = repository.freshness.checkedSincePause()
    const done = watch(since)
    await repository.end()
    await before
    expect(done()).toBe(false)
    expect(repository.checks).toEqual(['all', 'all'])
    await repository.end()
    await since
  })

  test('all who waited share one check', async () => {
    repository.freshness.outdate()
    const all = [1, 2, 3].map(() => repository.freshness.checkedSincePause())
    await repository.end()
    await Promise.all([...all, repository.freshness.checkedSincePause(), repository.freshness.ensureFresh()])
    expect(repository.checks).toEqual(['all'])
  })

  test('a failed check is the failure of all who waited for it', async () => {
    repository.freshness.outdate()
    const all = [1, 2].map(() => repository.freshness.checkedSincePause())
    const failed = all.map((each) => expect(each).rejects.toThrow('no list'))
    await repository.end(0, new Error('no list'))
    await Promise.all(failed)
    expect(repository.checks).toEqual(['all'])
  })
})

describe('what the newest check forbids to delete', () => {
  const doubt = (why: string): Doubt => ({
    kind: 'tag-unreadable-now',
    repository: 'acme/app' as RepositoryName,
    tag: 'stays' as Tag,
    why: { is: 'unanswered', message: why },
  })
  const by = ['new' as Tag]

  test('is nothing before the first check', () => {
    repository.seen = { ...NOTHING, left: new Map([[BLOB.name, by]]), unsure: [doubt('first')] }
    expect(repository.freshness.forbids(BLOB)).toBeUndefined()
  })

  test('is what tags need, and the tags that somebody pushed', async () => {
    const moved = [{ tag: TAG.name, digest: of('other') }]
    repository.seen = { ...NOTHING, left: new Map([[BLOB.name, by]]), moved }
    await repository.check('all')
    expect(repository.freshness.forbids(BLOB)).toEqual({ is: 'needed', by })
    expect(repository.freshness.forbids({ ...BLOB, name: of('other layer') })).toBeUndefined()
    expect(repository.freshness.forbids(TAG)).toEqual({ is: 'moved', to: of('other') })
    expect(repository.freshness.forbids({ ...TAG, name: 'leak-2' as Tag })).toBeUndefined()
  })

  test('is all content, but no tag, if what the tags need is not known', async () => {
    repository.seen = { ...NOTHING, unsure: [doubt('first'), doubt('second')] }
    await repository.check('new')
    expect(repository.freshness.forbids(BLOB)).toEqual({ is: 'unsure', doubt: doubt('first') })
    expect(repository.freshness.forbids(TAG)).toBeUndefined()
    repository.seen = NOTHING
    await repository.check('new')
    expect(repository.freshness.forbids(BLOB)).toBeUndefined()
  })

  test('is what it was if a later check fails', async () => {
    repository.seen = { ...NOTHING, left: new Map([[BLOB.name, by]]) }
    await repository.check('all')
    const { facts } = repository.freshness
    repository.seen = NOTHING
    repository.now += 5_000
    const failed = expect(repository.freshness.checkAgain('all')).rejects.toThrow('no list')
    await repository.end(0, new Error('no list'))
    await failed
    expect(repository.freshness.forbids(BLOB)).toEqual({ is: 'needed', by })
    expect(repository.freshness.facts).toBe(facts)
    expect(repository.freshness.isStale(BLOB)).toBe(true)
  })
})
