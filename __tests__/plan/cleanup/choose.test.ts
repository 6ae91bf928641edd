import { describe, expect, test } from '@jest/globals'
import type { Digest } from '../../../src/oci/digest.js'
import type { Tag } from '../../../src/oci/tag.js'
import { choose, withoutLabels, type Choice } from '../../../src/plan/cleanup/choose.js'
import { match } from '../../../src/plan/cleanup/match.js'
import type { Created } from '../../../src/survey/facts.js'
import { BROKE, at, derived, glob, image, index, odd, surveyOf, type Place, type Scene } from '../pieces.js'

const DAY = 86_400_000
const asOf = Date.UTC(2026, 5, 1)
const [a, b, c] = [image('a'), image('b'), image('c')]

interface Asked {
  readonly ages?: { readonly olderThan?: number; readonly keepNewest?: number }
  /** How many days old an image is. */
  readonly days?: readonly (readonly [Place, number])[]
  readonly protect?: string
  readonly scope?: 'image' | 'tag'
}

function chooseIn(scene: Pick<Scene, 'read' | 'tags' | 'facts'>, asked: Asked = {}): Choice {
  const { ages = {}, days = [], protect, scope = 'image' } = asked
  const protectedTags = protect === undefined ? [] : [glob(protect)]
  const survey = surveyOf(scene)
  const matched = match(survey, { globs: [glob('debug-*')], except: [], protectedTags })
  const created = new Map<Digest, Created>(
    days.map(([place, old]) => [at(place), { is: 'known', at: asOf - old * DAY }]),
  )
  const rules = { scope, protectedTags, tagsOnReferrers: 'keep' } as const
  return choose(survey, matched, created, { olderThan: 0, keepNewest: 0, ...ages, asOf, rules })
}

describe('a matching tag stays', () => {
  test('for what its name or its response says', () => {
    const tags: Scene['tags'] = {
      'debug-1': a,
      'debug-2': { is: 'unknown' },
      'debug-3': { is: 'unreadable', why: BROKE },
    }
    const { unselected, tags: chosen } = chooseIn({ read: [a], tags }, { protect: 'debug-1' })
    expect(chosen).toEqual([])
    expect(unselected).toEqual([
      { tag: 'debug-1', digest: at(a), because: { kind: 'protected', pattern: 'debug-1' } },
      { tag: 'debug-2', because: { kind: 'dangling' } },
      { tag: 'debug-3', because: { kind: 'unreadable', why: BROKE } },
    ])
  })

  test('for the date of its image', () => {
    const scene = {
      read: [a, b, c],
      tags: { 'debug-1': a, 'debug-2': b, 'debug-3': c, 'debug-4': image('d') },
    }
    const { unselected, tags } = chooseIn(scene, {
      ages: { olderThan: 14 * DAY, keepNewest: 1 },
      days: [
        [a, 1],
        [b, 13],
        [c, 15],
      ],
    })
    expect(tags).toEqual([{ tag: 'debug-3' }])
    expect(unselected.map(({ because }) => because)).toEqual([
      { kind: 'among-newest', place: 1, keepNewest: 1 },
      { kind: 'too-young', age: 13 * DAY, olderThan: 14 * DAY },
      { kind: 'date-unknown' },
    ])
  })

  test('because it is unknown what belongs to its image', () => {
    const strange = odd('strange', [])
    const tag = derived(a, '.sig')
    const scene = { read: [a, b, strange], tags: { 'debug-1': a, 'debug-2': b, [tag]: strange } }
    const doubt = { kind: 'unknown-kind', digest: at(strange) }
    expect(chooseIn(scene).unselected).toEqual([
      { tag: 'debug-1', digest: at(a), because: { kind: 'content-unknown', image: at(a), doubt } },
    ])
    // Only a label needs no such knowledge.
    expect(chooseIn(scene, { scope: 'tag' }).unselected).toEqual([])
  })
})

describe('only the label goes', () => {
  const root = index('root', [b, c])
  const same = image('same', { config: 'config of a' })

  test.each<[string, Pick<Scene, 'read' | 'tags'>, object]>([
    [
      'if another tag points to its manifest',
      { read: [a], tags: { 'debug-1': a, stable: a } },
      { kind: 'same-manifest', tags: ['stable'] },
    ],
    [
      'if another tag points to its child',
      { read: [b, c, root], tags: { 'debug-1': root, stable: b } },
      { kind: 'same-child', tags: ['stable'], child: at(b) },
    ],
    [
      'if an index needs it',
      { read: [b, c, root], tags: { 'debug-1': b, stable: root } },
      { kind: 'needed' },
    ],
    [
      'if another manifest has the same config',
      { read: [a, same], tags: { 'debug-1': a, stable: same } },
      { kind: 'same-config', digest: at(same) },
    ],
  ])('%s', (_, scene, onlyLabel) => {
    expect(chooseIn(scene).tags).toEqual([{ tag: 'debug-1', onlyLabel }])
  })

  test('or it stays, if the registry cannot remove a label alone', () => {
    const scene = { read: [a, b], tags: { 'debug-1': a, stable: a, 'debug-2': b } }
    const { tags, unselected } = withoutLabels(chooseIn(scene), surveyOf(scene), '403')
    const label = { kind: 'same-manifest', tags: ['stable'] }
    expect(tags).toEqual([{ tag: 'debug-2' }])
    expect(unselected).toEqual([
      { tag: 'debug-1', digest: at(a), because: { kind: 'label-not-removable', label, answered: '403' } },
    ])
  })
})

describe('the tags that count for keep-newest', () => {
  const scene: Scene = {
    read: [a, b],
    tags: { 'debug-2': b, 'debug-1': a, 'debug-keep': b, 'debug-gone': { is: 'unknown' }, latest: a },
  }

  test('are those that match and resolve, also the protected ones', () => {
    const asked = { ages: { keepNewest: 1 }, days: [[a, 1] as const, [b, 2] as const], protect: 'debug-keep' }
    expect(chooseIn(scene, asked).counted).toEqual(['debug-1', 'debug-2', 'debug-keep'])
  })

  test('are none without it', () => {
    expect(chooseIn(scene).counted).toEqual([] satisfies Tag[])
  })
})
