import { describe, expect, test } from '@jest/globals'
import { sha256, type Digest } from '../../src/oci/digest.js'
import type { Tag } from '../../src/oci/tag.js'
import type { RepositoryPlan } from '../../src/plan/plan.js'
import { reconsider, type Reconsidered } from '../../src/plan/reconsider.js'
import type { Missing, Survey } from '../../src/survey/facts.js'
import {
  BROKE,
  OTHER_BYTES,
  at,
  blobsOf,
  derived,
  digests,
  image,
  index,
  planOf,
  sorted,
  surveyOf,
  type Scene,
} from './pieces.js'

const child = image('child')
const other = image('other')
const leak = index('leak', [child, other])
const multi = index('multi', [child])
const base = image('base')
const read = [child, other, leak, multi, base]
const before: Scene['tags'] = { leak, multi, base }
const alone: Scene['tags'] = { leak, base }

/** Everything of the child, which is kept for `multi`. */
const freed = [at(child), ...blobsOf('child')]

function planned(scene: Partial<Scene> = {}): RepositoryPlan {
  const plan = planOf({ read: scene.read ?? read, tags: before, protect: ['base'], ...scene })
  if (plan.refusals.length > 0) throw new Error(JSON.stringify(plan.refusals))
  return plan
}

const after = (tags: Scene['tags'], facts: Partial<Survey> = {}): Reconsidered =>
  reconsider(planned(), surveyOf({ read, tags, facts }))

const content = ({ released: { manifests, blobs } }: Reconsidered): Digest[] =>
  digests([...manifests, ...blobs])

describe('a look at the tags in the middle of a purge', () => {
  test('changes nothing while nothing has changed, whether the named tag is gone yet or not', () => {
    const nothing = {
      left: new Map(),
      released: { tags: [], manifests: [], blobs: [] },
      moved: [],
      revived: [],
      newcomers: [],
      unsure: [],
    }
    expect(after(before)).toEqual(nothing)
    expect(after({ ...before, leak: { is: 'unknown' } })).toEqual(nothing)
  })

  test('leaves what a new tag needs, and names that tag', () => {
    const { left, moved, unsure } = after({ ...before, fresh: other })
    expect(new Map(left)).toEqual(new Map([at(other), ...blobsOf('other')].map((each) => [each, ['fresh']])))
    expect([moved, unsure]).toEqual([[], []])
  })

  test('leaves what a moved tag needs', () => {
    expect([...after({ ...before, base: other }).left.keys()]).toContain(at(other))
  })

  test('takes a named tag that points elsewhere for somebody’s new push', () => {
    const { left, moved } = after({ ...before, leak: other })
    expect(moved).toEqual([{ tag: 'leak', digest: at(other) }])
    expect(left.get(at(other))).toEqual(['leak'])
  })

  test('releases what was kept for a tag that is gone now', () => {
    const found = after(alone)
    expect(content(found)).toEqual(sorted(freed))
    expect(found.released.tags).toEqual([])
  })

  test('releases nothing for a tag that is still listed, and does not answer for a moment', () => {
    expect(content(after({ ...before, multi: { is: 'unknown' } }))).toEqual([])
  })

  test('says which tag without a manifest came back', () => {
    const plan = planned()
    const dangling = { ...plan, remaining: [...plan.remaining, { tag: 'ghost' as Tag, protected: false }] }
    const facts = surveyOf({ read, tags: { ...before, ghost: base } })
    expect(reconsider(dangling, facts).revived).toEqual(['ghost'])
  })

  const broken: Missing = { is: 'lie', why: OTHER_BYTES }

  test.each<[string, Scene['tags'], Partial<Survey>]>([
    ['a tag cannot be read', { ...before, multi: { is: 'unreadable', why: BROKE } }, {}],
    ['the answer for a tag is a lie', { ...before, multi: { is: 'lie', why: OTHER_BYTES } }, {}],
    ['the named tag cannot be read', { ...before, leak: { is: 'unreadable', why: BROKE } }, {}],
    ['a protected tag is gone', { ...before, base: { is: 'unknown' } }, {}],
    ['a child of a tag is missing', before, { missing: new Map([[at(child), { is: 'missing' }]]) }],
    ['a child of a tag is a lie', before, { missing: new Map([[at(child), broken]]) }],
    ['referrers cannot be listed', before, { referrersUnclear: new Map([[at(child), BROKE]]) }],
  ])('is unsure where %s', (_, tags, facts) => {
    expect(after(tags, facts).unsure).not.toEqual([])
  })

  test('is not unsure of what no tag needs', () => {
    expect(
      after(before, { missing: new Map([[sha256('x'), { is: 'unreadable', why: BROKE }]]) }).unsure,
    ).toEqual([])
    expect(after({ ...before, multi: { is: 'unknown' } }).unsure).toEqual([])
  })
})

