import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../src/oci/digest.js'
import type { Manifest } from '../../../src/oci/manifest.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { RepositoryPlan } from '../../../src/plan/plan.js'
import type { ProblemKind } from '../../../src/plan/problem.js'
import type { Survey } from '../../../src/survey/facts.js'
import {
  BROKE,
  OTHER_BYTES,
  about,
  at,
  derived,
  gist,
  image,
  index,
  INDEX,
  manifest,
  odd,
  planOf,
  repository,
  sorted,
  type Found,
  type Scene,
} from '../pieces.js'

const SCHEMA1 = 'application/vnd.docker.distribution.manifest.v1+json'

const leak = image('leak')
const keep = image('keep')

function plan(scene: Partial<Scene>): RepositoryPlan {
  return planOf({ ...scene, tags: { leak, keep, ...scene.tags }, read: [leak, keep, ...(scene.read ?? [])] })
}

const both = ['refuse', 'ignore'] as const

/** The refusal for other tags on these manifests. */
const alias = (tags: Readonly<Record<string, Manifest>>): Found => ({
  kind: 'alias',
  repository,
  tags: Object.entries(tags).map(([tag, { digest }]) => ({ tag, digest })),
})

describe('what is attached to something that goes refuses, whatever unreadable-tags says,', () => {
  const signature = image('signature', { of: leak })

  test.each(both)('where it cannot be read: %s', (unreadableTags) => {
    for (const is of ['unreadable', 'lie'] as const) {
      const { refusals } = plan({
        api: [[leak, signature]],
        rules: { unreadableTags },
        facts: { missing: new Map([[at(signature), { is, why: BROKE }]]) },
      })
      expect(refusals).toEqual([
        {
          kind: 'referrer-unreadable',
          repository,
          digest: at(signature),
          subject: at(leak),
          why: BROKE,
        },
      ])
    }
  })

  test.each(both)('where it cannot be listed: %s', (unreadableTags) => {
    for (const subject of [leak, signature]) {
      const { refusals } = plan({
        read: [signature],
        rules: { unreadableTags },
        facts: { referrersUnclear: new Map([[at(subject), BROKE]]) },
      })
      expect(refusals).toEqual([{ kind: 'referrers-unclear', repository, subject: at(subject), why: BROKE }])
    }
  })

  test.each<[string, Manifest, ProblemKind]>([
    ['is of a kind that nobody knows', odd('odd', [], { of: leak }), 'manifest-of-unknown-kind'],
    [
      'lists something that nobody knows',
      manifest(INDEX, {
        manifests: [{ digest: sha256('x'), mediaType: 'application/vnd.example.odd' }],
        subject: { digest: leak.digest },
      }),
      'content-of-unknown-type',
    ],
    [
      'is schema 1',
      manifest(SCHEMA1, { schemaVersion: 1, fsLayers: [{ blobSum: sha256('layer of old') }] }),
      'manifest-schema1',
    ],
  ])('where it %s', (_, made, kind) => {
    const { refusals } = plan({ tags: { [derived(leak, '.sig')]: made }, read: [made] })
    expect(refusals).toEqual(about({ kind, repository, digest: at(made) }))
  })

  test.each(both)('where a tag that belongs to it by its name cannot be read: %s', (unreadableTags) => {
    const [mine, theirs] = [derived(leak, '.sig'), derived(keep, '.sig')]
    const dark = { is: 'unreadable', why: BROKE } as const
    const rules = { unreadableTags }
    expect(plan({ tags: { [mine]: dark }, rules }).refusals).toEqual([
      { kind: 'attached-tag-unreadable', repository, tag: mine, why: BROKE },
    ])
    expect(plan({ tags: { [theirs]: dark }, rules }).refusals).toHaveLength(
      unreadableTags === 'refuse' ? 1 : 0,
    )
  })

  test('but not where such a tag belongs to a child that stays', () => {
    const child = image('child')
    const [root, other] = [index('root', [child]), index('other', [child])]
    const tag = derived(child, '.sig')
    const { refusals, ignored } = plan({
      read: [child, root, other],
      tags: { leak: root, other, [tag]: { is: 'unreadable', why: BROKE } },
      rules: { unreadableTags: 'ignore' },
    })
    expect([refusals, [...ignored]]).toEqual([[], [tag]])
  })

  test('but not where it stays, whatever it is', () => {
    const strange = odd('odd', [])
    const mixed = manifest(INDEX, {
      manifests: [{ digest: sha256('x'), mediaType: 'application/vnd.example.odd' }],
      subject: { digest: keep.digest },
    })
    for (const [made, more] of [
      [strange, { other: strange }],
      [mixed, {}],
    ] as const) {
      const tag = derived(leak, '.sig')
      const { stays, refusals } = gist(plan({ tags: { [tag]: made, ...more }, read: [made] }))
      expect([stays, refusals]).toEqual([sorted('keep', tag, Object.keys(more)), []])
    }
  })

  test('but not where it is plainly gone', () => {
    const { refusals } = plan({
      api: [[leak, signature]],
      facts: { missing: new Map([[at(signature), { is: 'missing' }]]) },
    })
    expect(refusals).toEqual([])
  })
})

