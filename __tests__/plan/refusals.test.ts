import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/oci/digest.js'
import type { Tag } from '../../src/oci/tag.js'
import type { RepositoryPlan } from '../../src/plan/plan.js'
import type { Survey } from '../../src/survey/facts.js'
import {
  at,
  derived,
  gist,
  image,
  index,
  INDEX,
  manifest,
  odd,
  planOf,
  sorted,
  type Scene,
} from './pieces.js'

const SCHEMA1 = 'application/vnd.docker.distribution.manifest.v1+json'

const leak = image('leak')
const keep = image('keep')

function plan(scene: Partial<Scene>): RepositoryPlan {
  return planOf({ ...scene, tags: { leak, keep, ...scene.tags }, read: [leak, keep, ...(scene.read ?? [])] })
}

const both = ['refuse', 'ignore'] as const

describe('what is attached to something that goes refuses, whatever unreadable-tags says,', () => {
  const signature = image('signature', { of: leak })

  test.each(both)('where it cannot be read: %s', (unreadableTags) => {
    for (const is of ['unreadable', 'lie'] as const) {
      const { refusals } = plan({
        api: [[leak, signature]],
        rules: { unreadableTags },
        facts: { missing: new Map([[at(signature), { is, why: 'it broke' }]]) },
      })
      expect(refusals).toEqual([expect.stringMatching(/refers to .* which was to go, and cannot be read/)])
    }
  })

  test.each(both)('where it cannot be listed: %s', (unreadableTags) => {
    for (const subject of [leak, signature]) {
      const { refusals } = plan({
        read: [signature],
        rules: { unreadableTags },
        facts: { referrersUnclear: new Map([[at(subject), 'it was 500']]) },
      })
      expect(refusals).toEqual([expect.stringMatching(/which was to go, cannot be told: it was 500/)])
    }
  })

  test.each([
    [
      'is of a kind that nobody knows',
      odd('odd', [], { of: leak }),
      /of a kind that this action does not know/,
    ],
    [
      'lists something that nobody knows',
      manifest(INDEX, {
        manifests: [{ digest: sha256('x'), mediaType: 'application/vnd.example.odd' }],
        subject: { digest: leak.digest },
      }),
      /neither a manifest's nor a blob's/,
    ],
    [
      'is schema 1',
      manifest(SCHEMA1, { schemaVersion: 1, fsLayers: [{ blobSum: sha256('layer of old') }] }),
      /is a schema 1 manifest/,
    ],
  ])('where it %s', (_, made, said) => {
    const { refusals } = plan({ tags: { [derived(leak, '.sig')]: made }, read: [made] })
    expect(refusals).toEqual([expect.stringMatching(said)])
  })

  test.each(both)('where a tag that belongs to it by its name cannot be read: %s', (unreadableTags) => {
    const [mine, theirs] = [derived(leak, '.sig'), derived(keep, '.sig')]
    const dark = { is: 'unreadable', why: 'it broke' } as const
    const rules = { unreadableTags }
    expect(plan({ tags: { [mine]: dark }, rules }).refusals).toEqual([
      expect.stringContaining(`${mine} belongs to the image by its name, and cannot be read: it broke`),
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
      tags: { leak: root, other, [tag]: { is: 'unreadable', why: 'it broke' } },
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

describe('an alias', () => {
  const signature = image('signature', { of: leak, config: 'config of signatures' })

  test('is a remaining tag straight on the named manifest, or on one below it', () => {
    const root = index('root', [keep, leak])
    const { refusals } = planOf({ read: [root, leak, keep], tags: { leak: root, other: leak, more: root } })
    expect(refusals).toContainEqual(expect.stringContaining('also served under other tags: more, other'))
  })

  test('is one that needs another manifest with the same config', () => {
    const again = image('again', { config: 'config of leak' })
    const list = index('list', [again])
    const { refusals } = plan({ read: [again, list], tags: { list } })
    expect(refusals).toEqual([expect.stringContaining('also served under other tags: list')])
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
    expect(plan({ ...scene, target: { tags: [], digests } }).refusals).toEqual([
      expect.stringContaining('also served under other tags: keep, other'),
    ])
  })

  test('is none, where a protected tag stays on what is attached', () => {
    const { refusals } = plan({ read: [signature], tags: { sbom: signature }, protect: ['sbom'] })
    expect(refusals).toEqual([])
  })

  test('is one, where such a tag stays on the same config', () => {
    const again = image('again', { of: leak, config: 'config of leak' })
    const { refusals } = plan({ read: [again], tags: { again }, protect: ['again'] })
    expect(refusals).toEqual([expect.stringContaining('also served under other tags: again')])
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
    expect(refusals).toContainEqual(expect.stringMatching(/was named, but a remaining tag needs it: list/))
  })

  test('as a child, and another tag is straight on it: that one is told as an alias', () => {
    const list = index('list', [leak])
    const { refusals } = planOf({ read: [leak, list], tags: { leak, list, other: leak } })
    expect(refusals).toHaveLength(2)
    expect(refusals).toContainEqual(expect.stringMatching(/a remaining tag needs it: list \(/))
    expect(refusals).toContainEqual(expect.stringMatching(/also served under other tags: (list, )?other \(/))
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
    expect(refusals).toEqual([expect.stringContaining(`a remaining tag needs it: ${tag}`)])
  })
})

describe('shared-blobs: fail refuses', () => {
  test('for a blob that the signature of a remaining image needs', () => {
    const [mine, theirs] = ['mine', 'theirs'].map((name) => image(name, { layers: ['shared'] }))
    const tags = { [derived(leak, '.sig')]: mine!, [derived(keep, '.sig')]: theirs! }
    const scene = { read: [mine!, theirs!], tags }
    expect(plan({ ...scene, rules: { sharedBlobs: 'fail' } }).refusals).toEqual([
      expect.stringContaining(sha256('shared')),
    ])
    expect(plan(scene).refusals).toEqual([])
  })
})

describe('of what stays, and cannot be read,', () => {
  const torn = image('torn')
  const list = index('list', [torn])
  type Blind = readonly [what: string, scene: Partial<Scene>, named: string]
  const missing = (is: 'missing' | 'unreadable' | 'lie'): Partial<Survey> => ({
    missing: new Map([[at(torn), is === 'missing' ? { is } : { is, why: 'it broke' }]]),
  })
  const passable: Blind[] = [
    ['a tag', { tags: { list: { is: 'unreadable', why: 'it broke' } } }, 'list'],
    ['a manifest', { read: [list], tags: { list }, facts: missing('unreadable') }, at(torn)],
    ['a manifest that is missing', { read: [list], tags: { list }, facts: missing('missing') }, at(torn)],
  ]
  const unclear: Blind = [
    'a list of referrers',
    { facts: { referrersUnclear: new Map([[at(keep), 'it was 500']]) } },
    at(keep),
  ]

  test.each([...passable, unclear])('refuses %s', (_, scene, named) => {
    const { refusals, ignored } = plan(scene)
    expect(refusals).toEqual([expect.stringContaining(named)])
    expect(ignored.size).toBe(0)
  })

  test.each([...passable, unclear])(
    'is passed over with a warning, if the rule is so: %s',
    (_, scene, named) => {
      const { refusals, warnings, ignored } = plan({ ...scene, rules: { unreadableTags: 'ignore' } })
      expect([refusals, [...ignored]]).toEqual([[], [named]])
      expect(warnings).toEqual([expect.stringContaining(named)])
    },
  )

  test.each(passable)('refuses, if a protected tag needs it: %s', (_, scene, named) => {
    const { refusals, ignored } = plan({ ...scene, protect: ['list'], rules: { unreadableTags: 'ignore' } })
    expect(refusals).toEqual([expect.stringContaining(named)])
    expect(ignored.size).toBe(0)
  })

  test.each<Blind>([
    ['a tag', { tags: { list: { is: 'lie', why: 'other bytes' } } }, 'list'],
    ['a manifest', { read: [list], tags: { list }, facts: missing('lie') }, at(torn)],
  ])('refuses a lie: %s', (_, scene, named) => {
    const { refusals, ignored } = plan({ ...scene, rules: { unreadableTags: 'ignore' } })
    expect(refusals).toEqual([expect.stringContaining(named)])
    expect(ignored.size).toBe(0)
  })

  test('nothing matters, where the referrers of something are unclear that neither goes nor stays', () => {
    const facts = { referrersUnclear: new Map([[at(torn), 'it was 500']]) }
    expect(gist(plan({ facts }))).toMatchObject({ refusals: [], tags: ['leak'] })
    expect(sorted([...plan({ facts }).ignored])).toEqual([])
  })
})