describe('what was passed over in the plan, as unreadable-tags says,', () => {
  const torn = image('torn')
  const list = index('list', [torn])
  const facts: Partial<Survey> = {
    missing: new Map([[at(torn), { is: 'unreadable', why: BROKE }]]),
    referrersUnclear: new Map([[at(base), BROKE]]),
  }
  const tags: Scene['tags'] = { leak, base, list, dark: { is: 'unreadable', why: BROKE } }
  const known = [child, other, leak, base, list]
  const plan = planOf({ read: known, tags, facts, rules: { unreadableTags: 'ignore' } })
  const again = (now: Scene['tags'], more: Partial<Survey> = {}): Reconsidered =>
    reconsider(plan, surveyOf({ read: [...known, torn], tags: now, facts: { ...facts, ...more } }))

  test('is a tag, a manifest, and a manifest whose referrers cannot be told', () => {
    expect([plan.refusals, sorted([...plan.ignored])]).toEqual([
      [],
      sorted<string>('dark', at(torn), at(base)),
    ])
  })

  test('makes no later look unsure', () => {
    expect(again(tags).unsure).toEqual([])
  })

  test('does, as soon as it is a lie', () => {
    expect(again({ ...tags, dark: { is: 'lie', why: OTHER_BYTES } }).unsure).not.toEqual([])
    const missing = new Map([[at(torn), { is: 'lie', why: OTHER_BYTES } as const]])
    expect(again(tags, { missing }).unsure).not.toEqual([])
  })

  test('excuses nothing else', () => {
    expect(again({ ...tags, base: { is: 'unreadable', why: BROKE } }).unsure).not.toEqual([])
    expect(again(tags, { referrersUnclear: new Map([[at(list), BROKE]]) }).unsure).not.toEqual([])
  })

  test('is left, where it turns out to need what was to go', () => {
    const { left, revived, unsure } = again({ ...tags, dark: other }, { missing: new Map() })
    expect([left.get(at(other)), revived, unsure]).toEqual([['dark'], ['dark'], []])
  })
})

describe('with what is released', () => {
  const signature = image('signature')
  const referrer = image('referrer', { of: child })
  const onReferrer = image('on referrer', { of: referrer })

  /** Plans with more tags on what is attached to the child, and looks again when `multi` is gone. */
  function released(more: Scene['tags'], now: Scene['tags'], protect: string[] = []): Reconsidered {
    const all = [...read, signature, referrer, onReferrer]
    const plan = planned({ read: all, tags: { ...before, ...more }, protect: ['base', ...protect] })
    return reconsider(plan, surveyOf({ read: all, tags: { ...alone, ...now } }))
  }
  const withReferrers = [
    ...freed,
    ...[referrer, onReferrer].map(at),
    ...blobsOf('referrer'),
    ...blobsOf('on referrer'),
  ]

  test.each(['', '.sig', '.att', '.sbom'])(
    'goes the tag that belongs to it by its name: sha256-<hex>%s',
    (ending) => {
      const tag = derived(child, ending)
      const found = released({ [tag]: signature }, { [tag]: signature })
      expect(found.released.tags).toEqual([
        { tag, digest: at(signature), root: at(signature), belongsTo: at(child) },
      ])
      expect(content(found)).toEqual(sorted(withReferrers, at(signature), blobsOf('signature')))
    },
  )

  test('goes what refers to it, to any depth, with the tags on that', () => {
    const tags = { sbom: referrer, more: onReferrer }
    const found = released(tags, tags)
    expect(found.released.tags.map(({ tag }) => tag).sort()).toEqual(['more', 'sbom'])
    expect(content(found)).toEqual(sorted(withReferrers))
  })

  test('goes what is attached before what it is attached to', () => {
    const { manifests } = released({}, {}).released
    const levels = [onReferrer, referrer, child].map(
      (each) => manifests.find(({ digest }) => digest === at(each))?.level ?? Number.NaN,
    )
    expect(levels).toEqual([...new Set(levels)].sort((one, two) => one - two))
  })

  test.each<[string, Scene['tags'], Scene['tags'], string[]]>([
    [
      'is protected',
      { [derived(child, '.sig')]: signature },
      { [derived(child, '.sig')]: signature },
      [derived(child, '.sig')],
    ],
    ['is new', {}, { [derived(child, '.sig')]: signature }, []],
    ['moved', { [derived(child, '.sig')]: referrer }, { [derived(child, '.sig')]: signature }, []],
  ])('no tag of its name goes that %s, nor what this points to', (_, then, now, protect) => {
    const found = released(then, now, protect)
    expect(found.released.tags).toEqual([])
    expect(content(found)).toEqual(sorted(withReferrers))
  })

  test.each<[string, Scene['tags'], Scene['tags'], string[]]>([
    ['is protected', { sbom: referrer }, { sbom: referrer }, ['sbom']],
    ['is new', {}, { sbom: referrer }, []],
    ['moved', { sbom: base }, { sbom: referrer }, []],
  ])('no tag goes that %s and points to what refers to it', (_, then, now, protect) => {
    const found = released(then, now, protect)
    expect(found.released.tags).toEqual([])
    expect(content(found)).toEqual(sorted(freed))
  })

  test('no tag goes that serves something else as well', () => {
    const tag = derived(child, '.sig')
    const tags = { [tag]: signature, [derived(base, '.sig')]: signature }
    const found = released(tags, tags)
    expect(found.released.tags).toEqual([])
    expect(content(found)).toEqual(sorted(withReferrers))
  })
})