describe('what cannot be read or is not known says what it belongs to:', () => {
  const strange = odd('odd', [])
  const part = (scene: Partial<Scene>): unknown => {
    const found = plan(scene).refusals.find(({ kind }) => kind === 'manifest-of-unknown-kind')
    return found !== undefined && 'part' in found ? found.part : undefined
  }

  test('to itself, to the index or the subject, or to nothing that is known', () => {
    const list = index('list', [strange])
    const referring = odd('referring', [], { of: leak })
    const leaked = { itself: false, by: [{ is: 'tag', tag: 'leak' }] }
    expect(part({ read: [strange], target: { tags: [], digests: [at(strange)] } })).toEqual({
      itself: true,
      by: [{ is: 'digest', digest: at(strange) }],
    })
    expect(part({ read: [strange, list], target: { tags: [], digests: [at(list)] } })).toEqual({
      itself: false,
      by: [{ is: 'digest', digest: at(list) }],
    })
    expect(part({ read: [referring] })).toEqual(leaked)
    const tags = { [derived(leak, '.sig')]: strange }
    expect(part({ read: [strange], tags })).toEqual({ itself: false, by: [] })
  })
})

describe('an alias', () => {
  const signature = image('signature', { of: leak, config: 'config of signatures' })

  test('is a remaining tag straight on the named manifest, or on one below it', () => {
    const root = index('root', [keep, leak])
    const { refusals } = planOf({ read: [root, leak, keep], tags: { leak: root, other: leak, more: root } })
    expect(refusals).toEqual(
      about({ ...alias({ more: root, other: leak }), labels: ['leak'], furtherTags: 'name-them' }),
    )
  })

  test('is one that needs another manifest with the same config', () => {
    const again = image('again', { config: 'config of leak' })
    const list = index('list', [again])
    const { refusals } = plan({ read: [again, list], tags: { list } })
    expect(refusals).toEqual(about(alias({ list })))
  })

  test('is none, where only the well-known empty config is the same', () => {
    const [one, other] = [image('one', { config: '{}' }), image('other', { config: '{}' })]
    expect(plan({ read: [one, other], tags: { leak: one, other } }).refusals).toEqual([])
  })

  test('is none, where what is attached has the config of something that stays', () => {
    const other = image('other', { of: keep, config: 'config of signatures' })
    const tags = { [derived(leak, '.sig')]: signature, [derived(keep, '.sig')]: other }
    expect(plan({ read: [signature, other], tags }).refusals).toEqual([])
  })

  test('is none for the config of what was named and refers to what goes', () => {
    const other = image('other', { of: keep, config: 'config of signatures' })
    const scene: Partial<Scene> = { read: [signature, other], tags: { other } }
    const digests = [at(signature)]
    const tags = [{ tag: 'leak' as Tag }]
    expect(plan({ ...scene, target: { tags, digests } }).refusals).toEqual([])
    // On its own it is an image like any other.
    expect(plan({ ...scene, target: { tags: [], digests } }).refusals).toEqual(about(alias({ keep, other })))
  })

  test('is none, where a protected tag stays on what is attached', () => {
    const { refusals } = plan({ read: [signature], tags: { sbom: signature }, protect: ['sbom'] })
    expect(refusals).toEqual([])
  })

  test('is one, where such a tag stays on the same config', () => {
    const again = image('again', { of: leak, config: 'config of leak' })
    const { refusals } = plan({ read: [again], tags: { again }, protect: ['again'] })
    expect(refusals).toEqual(about(alias({ again })))
  })

  test('is none, where a tag on a referrer goes as well', () => {
    expect(gist(plan({ read: [signature], tags: { sbom: signature } }))).toMatchObject({
      tags: ['leak', 'sbom'],
      refusals: [],
    })
  })
})

