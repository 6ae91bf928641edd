import { describe, expect, test } from '@jest/globals'
import { sha256, type Digest } from '../../src/oci/digest.js'
import type { Repository } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import { fingerprint } from '../../src/plan/fingerprint.js'
import type { PlannedContent, RepositoryPlan } from '../../src/plan/plan.js'

const REGISTRY = 'https://registry.example.com'

const content = (name: string): PlannedContent => ({
  digest: sha256(name),
  mediaType: 'x/y',
  level: 0,
  named: false,
  gone: false,
  foreign: false,
})
const tag = (name: string, root: string): RepositoryPlan['tags'][number] => ({
  tag: name as Tag,
  digest: sha256(root),
  root: sha256(root),
})
const kept = (name: string): RepositoryPlan['kept'][number] => ({
  ...content(name),
  kind: 'blob',
  heldBy: ['latest' as Tag],
})
const plan = (more: Partial<RepositoryPlan> = {}): RepositoryPlan => ({
  repository: 'acme/app' as Repository,
  scope: 'image',
  ignored: new Set(),
  tags: [tag('one', 'a'), tag('two', 'b')],
  manifests: [content('a'), content('b')],
  blobs: [content('c'), content('d')],
  kept: [kept('e'), kept('f')],
  remaining: [],
  image: new Set(),
  refusals: [],
  warnings: [],
  ...more,
})
const print = (...plans: RepositoryPlan[]): Digest =>
  fingerprint({ registry: REGISTRY, scope: 'image' }, plans)
const other = plan({ repository: 'acme/other' as Repository })

describe('the fingerprint of what is to be done', () => {
  test('is a sha256 digest', () => {
    expect(print(plan())).toMatch(/^sha256:[0-9a-f]{64}$/)
  })

  test.each<[string, Digest]>([
    ['without a tag', print(plan({ tags: [tag('one', 'a')] }))],
    ['with another tag', print(plan({ tags: [tag('one', 'a'), tag('three', 'b')] }))],
    [
      'with tags that stand for each other’s image',
      print(plan({ tags: [tag('one', 'b'), tag('two', 'a')] })),
    ],
    ['without a manifest', print(plan({ manifests: [content('a')] }))],
    ['with another blob', print(plan({ blobs: [content('c'), content('x')] }))],
    [
      'with a blob that is no longer kept',
      print(plan({ kept: [kept('e')], blobs: ['c', 'd', 'f'].map(content) })),
    ],
    ['with nothing kept', print(plan({ kept: [] }))],
    [
      'with a manifest as a blob',
      print(plan({ manifests: [content('a')], blobs: ['b', 'c', 'd'].map(content) })),
    ],
    ['in another repository', print(other)],
    ['in two repositories', print(plan(), other)],
    ['at another registry', fingerprint({ registry: 'https://other.example.com', scope: 'image' }, [plan()])],
    [
      'at the same registry over plain http',
      fingerprint({ registry: 'http://registry.example.com', scope: 'image' }, [plan()]),
    ],
    ['of labels alone', fingerprint({ registry: REGISTRY, scope: 'tag' }, [plan()])],
    ['with a tag that goes along', print(plan({ tags: [...plan().tags, tag('three', 'c')] }))],
  ])('is another one %s', (_, different) => {
    expect(different).not.toBe(print(plan()))
  })

  test('tells in which repository something goes', () => {
    const less = { manifests: [content('a')] }
    expect(print(plan(less), other)).not.toBe(print(plan(), { ...other, ...less }))
  })

  test('is the same in any order', () => {
    const mixed = plan({
      tags: [tag('two', 'b'), tag('one', 'a')],
      manifests: [content('b'), content('a')],
      blobs: [content('d'), content('c')],
      kept: [kept('f'), kept('e')],
    })
    expect(print(mixed)).toBe(print(plan()))
    expect(print(other, mixed)).toBe(print(plan(), other))
  })

  test('is the same whoever holds what is kept, whatever remains, and whatever is known of the content', () => {
    const more = (list: readonly PlannedContent[]): PlannedContent[] =>
      list.map((each) => ({
        ...each,
        size: 5,
        mediaType: 'z',
        gone: true,
        level: 3,
        named: true,
        foreign: true,
      }))
    const { manifests, blobs, kept } = plan()
    expect(
      print(
        plan({
          manifests: more(manifests),
          blobs: more(blobs),
          kept: kept.map((each) => ({ ...each, heldBy: ['stable' as Tag] })),
          remaining: [{ tag: 'latest' as Tag, protected: true }],
          ignored: new Set(['stable' as Tag]),
          tags: plan().tags.map((each) => ({ ...each, belongsTo: sha256('a') })),
          refusals: [{ kind: 'tag-unlisted', repository: plan().repository, tag: 'one' as Tag }],
          warnings: [{ kind: 'repository-forgotten', repository: plan().repository }],
        }),
      ),
    ).toBe(print(plan()))
  })
})
