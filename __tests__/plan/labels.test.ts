import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/oci/digest.js'
import type { Tag } from '../../src/oci/tag.js'
import { fingerprint } from '../../src/plan/fingerprint.js'
import type { RepositoryPlan } from '../../src/plan/plan.js'
import type { Untagging } from '../../src/survey/facts.js'
import {
  BROKE,
  about,
  at,
  derived,
  image,
  index,
  planOf,
  repository,
  rulesOf,
  type Found,
  type Scene,
} from './pieces.js'

const child = image('child')
const leak = index('leak', [child])
const other = index('other', [child])
const signature = image('signature', { of: leak })
const read = [child, leak, other, signature]
const possible: Untagging = { is: 'possible', way: 'gitlab' }

function plan({ tags = {}, rules = {}, facts = {}, ...more }: Partial<Scene> = {}): RepositoryPlan {
  return planOf({
    read,
    tags: { leak, same: leak, other, sbom: signature, [derived(leak, '.sig')]: signature, ...tags },
    rules: { scope: 'tag', ...rules },
    facts: { untagging: possible, ...facts },
    ...more,
  })
}

describe('where only labels go', () => {
  test('the named ones go and nothing else: no manifest, no blob, no other tag', () => {
    const { image, ...planned } = plan()
    expect(planned).toMatchObject({
      scope: 'tag',
      way: 'gitlab',
      tags: [{ tag: 'leak', digest: at(leak), root: at(leak), onlyLabel: { kind: 'scope-tag' } }],
      manifests: [],
      blobs: [],
      kept: [],
      refusals: [],
      warnings: [],
    })
    expect(planned.remaining.map(({ tag }) => tag)).toEqual(
      ['other', 'same', 'sbom', derived(leak, '.sig')].sort(),
    )
    expect(image.size).toBe(0)
  })

  test('the same tags give another fingerprint than where the images go', () => {
    const [labels, images] = (['tag', 'image'] as const).map((scope) => {
      const rules = rulesOf({ rules: { scope } })
      return fingerprint(rules, [{ ...plan(), scope }])
    })
    expect(labels).not.toBe(images)
  })

  test.each<[string, Partial<Scene>, Found]>([
    [
      'is not there',
      { target: { tags: [{ tag: 'none' as Tag }] } },
      { kind: 'tag-absent', tag: 'none', listed: expect.arrayContaining(['leak']) },
    ],
    [
      'points elsewhere than was written beside it',
      { target: { tags: [{ tag: 'leak' as Tag, digest: at(other) }] } },
      { kind: 'tag-elsewhere', tag: 'leak', digest: at(leak), written: at(other), scope: 'tag' },
    ],
    [
      'cannot be read',
      { tags: { leak: { is: 'unreadable', why: BROKE } } },
      { kind: 'tag-unreadable', tag: 'leak', why: BROKE },
    ],
    [
      'is not in the list',
      { facts: { untagging: possible, listed: ['other' as Tag] } },
      { kind: 'tag-unlisted', tag: 'leak' },
    ],
  ])('a label that %s refuses', (_, scene, problem) => {
    expect(plan(scene).refusals).toEqual(about(problem))
  })

  test('a label that is gone already, with its digest, needs no way', () => {
    const { tags, way, refusals } = plan({
      target: { tags: [{ tag: 'none' as Tag, digest: at(leak) }] },
      facts: { untagging: { is: 'impossible', deletion: { is: 'off', answered: '405', readOnly: false } } },
    })
    expect([tags, way, refusals]).toMatchObject([[{ tag: 'none', root: at(leak) }], undefined, []])
  })

  test.each<['off' | 'unclear', Untagging]>([
    ['off', { is: 'impossible', deletion: { is: 'off', answered: '405', readOnly: false } }],
    ['unclear', { is: 'impossible', deletion: { is: 'unclear', answered: '500', means: 'failed' } }],
  ])('no way refuses: %s', (is, untagging) => {
    for (const dryRun of [true, false])
      expect(plan({ facts: { untagging }, rules: { scope: 'tag', dryRun } })).toMatchObject({
        refusals: [{ kind: `deletion-${is}`, what: 'tags' }],
      })
  })

  test('no permission refuses, and is only said in a dry run', () => {
    const facts = { untagging: { is: 'impossible', deletion: { is: 'denied', answered: '403' } } } as const
    const denied = [{ kind: 'no-permission', repository, what: 'tags', answered: '403' }]
    expect(plan({ facts }).refusals).toEqual(denied)
    const dry = plan({ facts, rules: { scope: 'tag', dryRun: true } })
    expect([dry.refusals, dry.warnings]).toEqual([[], denied])
  })

  test('a remaining tag that cannot be read refuses, or is passed over', () => {
    const tags = { dark: { is: 'unreadable', why: BROKE } } as const
    const unreadable = { kind: 'remaining-tag-unreadable', tag: 'dark', why: BROKE } as const
    expect(plan({ tags }).refusals).toEqual(about({ ...unreadable, ignoring: 'possible' }))
    const passed = plan({ tags, rules: { scope: 'tag', unreadableTags: 'ignore' } })
    expect([passed.refusals, [...passed.ignored]]).toEqual([[], ['dark']])
    expect(passed.warnings).toEqual(about({ ...unreadable, ignoring: 'ignored' }))
  })

  test('an alias, a shared child and deletion that is off for manifests matter to nobody', () => {
    const off = { is: 'off', answered: '405', readOnly: false } as const
    const { refusals } = plan({
      facts: { untagging: possible, manifestDeletion: off, blobDeletion: off },
      rules: { scope: 'tag', sharedBlobs: 'fail' },
      target: { tags: [{ tag: 'leak' as Tag }, { tag: 'none' as Tag, digest: sha256('gone') }] },
    })
    expect(refusals).toEqual([])
  })
})