describe('what was named refuses, where a remaining tag needs it', () => {
  test('as a child', () => {
    const list = index('list', [leak])
    const { refusals } = planOf({ read: [leak, list], tags: { leak, list } })
    expect(refusals).toEqual(
      about({
        kind: 'named-but-needed',
        repository,
        digest: at(leak),
        by: [{ is: 'tag', tag: 'leak' }],
        tags: [{ tag: 'list', digest: at(list) }],
        parents: [{ kind: 'index', digest: at(list) }],
      }),
    )
  })

  test('and says by which entries it was named', () => {
    const list = index('list', [leak])
    const { digest } = leak
    const tags = [{ tag: 'leak' as Tag }, { tag: 'gone' as Tag, digest }]
    const scene = { read: [leak, list], tags: { leak, list }, target: { tags, digests: [digest] } }
    expect(planOf(scene).refusals).toEqual(
      about({
        kind: 'named-but-needed',
        by: [
          { is: 'tag', tag: 'leak' },
          { is: 'tag', tag: 'gone' },
          { is: 'digest', digest },
        ],
      }),
    )
    const [blob] = leak.blobs
    const blobs = { read: [leak], tags: { leak }, target: { tags: [], blobs: [at(blob!.digest)] } }
    expect(planOf(blobs).refusals).toEqual(about({ kind: 'named-but-needed', by: [{ is: 'blob' }] }))
    const rules = { furtherTags: 'run-again' } as const
    expect(planOf({ read: [leak, list], tags: { leak, list }, rules }).refusals).toEqual(
      about({ kind: 'named-but-needed', by: [{ is: 'selected', tag: 'leak' }] }),
    )
  })

  test('as a child, and another tag is straight on it: that one is told as an alias', () => {
    const list = index('list', [leak])
    const { refusals } = planOf({ read: [leak, list], tags: { leak, list, other: leak } })
    expect(refusals).toEqual(
      about(
        { kind: 'named-but-needed', tags: [{ tag: 'list', digest: at(list) }] },
        { kind: 'alias', tags: expect.arrayContaining([{ tag: 'other', digest: at(leak) }]) },
      ),
    )
  })

  test('as a signature in the referrers index of an image that stays', () => {
    const signature = image('signature', { of: keep })
    const list = index('list', [signature])
    const tag = derived(keep)
    const { refusals } = plan({
      read: [signature, list],
      tags: { [tag]: list },
      target: { tags: [], digests: [at(signature)] },
    })
    expect(refusals).toEqual(about({ kind: 'named-but-needed', tags: [{ tag, digest: at(list) }] }))
  })
})

