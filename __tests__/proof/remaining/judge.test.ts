import { describe, expect, test } from '@jest/globals'
import type { Digest } from '../../../src/oci/digest.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { RemainingVerdict } from '../../../src/plan/standing.js'
import { judgeTags, type Evidence } from '../../../src/proof/remaining/judge.js'
import { requiredBy } from '../../../src/proof/remaining/needs.js'
import type { Content } from '../../../src/proof/remaining/content.js'
import type { TagState } from '../../../src/survey/facts.js'
import type { UnreadManifest } from '../../../src/survey/problem.js'
import { BROKE, at, image, planOf, surveyOf, type Place, type Scene } from '../../plan/pieces.js'

const leak = image('leak')
const stays = image('stays')
const other = image('other')
const config = stays.config?.digest ?? stays.digest
const [, layer] = stays.blobs.map(({ digest }) => digest) as [Digest, Digest]
const BEFORE: Scene = { read: [leak, stays, other], tags: { leak, stays } }
const missing: Content = { is: 'missing', flaw: { kind: 'cut-off' }, gone: false }
const unclear: Content = { is: 'unclear', flaw: { kind: 'refused', answered: '503' } }

interface Then {
  readonly before?: Scene
  readonly tags?: Scene['tags']
  readonly contents?: Readonly<Record<string, Content>>
  readonly touched?: readonly Digest[]
  readonly placeholders?: readonly Digest[]
  /** Tags and digests that could not be read, and are passed over. */
  readonly ignored?: readonly (Tag | Digest)[]
}

function judged({
  before = BEFORE,
  tags = { stays },
  contents = {},
  touched = [],
  placeholders = [],
  ignored = [],
}: Then) {
  const plan = { ...planOf(before), ignored: new Set(ignored) }
  const facts = surveyOf({ ...before, tags })
  const evidence: Evidence = {
    plan,
    facts,
    touched: new Set(touched),
    placeholders: new Set(placeholders),
    needs: requiredBy(plan, facts, new Set()).needs,
    contents: new Map(Object.entries(contents) as [Digest, Content][]),
  }
  return judgeTags(evidence)
}

