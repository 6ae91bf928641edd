import { describe, expect, test } from '@jest/globals'
import { sha256, type Digest } from '../../src/oci/digest.js'
import { reach, type Graph } from '../../src/oci/graph.js'
import { parseManifest, type Manifest } from '../../src/oci/manifest.js'

const IMAGE = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar'

const blob = (name: string): Digest => sha256(name)

function manifest(json: object, type: string): Manifest {
  const parsed = parseManifest(Buffer.from(JSON.stringify(json)), type)
  if ('unusable' in parsed) throw new Error(parsed.unusable.is)
  return parsed
}

const image = (name: string, subject?: Digest): Manifest =>
  manifest(
    {
      config: { digest: blob(`config of ${name}`), mediaType: 'application/vnd.oci.image.config.v1+json' },
      layers: [{ digest: blob(`layer of ${name}`), mediaType: LAYER }],
      ...(subject !== undefined && { subject: { digest: subject, mediaType: IMAGE } }),
    },
    IMAGE,
  )

const index = (...digests: Digest[]): Manifest =>
  manifest({ manifests: digests.map((digest) => ({ digest, mediaType: IMAGE })) }, INDEX)

const odd = (...digests: Digest[]): Manifest => manifest({ digests }, 'application/vnd.example.odd')

function graph(...manifests: Manifest[]): Graph {
  const referrers = new Map<Digest, Digest[]>()
  for (const { digest, subject } of manifests)
    if (subject !== undefined) referrers.set(subject, [...(referrers.get(subject) ?? []), digest])
  return { manifests: new Map(manifests.map((each) => [each.digest, each])), referrers, twins: new Map() }
}

describe('what hangs on a manifest', () => {
  const one = image('one')
  const two = image('two')
  const inner = index(two.digest)
  const outer = index(one.digest, inner.digest)

  test('is its children at any depth, and all their blobs', () => {
    const { manifests, blobs } = reach([outer.digest], graph(one, two, inner, outer), false)
    expect([...manifests]).toEqual([outer.digest, one.digest, inner.digest, two.digest])
    expect(blobs).toEqual(
      new Set(['config of one', 'layer of one', 'config of two', 'layer of two'].map(blob)),
    )
  })

  test('is a child, too, that was never read', () => {
    const { manifests, blobs } = reach([outer.digest], graph(outer), false)
    expect(manifests).toEqual(new Set([outer.digest, one.digest, inner.digest]))
    expect(blobs.size).toBe(0)
  })

  test('is what refers to it, and what refers to that, if this is asked for', () => {
    const sbom = image('sbom', one.digest)
    const signature = image('signature', sbom.digest)
    const all = graph(one, sbom, signature)
    expect([...reach([one.digest], all, true).manifests]).toEqual([one.digest, sbom.digest, signature.digest])
    expect([...reach([one.digest], all, false).manifests]).toEqual([one.digest])
  })

  test('is every digest that is written in an unknown kind, manifests with all that they need', () => {
    const unknown = odd(inner.digest, blob('something'))
    const { manifests, blobs } = reach([unknown.digest], graph(unknown, inner, two), false)
    expect(manifests).toEqual(new Set([unknown.digest, inner.digest, two.digest]))
    expect(blobs).toEqual(new Set(['something', 'config of two', 'layer of two'].map(blob)))
  })

  test('is what refers to a digest that is written in an unknown kind, although that was never read', () => {
    const unread = blob('a manifest that no tag leads to')
    const unknown = odd(unread)
    const signature = image('signature', unread)
    expect([...reach([unknown.digest], graph(unknown, signature), true).manifests]).toContain(
      signature.digest,
    )
  })

  describe('where content is known by two digests', () => {
    const same = { ...one, digest: blob('the twin of one') }
    const both = (first: Digest, second: Digest): Graph['twins'] =>
      new Map([
        [first, [second]],
        [second, [first]],
      ])

    test('is a manifest by both, with what refers to either', () => {
      const [here, there] = [image('here', one.digest), image('there', same.digest)]
      const all = { ...graph(one, same, here, there), twins: both(one.digest, same.digest) }
      for (const root of [one, same])
        expect(reach([root.digest], all, true).manifests).toEqual(
          new Set([one, same, here, there].map(({ digest }) => digest)),
        )
    })

    test('is a blob by both, also one that is written in an unknown kind', () => {
      const layer = blob('layer of one')
      const twin = blob('the twin of a layer')
      const unknown = odd(layer)
      const all = { ...graph(one, unknown), twins: both(layer, twin) }
      expect(reach([one.digest], all, false).blobs).toEqual(new Set([blob('config of one'), layer, twin]))
      expect(reach([unknown.digest], all, false).blobs).toEqual(new Set([layer, twin]))
    })
  })
})
