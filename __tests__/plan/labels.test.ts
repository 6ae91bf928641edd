import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/oci/digest.js'
import type { Tag } from '../../src/oci/tag.js'
import { fingerprint } from '../../src/plan/fingerprint.js'
import type { RepositoryPlan } from '../../src/plan/plan.js'
import type { Untagging } from '../../src/survey/facts.js'
import { at, derived, image, index, planOf, rulesOf, type Scene } from './pieces.js'

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
      tags: [{ tag: 'leak', digest: at(leak), root: at(leak) }],
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

  test.each<[string, Partial<Scene>, RegExp]>([
    ['is not there', { target: { tags: [{ tag: 'none' as Tag }] } }, /does not exist/],
    [
      'points elsewhere than was written beside it',
      { target: { tags: [{ tag: 'leak' as Tag, digest: at(other) }] } },
      /points at .* not at/,
    ],
    ['cannot be read', { tags: { leak: { is: 'unreadable', why: 'it broke' } } }, /cannot be worked with/],
    ['is not in the list', { facts: { untagging: possible, listed: ['other' as Tag] } }, /tag list lacks it/],
  ])('a label that %s refuses', (_, scene, said) => {
    expect(plan(scene).refusals).toEqual([expect.stringMatching(said)])
  })

  test('a label that is gone already, with its digest, needs no way', () => {
    const { tags, way, refusals } = plan({
      target: { tags: [{ tag: 'none' as Tag, digest: at(leak) }] },
      facts: { untagging: { is: 'impossible', deletion: { is: 'off', why: '405', readOnly: false } } },
    })
    expect([tags, way, refusals]).toMatchObject([[{ tag: 'none', root: at(leak) }], undefined, []])
  })

  test.each<[string, Untagging]>([
    ['off', { is: 'impossible', deletion: { is: 'off', why: '405', readOnly: false } }],
    ['unclear', { is: 'impossible', deletion: { is: 'unclear', why: '500' } }],
  ])('no way refuses: %s', (_, untagging) => {
    for (const dryRun of [true, false])
      expect(plan({ facts: { untagging }, rules: { scope: 'tag', dryRun } })).toMatchObject({
        refusals: [expect.stringContaining('removal of tags')],
      })
  })

  test('no permission refuses, and is only said in a dry run', () => {
    const facts = { untagging: { is: 'impossible', deletion: { is: 'denied', why: '403' } } } as const
    expect(plan({ facts }).refusals).toEqual([expect.stringContaining('No permission')])
    const dry = plan({ facts, rules: { scope: 'tag', dryRun: true } })
    expect([dry.refusals, dry.warnings]).toEqual([[], [expect.stringContaining('No permission')]])
  })

  test('a remaining tag that cannot be read refuses, or is passed over', () => {
    const tags = { dark: { is: 'unreadable', why: 'it broke' } } as const
    expect(plan({ tags }).refusals).toEqual([expect.stringContaining('dark stays, but cannot be read')])
    const { refusals, ignored } = plan({ tags, rules: { scope: 'tag', unreadableTags: 'ignore' } })
    expect([refusals, [...ignored]]).toEqual([[], ['dark']])
  })

  test('an alias, a shared child and deletion that is off for manifests matter to nobody', () => {
    const off = { is: 'off', why: '405', readOnly: false } as const
    const { refusals } = plan({
      facts: { untagging: possible, manifestDeletion: off, blobDeletion: off },
      rules: { scope: 'tag', sharedBlobs: 'fail' },
      target: { tags: [{ tag: 'leak' as Tag }, { tag: 'none' as Tag, digest: sha256('gone') }] },
    })
    expect(refusals).toEqual([])
  })
})