describe('what came to belong to something that goes since the plan was made', () => {
  const made = image('made')
  const signature = image('signature', { of: other })
  const onThat = image('on that', { of: signature })
  const list = index('list', [other])

  function found(more: Scene['tags'], then: Scene['tags'] = {}): Reconsidered {
    const plan = planned({ tags: { ...before, ...then }, read: [...read, made] })
    return reconsider(
      plan,
      surveyOf({ read: [...read, made, signature, onThat], tags: { ...before, ...more } }),
    )
  }

  test('is a manifest that refers to it: it is told, and does not go along', () => {
    const { newcomers, released, left } = found({})
    expect(newcomers).toEqual([{ digest: at(signature), subject: at(other) }])
    expect([released, left.size]).toEqual([{ tags: [], manifests: [], blobs: [] }, 0])
  })

  test('is a tag on such a manifest, and one that belongs to it by its name', () => {
    const tag = derived(other, '.att')
    const { newcomers, released } = found({ sbom: signature, [tag]: made })
    expect(newcomers).toEqual([
      { tag: 'sbom', digest: at(signature), subject: at(other) },
      { tag, digest: at(made), subject: at(other) },
    ])
    expect(released).toEqual({ tags: [], manifests: [], blobs: [] })
  })

  test('is needed, with its blobs, by a new tag that needs what it refers to', () => {
    // A layer of the leak is kept for `sharing`. When that is gone, only what came late needs it.
    const third = image('third', { layers: ['layer of sharing'] })
    const sharing = image('sharing')
    const root = index('root', [other, third])
    const late = image('late', { of: other, layers: ['layer of sharing'] })
    const known = [other, third, sharing, root]
    const plan = planOf({ read: known, tags: { leak: root, sharing } })
    const look = (...more: (typeof late)[]): Reconsidered =>
      reconsider(plan, surveyOf({ read: [...known, ...more], tags: { leak: root, fresh: other } }))
    expect(content(look())).toEqual([sha256('layer of sharing')])
    expect(content(look(late))).toEqual([])
    expect(look(late).newcomers).toEqual([{ digest: at(late), subject: at(other) }])
  })

  test('is nothing that was there, nor what belongs to what stays', () => {
    const [mine, theirs] = [derived(other, '.att'), derived(child, '.att')]
    const plan = planned({
      tags: { ...before, [mine]: made },
      read: [...read, made, signature, onThat],
    })
    const facts = surveyOf({
      read: [...read, made, signature, onThat, list],
      tags: { ...before, [mine]: made, [theirs]: made, list },
    })
    expect(reconsider(plan, facts).newcomers).toEqual([])
  })
})

describe('a tag that is pushed in the middle of a purge and belongs to the leak', () => {
  const signature = image('signature', { layers: ['layer of other'] })

  test.each([derived(other, '.sig'), 'sbom'])('stays, and leaves what it needs: %s', (tag) => {
    const made = tag === 'sbom' ? image('sbom', { of: other, layers: ['layer of other'] }) : signature
    const { left, released, moved } = reconsider(
      planned(),
      surveyOf({ read: [...read, made], tags: { ...before, [tag]: made } }),
    )
    expect([...left]).toEqual([[sha256('layer of other'), [tag]]])
    expect([released.tags, digests(released.manifests), moved]).toEqual([[], [], []])
  })

  test('is found to have moved, where it was to go', () => {
    const tag = derived(other, '.sig')
    const plan = planned({ read: [...read, signature], tags: { ...before, [tag]: signature } })
    expect(plan.tags.map((each) => each.tag)).toEqual(['leak', tag])
    const facts = surveyOf({ read: [...read, signature], tags: { ...before, [tag]: other } })
    const { left, moved } = reconsider(plan, facts)
    expect(moved).toEqual([{ tag, digest: at(other) }])
    expect(left.get(at(other))).toEqual([tag])
  })
})
