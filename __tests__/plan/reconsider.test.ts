import { describe, expect, test } from '@jest/globals'
import { sha256, type Digest } from '../../src/oci/digest.js'
import { parseManifest, type Manifest } from '../../src/oci/manifest.js'
import type { Repository } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import { compileTagGlob } from '../../src/oci/glob.js'
import { planRepository } from '../../src/plan/decide.js'
import type { RepositoryPlan } from '../../src/plan/plan.js'
import { reconsider } from '../../src/plan/reconsider.js'
import type { Facts, TagState } from '../../src/survey/facts.js'

const IMAGE = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const repository = 'acme/app' as Repository

function manifest(type: string, json: object): Manifest {
  const parsed = parseManifest(Buffer.from(JSON.stringify(json)), type)
  if ('unusable' in parsed) throw new Error(parsed.unusable)
  return parsed
}

const image = (name: string, ...layers: string[]): Manifest =>
  manifest(IMAGE, {
    config: { digest: sha256(`config of ${name}`), mediaType: 'application/vnd.oci.image.config.v1+json' },
    layers: layers.map((each) => ({
      digest: sha256(each),
      mediaType: 'application/vnd.oci.image.layer.v1.tar',
    })),
  })

const index = (name: string, ...children: Manifest[]): Manifest =>
  manifest(INDEX, {
    manifests: children.map(({ digest }) => ({ digest, mediaType: IMAGE })),
    annotations: { name },
  })

const child = image('child', 'layer of child')
const other = image('other', 'layer of other')
const leak = index('leak', child, other)
const multi = index('multi', child)
const base = image('base', 'layer of base')
const manifests = new Map([child, other, leak, multi, base].map((each) => [each.digest, each]))

function facts(tags: Readonly<Record<string, Digest | TagState>>, more: Partial<Facts> = {}): Facts {
  const states = Object.entries(tags).map(([tag, at]): [Tag, TagState] => [
    tag as Tag,
    typeof at === 'string' ? { is: 'resolved', digest: at } : at,
  ])
  return {
    repository,
    listed: states.map(([tag]) => tag),
    tags: new Map(states),
    manifests,
    missing: new Map(),
    referrers: new Map(),
    referrersUnclear: [],
    ...more,
  }
}

const before = { leak: leak.digest, multi: multi.digest, base: base.digest }

function planned(): RepositoryPlan {
  const guard = compileTagGlob('base')
  const plan = planRepository(
    {
      target: { repository, tags: [{ tag: 'leak' as Tag }], digests: [], blobs: [] },
      survey: { ...facts(before), manifestDeletion: { is: 'on' }, blobDeletion: { is: 'on' } },
    },
    {
      registry: 'https://registry.example.com',
      sharedBlobs: 'keep',
      protectedTags: typeof guard === 'string' ? [] : [guard],
      dryRun: false,
    },
  )
  if (plan.refusals.length > 0) throw new Error(plan.refusals.join('\n'))
  return plan
}

const after = (
  tags: Readonly<Record<string, Digest | TagState>>,
  more: Partial<Facts> = {},
): ReturnType<typeof reconsider> => reconsider(planned(), facts(tags, more))

const digests = (list: readonly { digest: Digest }[]): Digest[] => list.map(({ digest }) => digest).sort()

describe('a look at the tags in the middle of a purge', () => {
  test('changes nothing while nothing has changed, whether the named tag is gone yet or not', () => {
    const nothing = { left: new Map(), released: [], moved: [], revived: [], unsure: [] }
    expect(after(before)).toEqual(nothing)
    expect(after({ ...before, leak: { is: 'unknown' } })).toEqual(nothing)
  })

  test('leaves what a new tag needs, and names that tag', () => {
    const { left, moved, unsure } = after({ ...before, fresh: other.digest })
    expect(new Map(left)).toEqual(
      new Map(
        [other.digest, sha256('config of other'), sha256('layer of other')].map((each) => [each, ['fresh']]),
      ),
    )
    expect([moved, unsure]).toEqual([[], []])
  })

  test('leaves what a moved tag needs', () => {
    expect([...after({ ...before, base: other.digest }).left.keys()]).toContain(other.digest)
  })

  test('takes a named tag that points elsewhere for somebody’s new push', () => {
    const { left, moved } = after({ ...before, leak: other.digest })
    expect(moved).toEqual([{ tag: 'leak', digest: other.digest }])
    expect(left.get(other.digest)).toEqual(['leak'])
  })

  test('releases what was kept for a tag that is gone now', () => {
    const { released } = after({ leak: leak.digest, base: base.digest })
    expect(digests(released)).toEqual(
      [child.digest, sha256('config of child'), sha256('layer of child')].sort(),
    )
  })

  test.each(['', '.sig', '.att', '.sbom'])(
    'does not release a manifest to which a tag belongs by its name: sha256-<hex>%s',
    (ending) => {
      const tag = `${child.digest.replace(':', '-')}${ending}`
      const { released } = after({ leak: leak.digest, base: base.digest, [tag]: base.digest })
      expect(digests(released)).not.toContain(child.digest)
    },
  )

  test('does not release a manifest that has referrers: they are not purged with it yet', () => {
    const signature = manifest(IMAGE, {
      config: { digest: sha256('{}'), mediaType: 'application/vnd.oci.empty.v1+json' },
      layers: [],
      subject: { digest: child.digest, mediaType: IMAGE },
    })
    const { released, unsure } = after(
      { leak: leak.digest, base: base.digest },
      {
        manifests: new Map([...manifests, [signature.digest, signature]]),
        referrers: new Map([[child.digest, [signature.digest]]]),
      },
    )
    expect(unsure.length > 0 || !digests(released).includes(child.digest)).toBe(true)
  })

  test('says which tag without a manifest came back', () => {
    const plan = planned()
    const dangling = { ...plan, remaining: [...plan.remaining, { tag: 'ghost' as Tag, protected: false }] }
    expect(reconsider(dangling, facts({ ...before, ghost: base.digest })).revived).toEqual(['ghost'])
  })

  test.each<[string, Record<string, Digest | TagState>, Partial<Facts>]>([
    ['a tag cannot be read', { ...before, multi: { is: 'unreadable', why: 'it broke' } }, {}],
    ['the answer for a tag is a lie', { ...before, multi: { is: 'lie', why: 'other bytes' } }, {}],
    ['the named tag cannot be read', { ...before, leak: { is: 'unreadable', why: 'it broke' } }, {}],
    ['a protected tag is gone', { ...before, base: { is: 'unknown' } }, {}],
    ['a child of a tag is missing', before, { missing: new Map([[child.digest, { is: 'missing' }]]) }],
    ['a child of a tag is a lie', before, { missing: new Map([[child.digest, { is: 'lie', why: 'x' }]]) }],
    ['referrers cannot be listed', before, { referrersUnclear: ['it was answered with 500'] }],
  ])('is unsure where %s', (_, tags, more) => {
    expect(after(tags, more).unsure).not.toEqual([])
  })

  test('is not unsure of what no tag needs', () => {
    expect(
      after(before, { missing: new Map([[sha256('x'), { is: 'unreadable', why: 'x' }]]) }).unsure,
    ).toEqual([])
    expect(after({ ...before, multi: { is: 'unknown' } }).unsure).toEqual([])
  })
})
