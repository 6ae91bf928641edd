import { describe, expect, test } from '@jest/globals'
import { sha256, type Digest } from '../../../src/oci/digest.js'
import type { Manifest } from '../../../src/oci/manifest.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { TagState, Target } from '../../../src/survey/facts.js'
import { Reader } from '../../../src/survey/read/reader.js'
import { purgedBlobs, readTwins, rootsOf } from '../../../src/survey/read/twins.js'
import { response } from '../../registry/wire.js'
import { blobsOf, derived, image, index, IMAGE, manifest } from '../../plan/pieces.js'
import { registryOf, REPO } from '../wire.js'

const target = (more: Partial<Target>): Target => ({
  repository: REPO,
  tags: [],
  digests: [],
  blobs: [],
  ...more,
})
const long = (letter: string): Digest => `sha512:${letter.repeat(128)}` as Digest

describe('the blobs of what was named', () => {
  const [one, two, signature] = [image('one'), image('two'), image('signature')]
  const both = index('both', [one, two])
  const graph = {
    manifests: new Map([one, two, signature, both].map((each) => [each.digest, each])),
    referrers: new Map<Digest, Digest[]>(),
    twins: new Map<Digest, Digest[]>(),
  }
  const tags = new Map<Tag, TagState>([
    ['v1' as Tag, { is: 'resolved', digest: both.digest }],
    ['other' as Tag, { is: 'resolved', digest: signature.digest }],
  ])

  test('are those of all images below it, and blobs that were named', () => {
    const named = target({ tags: [{ tag: 'v1' as Tag }], blobs: [sha256('named')] })
    expect(purgedBlobs(named, tags, graph)).toEqual(
      new Set([sha256('named'), ...blobsOf('one'), ...blobsOf('two')]),
    )
  })

  test.each([
    ['by reference', { ...graph, referrers: new Map([[one.digest, [signature.digest]]]) }, tags],
    ['under another digest', { ...graph, twins: new Map([[one.digest, [signature.digest]]]) }, tags],
    [
      "by a tag's name",
      graph,
      new Map<Tag, TagState>([[derived(one, '.sig') as Tag, { is: 'resolved', digest: signature.digest }]]),
    ],
  ])('are also those of what is attached: %s', (_, known, read) => {
    const blobs = purgedBlobs(target({ digests: [one.digest] }), read, known)
    expect(blobs).toEqual(new Set([...blobsOf('one'), ...blobsOf('signature')]))
  })
})

test('roots are digests that were named, alone or beside a tag, each once', () => {
  const [one, two] = [sha256('one'), sha256('two')]
  const tags = [{ tag: 'a' as Tag, digest: two }, { tag: 'b' as Tag }, { tag: 'c' as Tag, digest: one }]
  expect(rootsOf(target({ digests: [one], tags }))).toEqual([one, two])
})

test('blobs by sha512 are read if they are purged, or as long as one that is', async () => {
  const layered = (...layers: readonly { readonly digest: Digest; readonly size: number }[]): Manifest =>
    manifest(IMAGE, {
      config: { digest: sha256('config'), mediaType: 'application/vnd.oci.image.config.v1+json', size: 2 },
      layers: layers.map((each) => ({ ...each, mediaType: 'application/vnd.oci.image.layer.v1.tar' })),
    })
  const { tools, asked } = registryOf(() => response(404))
  const reader = new Reader(tools, REPO, { referrers: false })
  const all = [
    layered({ digest: long('a'), size: 5 }),
    layered({ digest: long('b'), size: 5 }),
    layered({ digest: long('c'), size: 6 }),
  ]
  for (const each of all) reader.manifests.set(each.digest, each)
  expect(await readTwins(reader, new Set([long('a'), sha256('config')]))).toEqual([])
  expect(asked).toEqual(['a', 'b'].map((letter) => `/v2/${REPO}/blobs/${long(letter)}`))
})
