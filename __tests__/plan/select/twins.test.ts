import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { sha256, type Digest } from '../../../src/oci/digest.js'
import type { Manifest } from '../../../src/oci/manifest.js'
import {
  about,
  at,
  blobsOf,
  derived,
  gist,
  IMAGE,
  image,
  index,
  manifest,
  odd,
  planOf,
  repository,
  sorted,
  twins,
} from '../pieces.js'

const sha512 = (text: string): Digest => `sha512:${createHash('sha512').update(text).digest('hex')}` as Digest

/** The same bytes as another manifest, under another digest. */
const twinOf = (one: Manifest): Manifest => ({ ...one, digest: sha512(one.digest) })

const known = twins(sha512('layer'), sha256('layer'))

const of = (name: string, layer: Digest, config: Digest = sha256(`config of ${name}`)): Manifest =>
  manifest(IMAGE, {
    config: { digest: config, mediaType: 'application/vnd.oci.image.config.v1+json' },
    layers: [{ digest: layer, mediaType: 'application/vnd.oci.image.layer.v1.tar', size: 3 }],
    annotations: { name },
  })

describe('content that is known by two digests', () => {
  test.each([
    ['sha512', sha512('layer'), sha256('layer')],
    ['sha256', sha256('layer'), sha512('layer')],
  ])('goes by both, where the image names it by %s', (_, named, twin) => {
    const leak = of('leak', named)
    const planned = planOf({ read: [leak], tags: { leak }, facts: { twins: known } })
    expect(gist(planned).goes).toEqual(sorted(at(leak), sha256('config of leak'), named, twin))
    expect(planned.blobs.find(({ digest }) => digest === twin)?.size).toBe(3)
  })

  test.each([
    ['sha512', sha512('layer'), sha256('layer')],
    ['sha256', sha256('layer'), sha512('layer')],
  ])('stays by both, where a remaining image needs it by %s', (_, needed, other) => {
    const [leak, keep] = [of('leak', other), of('keep', needed)]
    const { goes, kept } = gist(planOf({ read: [leak, keep], tags: { leak, keep }, facts: { twins: known } }))
    expect([goes, kept]).toEqual([sorted(at(leak), sha256('config of leak')), sorted(needed, other)])
  })

  test('stays by both, where a manifest of unknown kind writes one of them', () => {
    const leak = of('leak', sha512('layer'))
    const keep = odd('keep', [sha256('layer')])
    const { kept } = gist(planOf({ read: [leak, keep], tags: { leak, keep }, facts: { twins: known } }))
    expect(kept).toEqual(sorted(sha256('layer'), sha512('layer')))
  })

  test('goes by both, where it was named as a blob', () => {
    const { goes } = gist(
      planOf({
        read: [],
        tags: {},
        target: { tags: [], blobs: [sha512('layer')] },
        facts: { twins: known },
      }),
    )
    expect(goes).toEqual(sorted(sha512('layer'), sha256('layer')))
  })

  test('is not touched, where it is one of the well-known empty blobs', () => {
    const leak = of('leak', sha512('{}'))
    const facts = { twins: twins(sha512('{}'), sha256('{}')) }
    const { goes, kept } = gist(planOf({ read: [leak], tags: { leak }, facts }))
    expect([goes, kept]).toEqual([sorted(at(leak), sha256('config of leak')), []])
  })

  test('refuses as a config, where a remaining manifest has the same config by the other digest', () => {
    const [leak, other] = [
      of('leak', sha256('one'), sha512('config')),
      of('other', sha256('two'), sha256('config')),
    ]
    const facts = { twins: twins(sha512('config'), sha256('config')) }
    for (const tags of [
      { leak, other },
      { leak: other, other: leak },
    ])
      expect(planOf({ read: [leak, other], tags, facts }).refusals).toEqual(
        about({ kind: 'alias', tags: [{ tag: 'other', digest: at(tags.other) }] }),
      )
  })

  test('does not refuse as a config that is the well-known empty one', () => {
    const [leak, other] = [of('leak', sha256('one'), sha512('{}')), of('other', sha256('two'), sha512('{}'))]
    const facts = { twins: twins(sha512('{}'), sha256('{}')) }
    expect(planOf({ read: [leak, other], tags: { leak, other }, facts }).refusals).toEqual([])
  })

  test('refuses, where the other digest could not be found out', () => {
    const leak = of('leak', sha512('layer'))
    const digest = sha512('layer')
    const unclear = { kind: 'twin-unreadable', repository, digest, answered: '500' } as const
    const { refusals } = gist(planOf({ read: [leak], tags: { leak }, facts: { twinsUnclear: [unclear] } }))
    expect(refusals).toEqual([unclear])
  })
})

describe('a manifest that is known by two digests', () => {
  const leak = image('leak')
  const twin = twinOf(leak)
  const facts = { twins: twins(leak.digest, twin.digest) }

  test('goes by both, whichever was named', () => {
    for (const named of [leak, twin]) {
      const planned = planOf({ read: [leak, twin], tags: { leak: named }, facts })
      expect(gist(planned).goes).toEqual(sorted(at(leak), at(twin), blobsOf('leak')))
    }
  })

  test('takes along what belongs to either', () => {
    const [one, other, made] = [image('one', { of: leak }), image('other', { of: twin }), image('made')]
    const tag = derived(twin, '.sig')
    const { tags, goes } = gist(
      planOf({ read: [leak, twin, one, other, made], tags: { leak, [tag]: made }, facts }),
    )
    expect(tags).toEqual(['leak', tag])
    expect(goes).toEqual(
      sorted([leak, twin, one, other, made].map(at), ['leak', 'one', 'other', 'made'].flatMap(blobsOf)),
    )
  })

  test('stays by both as a child that a remaining index needs by one', () => {
    const [root, other] = [index('root', [twin]), index('other', [leak])]
    const { goes, kept } = gist(
      planOf({ read: [leak, twin, root, other], tags: { leak: root, other }, facts }),
    )
    expect([goes, kept]).toEqual([[at(root)], sorted(at(leak), at(twin), blobsOf('leak'))])
  })

  test('refuses, where a remaining tag points to the other one', () => {
    const { refusals } = gist(planOf({ read: [leak, twin], tags: { leak, other: twin }, facts }))
    expect(refusals).toContainEqual(
      expect.objectContaining({ kind: 'alias', tags: [{ tag: 'other', digest: at(twin) }] }),
    )
  })

  test('goes by both, although it refers by both to an image that stays', () => {
    const keep = image('keep')
    const named = image('named', { of: keep })
    const same = twinOf(named)
    for (const digest of [named, same].map(at)) {
      const { goes, refusals } = gist(
        planOf({
          read: [keep, named, same],
          tags: { keep },
          target: { tags: [], digests: [digest] },
          facts: { twins: twins(named.digest, same.digest) },
        }),
      )
      expect([goes, refusals]).toEqual([sorted(at(named), at(same), blobsOf('named')), []])
    }
  })
})
