import { describe, expect, test } from '@jest/globals'
import type { Repository } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import { plan } from '../../src/plan/decide.js'
import { fingerprint } from '../../src/plan/fingerprint.js'
import type { Case, Plan, Rules } from '../../src/plan/plan.js'
import { derived, image, rulesOf, surveyOf } from './pieces.js'

const leak = image('leak')
const signature = image('signature')
const tags = { leak, [derived(leak, '.sig')]: signature }

/** One repository in which `leak` goes, with its signature; perhaps another tag points to it. */
function caseOf(name: string, { alias = false } = {}): Case {
  const repository = name as Repository
  const scene = { read: [leak, signature], tags: { ...tags, ...(alias && { other: leak }) } }
  const target = { repository, tags: [{ tag: 'leak' as Tag }], digests: [], blobs: [] }
  return { target, survey: { ...surveyOf(scene), repository } }
}

const good = caseOf('acme/a')
const bad = caseOf('acme/b', { alias: true })
const decide = (cases: Case[], rules: Partial<Rules>): Plan => plan(cases, rulesOf({ rules }))

describe('a refusal in one repository', () => {
  test('is that of all: the fingerprint covers all', () => {
    const { repositories, fingerprint: print } = decide([good, bad], { together: true })
    expect(repositories.map(({ refusals }) => refusals.length)).toEqual([0, 1])
    expect(print).toBe(fingerprint(rulesOf(), repositories))
  })

  test('or is its own: the fingerprint covers the others', () => {
    const { repositories, fingerprint: print } = decide([good, bad], { together: false })
    expect(print).toBe(fingerprint(rulesOf(), repositories.slice(0, 1)))
  })
})

describe('max-deletions', () => {
  test('counts no tag that belongs to an image by its name', () => {
    expect(decide([good], { maxDeletions: 1 }).refusals).toEqual([])
  })

  test('refuses a plan with more tags than that, and counts only repositories that are not refused', () => {
    const more = [good, caseOf('acme/c'), bad]
    expect(decide(more, { maxDeletions: 1, together: false }).refusals).toEqual([
      { kind: 'max-deletions', tags: 2, allowed: 1, repositories: 2, most: 'acme/a' },
    ])
  })
})

test('tags on referrers are deleted or kept', () => {
  const sbom = image('sbom', { of: leak })
  const scene = { read: [leak, sbom], tags: { leak, sbom } }
  const target = { ...good.target, repository: surveyOf(scene).repository }
  const going = (tagsOnReferrers: 'delete' | 'keep'): Tag[] =>
    decide([{ target, survey: surveyOf(scene) }], { tagsOnReferrers }).repositories.flatMap(({ tags }) =>
      tags.map(({ tag }) => tag),
    )
  expect(going('delete')).toEqual(['leak', 'sbom'])
  expect(going('keep')).toEqual(['leak'])
})
