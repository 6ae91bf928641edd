import { describe, expect, test } from '@jest/globals'
import type { Repository } from '../../../src/oci/reference.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { PlannedContent } from '../../../src/plan/plan.js'
import { entryOf, reported } from '../../../src/report/journal/entries.js'
import { emptyReport, time } from '../../../src/report/report.js'
import { app, LABEL, partOf, plannedContent, plannedTag, selectionOf, STAYS } from '../plans.js'
import { of, problem, reportOf } from '../reports.js'

/** A blob of which no descriptor states the size. */
function unsized(name: string): PlannedContent {
  const { size: _, ...blob } = plannedContent(name)
  return blob
}

const plan = partOf({
  tags: [plannedTag('leak'), { tag: 'absent' as Tag, root: of('root') }],
  manifests: [plannedContent('root')],
  blobs: [unsized('layer')],
  kept: [{ ...plannedContent('base'), kind: 'blob', heldBy: ['latest' as Tag] }],
  warnings: [problem('odd')],
})
const nothingDone = { outcome: 'planned', via: null, onlyLabel: false, reason: null }

describe('the entry of a repository before anything is done', () => {
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
    expect(entryOf(plan)).toEqual({
      name: 'acme/app',
      result: 'incomplete',
      problems: [],
      warnings: ['odd'],
      tags: [
        { tag: 'leak', digest: of('root'), ...nothingDone },
        { tag: 'absent', digest: null, ...nothingDone },
      ],
      manifests: [{ digest: of('root'), mediaType: 'x/y', size: 5, ...unchecked }],
      blobs: [{ digest: of('layer'), mediaType: 'x/y', size: null, ...unchecked }],
      kept: [{ digest: of('base'), heldBy: ['latest'] }],
      exposed: [],
      remaining: [],
    })
  })

  test('says why a repository is refused', () => {
    expect(entryOf({ ...plan, refusals: [problem('needed')] })).toMatchObject({
      result: 'refused',
      problems: [{ kind: 'input', text: 'needed', items: ['image'] }],
    })
  })

  test('says why a repository could not be surveyed', () => {
    const failed = { is: 'failed', repository: app, problem: problem('not listed') } as const
    expect(entryOf(failed)).toMatchObject({
      name: app,
      result: 'refused',
      problems: [{ kind: 'input', text: 'not listed', items: ['image'] }],
      tags: [],
    })
  })

  const selection = selectionOf(
    [
      { tag: 'stable' as Tag, digest: of('s'), because: STAYS },
      { tag: 'broken' as Tag, because: STAYS },
    ],
    {
      created: new Map([[of('root'), Date.UTC(2026, 0, 1)]]),
      sizes: new Map([
        [of('root'), 917],
        [of('s'), 5],
      ]),
    },
  )
  const staying = [
    { tag: 'stable', digest: of('s'), ...nothingDone, outcome: 'kept', created: null, size: 5 },
    { tag: 'broken', digest: null, ...nothingDone, outcome: 'kept', created: null, size: null },
  ]

  test('says of selected tags when they were created, how large they are, and why others stay', () => {
    const entry = entryOf({ ...plan, selection })
    expect(entry.tags).toMatchObject([
      {
        tag: 'leak',
        digest: of('root'),
        ...nothingDone,
        created: '2026-01-01T00:00:00.000Z',
        size: 917,
      },
      { tag: 'absent', digest: null, ...nothingDone, created: null, size: null },
      ...staying.map((tag) => ({ ...tag, reason: expect.stringMatching(/\S/) })),
    ])
  })

  test('of a repository in which nothing is selected has the tags that stay', () => {
    const idle = { is: 'idle', repository: 'acme/idle' as Repository, selection } as const
    expect(entryOf(idle)).toMatchObject({
      name: 'acme/idle',
      result: 'nothing-to-do',
      tags: staying.map((tag) => ({ ...tag, reason: expect.stringMatching(/\S/) })),
      manifests: [],
    })
  })

  test('says of a tag that only its label goes, and why if it was selected', () => {
    const tags = [plannedTag('leak', { onlyLabel: LABEL })]
    const [named] = entryOf({ ...plan, tags }).tags
    expect(named).toMatchObject({ onlyLabel: true, reason: null })
    const [selected] = entryOf({ ...plan, tags, selection }).tags
    expect(selected).toMatchObject({
      onlyLabel: true,
      reason: expect.stringMatching(/^only the label goes: \S/),
    })
  })
})

describe('a report', () => {
  test('has problems as kind, text and items', () => {
    expect(reported(problem('odd'))).toEqual({ kind: 'input', text: 'odd', items: ['image'] })
  })

  test('that begins says what it would be if the run were cut off: refused', () => {
    const { run } = reportOf()
    const shown = { registry: 'https://registry.example.com', 'dry-run': 'true' }
    expect(emptyReport({ started: Date.UTC(2026, 0, 2), shown, reason: 'INC-42', run })).toEqual({
      ...reportOf({ result: 'refused' }),
      fingerprint: null,
      startedAt: '2026-01-02T00:00:00.000Z',
      reason: 'INC-42',
      inputs: shown,
    })
  })

  test('has times in the form of RFC 3339', () => {
    expect(time(Date.UTC(2026, 0, 2, 3, 4, 5, 6))).toBe('2026-01-02T03:04:05.006Z')
  })
})