describe('a remaining tag', () => {
  test('is intact if all that it needs is there', () => {
    expect(judged({ contents: { [config]: { is: 'there' } } })).toEqual([
      { tag: 'stays', digest: stays.digest, verdict: 'intact', protected: false },
    ])
  })

  test('is broken if it lacks what this run deleted', () => {
    expect(judged({ contents: { [config]: missing }, touched: [config] })).toMatchObject([
      { verdict: 'broken', flaw: { kind: 'lacks-deleted', digest: config } },
    ])
  })

  test('was broken before if it lacks what this run never named', () => {
    expect(judged({ contents: { [config]: missing } })).toMatchObject([
      { verdict: 'broken-before', flaw: { kind: 'lacks-unnamed', digests: [config] } },
    ])
  })

  test('is broken if it lacks a manifest that was read when the run began', () => {
    expect(judged({ contents: { [stays.digest]: missing } })).toMatchObject([
      { verdict: 'broken', flaw: { kind: 'lacks-read', digests: [stays.digest] } },
    ])
  })

  test('is unchecked if something of it could not be checked, unless that is passed over', () => {
    const contents = { [config]: unclear }
    expect(judged({ contents })).toMatchObject([
      { verdict: 'unchecked', flaw: { kind: 'unchecked', content: { digest: config } } },
    ])
    expect(judged({ contents, touched: [config] })[0]?.verdict).toBe('unchecked')
    expect(judged({ contents, ignored: [config] })[0]?.verdict).toBe('broken-before')
  })

  test('is broken if part of it is missing, whatever could not be checked', () => {
    const contents = { [config]: unclear, [layer]: missing, [stays.digest]: missing }
    expect(judged({ contents, touched: [layer] })).toMatchObject([
      { verdict: 'broken', flaw: { kind: 'lacks-deleted', digest: layer } },
    ])
    expect(judged({ contents })).toMatchObject([
      { verdict: 'broken', flaw: { kind: 'lacks-read', digests: [stays.digest, layer] } },
    ])
    expect(judged({ contents: { [config]: unclear, [layer]: missing } })[0]?.verdict).toBe('unchecked')
  })

  test('is moved if it points elsewhere now, and broken if that lacks something', () => {
    const tags = { stays: other }
    expect(judged({ tags })).toMatchObject([
      { verdict: 'moved', digest: other.digest, flaw: { kind: 'moved', digest: other.digest } },
    ])
    const lost = other.config?.digest ?? other.digest
    expect(judged({ tags, contents: { [lost]: missing } })).toMatchObject([
      { verdict: 'broken', flaw: { kind: 'pushed-incomplete', digests: [lost] } },
    ])
  })

  test.each<[string, Scene['tags']]>([
    ['is not listed', {}],
    ['is unknown', { stays: { is: 'unknown' } }],
  ])('is removed if it %s', (_what, tags) => {
    expect(judged({ tags })).toMatchObject([
      { verdict: 'removed', digest: stays.digest, flaw: { kind: 'removed' } },
    ])
  })

  test('dangled before if its manifest was unknown then', () => {
    const tags: Scene['tags'] = { leak, stays: { is: 'unknown' } }
    expect(judged({ before: { ...BEFORE, tags }, tags: { stays: { is: 'unknown' } } })).toEqual([
      { tag: 'stays', verdict: 'broken-before', protected: false, flaw: { kind: 'dangled' } },
    ])
  })

  test.each<[RemainingVerdict, UnreadManifest]>([
    ['unchecked', { is: 'unanswered', message: 'ECONNRESET' }],
    ['unchecked', { is: 'refused', answered: '503' }],
    ['unchecked', { is: 'cached', cache: 'Age' }],
    ['broken', { is: 'cut-off' }],
    ['broken', { is: 'conversion' }],
  ])('is %s if its read ends so at the end: %o', (verdict, why) => {
    const state: TagState = { is: 'unreadable', why }
    expect(judged({ tags: { stays: state } })).toMatchObject([{ verdict, flaw: { kind: 'unreadable', why } }])
  })

  test('is broken if it contradicts itself, and was broken before if it is passed over', () => {
    const state: TagState = { is: 'unreadable', why: BROKE }
    const ignored = ['stays' as Tag]
    expect(judged({ tags: { stays: state }, ignored })).toMatchObject([
      { verdict: 'broken-before', flaw: { kind: 'never-readable', why: BROKE } },
    ])
    expect(judged({ tags: { stays: { is: 'lie', why: BROKE } }, ignored })[0]?.verdict).toBe('broken')
  })
})

describe('a tag that came during the run', () => {
  test('is intact if it pulls', () => {
    expect(judged({ tags: { stays, came: other } })).toMatchObject([
      { tag: 'came', verdict: 'intact' },
      { tag: 'stays', verdict: 'intact' },
    ])
  })

  test('is not told if it does not resolve', () => {
    expect(judged({ tags: { stays, came: { is: 'unknown' } } })).toHaveLength(1)
  })
})

describe('a purged tag', () => {
  const names = (then: Then): string[] => judged(then).map(({ tag }) => tag)

  test.each<[string, Place | TagState]>([
    ['still points to its manifest', leak],
    ['is unknown', { is: 'unknown' }],
    ['cannot be read', { is: 'unreadable', why: BROKE }],
  ])('is no remaining one if it %s', (_what, state) => {
    expect(names({ tags: { leak: state, stays } })).toEqual(['stays'])
  })

  test('is no remaining one on a placeholder of this run', () => {
    expect(names({ tags: { leak: other, stays }, placeholders: [at(other)] })).toEqual(['stays'])
  })

  test('was moved by somebody if it points elsewhere', () => {
    expect(judged({ tags: { leak: other, stays } })[0]).toMatchObject({ tag: 'leak', verdict: 'moved' })
  })
})
