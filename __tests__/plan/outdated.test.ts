import { expect, test } from '@jest/globals'
import type { Tag } from '../../src/oci/tag.js'
import { outdated } from '../../src/plan/outdated.js'
import type { RepositoryPlan } from '../../src/plan/plan.js'
import type { Outdated } from '../../src/plan/problems/plan.js'
import { reconsider } from '../../src/plan/reconsider.js'
import { BROKE, at, derived, image, planOf, repository, surveyOf, type Scene } from './pieces.js'

const [leak, keep, other] = [image('leak'), image('keep'), image('other')]
const signature = image('signature', { of: leak })
const read = [leak, keep, other, signature]

/** Checks before the first write, when the tags have become these. */
function check(
  now: Scene['tags'],
  change: (plan: RepositoryPlan) => RepositoryPlan = (plan) => plan,
): Outdated[] {
  const known = read.filter((each) => each !== signature)
  const plan = change(planOf({ read: known, tags: { leak, keep } }))
  const scene = { read, tags: now }
  const facts = surveyOf(scene)
  return outdated({ plan, again: planOf(scene), seen: reconsider(plan, facts), facts })
}

const newcomer = { kind: 'newcomer', repository, subject: at(leak) }

test('a tag that moved, and a tag that resolves again', () => {
  const ghost = { tag: 'ghost' as Tag, protected: false }
  const found = check({ leak: other, keep, ghost: keep }, (plan) => ({
    ...plan,
    remaining: [...plan.remaining, ghost],
  }))
  expect(found).toEqual(
    expect.arrayContaining([
      { kind: 'tag-moved', repository, tag: 'leak', digest: at(other) },
      { kind: 'tag-revived', repository, tag: 'ghost' },
    ]),
  )
})

test('a doubt', () => {
  const found = check({ leak, keep: { is: 'unreadable', why: BROKE } })
  expect(found).toContainEqual({ kind: 'tag-unreadable-now', repository, tag: 'keep', why: BROKE })
})

test('what came to belong to the image, once each: by its name, by reference, and without a tag', () => {
  expect(check({ leak, keep })).toEqual([{ ...newcomer, name: { digest: at(signature) } }])
  const tag = derived(leak, '.sig')
  expect(check({ leak, keep, [tag]: other, sbom: signature })).toEqual([
    { ...newcomer, name: { tag: 'sbom' } },
    { ...newcomer, name: { tag } },
  ])
})

test('a tag that counted for keep-newest and is gone, unless it goes', () => {
  const selection = {
    asOf: 0,
    unselected: [],
    counted: ['keep', 'leak', 'old'] as Tag[],
    created: new Map(),
    sizes: new Map(),
  }
  const found = check({ leak: { is: 'unknown' }, keep }, (plan) => ({ ...plan, selection }))
  expect(found.filter(({ kind }) => kind !== 'newcomer')).toEqual([
    { kind: 'counted-tag-gone', repository, tag: 'old' },
  ])
})