describe('shared-blobs: fail refuses', () => {
  test('for a blob that the signature of a remaining image needs', () => {
    const [mine, theirs] = ['mine', 'theirs'].map((name) => image(name, { layers: ['shared'] }))
    const tags = { [derived(leak, '.sig')]: mine!, [derived(keep, '.sig')]: theirs! }
    const scene = { read: [mine!, theirs!], tags }
    expect(plan({ ...scene, rules: { sharedBlobs: 'fail' } }).refusals).toEqual([
      {
        kind: 'shared-blobs',
        repository,
        kept: [{ digest: sha256('shared'), heldBy: [derived(keep, '.sig')] }],
        furtherTags: 'name-them',
      },
    ])
    expect(plan(scene).refusals).toEqual([])
  })
})

describe('of what stays, and cannot be read,', () => {
  const torn = image('torn')
  const list = index('list', [torn])
  type Blind = readonly [what: string, scene: Partial<Scene>, named: string, problem: Found]
  const missing = (is: 'missing' | 'unreadable' | 'lie'): Partial<Survey> => ({
    missing: new Map([[at(torn), is === 'missing' ? { is } : { is, why: BROKE }]]),
  })
  const broke = { why: BROKE }
  const tag = { kind: 'remaining-tag-unreadable', tag: 'list' } as const
  const needed = { kind: 'needed-manifest-unreadable', digest: at(torn), tags: ['list'] } as const
  const passable: Blind[] = [
    ['a tag', { tags: { list: { is: 'unreadable', why: BROKE } } }, 'list', { ...tag, ...broke }],
    [
      'a manifest',
      { read: [list], tags: { list }, facts: missing('unreadable') },
      at(torn),
      { ...needed, ...broke },
    ],
    [
      'a manifest that is missing',
      { read: [list], tags: { list }, facts: missing('missing') },
      at(torn),
      needed,
    ],
  ]
  const unclear: Blind = [
    'a list of referrers',
    { facts: { referrersUnclear: new Map([[at(keep), BROKE]]) } },
    at(keep),
    { kind: 'remaining-referrers-unclear', subject: at(keep), why: BROKE },
  ]

  test.each([...passable, unclear])('refuses %s', (_, scene, __, problem) => {
    const { refusals, ignored } = plan(scene)
    expect(refusals).toEqual(about({ ...problem, ignoring: 'possible' }))
    expect(ignored.size).toBe(0)
  })

  test.each([...passable, unclear])(
    'is passed over with a warning, if the rule is so: %s',
    (_, scene, named, problem) => {
      const { refusals, warnings, ignored } = plan({ ...scene, rules: { unreadableTags: 'ignore' } })
      expect([refusals, [...ignored]]).toEqual([[], [named]])
      expect(warnings).toEqual(about({ ...problem, ignoring: 'ignored' }))
    },
  )

  test.each(passable)('refuses, if a protected tag needs it: %s', (_, scene, __, problem) => {
    const { refusals, ignored } = plan({ ...scene, protect: ['list'], rules: { unreadableTags: 'ignore' } })
    expect(refusals).toEqual(about({ ...problem, ignoring: 'never' }))
    expect(ignored.size).toBe(0)
  })

  test.each<[string, Partial<Scene>, Found]>([
    [
      'a tag',
      { tags: { list: { is: 'lie', why: OTHER_BYTES } } },
      { kind: 'remaining-tag-contradictory', tag: 'list', why: OTHER_BYTES },
    ],
    [
      'a manifest',
      { read: [list], tags: { list }, facts: missing('lie') },
      { ...needed, ...broke, ignoring: 'never' },
    ],
  ])('refuses a lie: %s', (_, scene, problem) => {
    const { refusals, ignored } = plan({ ...scene, rules: { unreadableTags: 'ignore' } })
    expect(refusals).toEqual(about(problem))
    expect(ignored.size).toBe(0)
  })

  test('nothing matters, where the referrers of something are unclear that neither goes nor stays', () => {
    const facts = { referrersUnclear: new Map([[at(torn), BROKE]]) }
    expect(gist(plan({ facts }))).toMatchObject({ refusals: [], tags: ['leak'] })
    expect(sorted([...plan({ facts }).ignored])).toEqual([])
  })
})
