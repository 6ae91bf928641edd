import { describe, expect, test } from '@jest/globals'
import type { Repository } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import type { Plan, RepositoryPlan } from '../../src/plan/plan.js'
import { entriesOf, time } from '../../src/report/report.js'
import { of } from './reports.js'

const content = { mediaType: 'x/y', level: 0, named: false, gone: false, foreign: false }
const plan: RepositoryPlan = {
  repository: 'acme/app' as Repository,
  scope: 'image',
  tags: [
    { tag: 'leak' as Tag, digest: of('root'), root: of('root') },
    { tag: 'absent' as Tag, root: of('root') },
  ],
  manifests: [{ ...content, digest: of('root'), size: 5 }],
  blobs: [{ ...content, digest: of('layer') }],
  kept: [{ ...content, digest: of('base'), kind: 'blob', heldBy: ['latest' as Tag] }],
  remaining: [],
  image: new Set(),
  ignored: new Set(),
  refusals: [],
  warnings: ['odd'],
}
const whole = (repository: RepositoryPlan): Plan => ({
  repositories: [repository],
  fingerprint: of('the plan'),
  refusals: [],
  warnings: [],
})

describe('a report before anything is done', () => {
  test('holds every digest of the plan, as planned and unchecked', () => {
    const unchecked = {
      outcome: 'planned',
      verdict: 'unchecked',
      deletedAt: null,
      goneSince: null,
      goneUntil: null,
      rounds: 0,
      detail: null,
    }
    expect(entriesOf(whole(plan))).toEqual([
      {
        name: 'acme/app',
        result: 'incomplete',
        problems: [],
        warnings: ['odd'],
        tags: [
          { tag: 'leak', digest: of('root'), outcome: 'planned', via: null, reason: null },
          { tag: 'absent', digest: null, outcome: 'planned', via: null, reason: null },
        ],
        manifests: [{ digest: of('root'), mediaType: 'x/y', size: 5, ...unchecked }],
        blobs: [{ digest: of('layer'), mediaType: 'x/y', size: null, ...unchecked }],
        kept: [{ digest: of('base'), heldBy: ['latest'] }],
        exposed: [],
        remaining: [],
      },
    ])
  })

  test('says why a repository is refused', () => {
    expect(entriesOf(whole({ ...plan, refusals: ['needed'] }))).toMatchObject([
      { result: 'refused', problems: ['needed'] },
    ])
  })

  test('has times in the form of RFC 3339', () => {
    expect(time(Date.UTC(2026, 0, 2, 3, 4, 5, 6))).toBe('2026-01-02T03:04:05.006Z')
  })
})
