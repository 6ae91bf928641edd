import { describe, expect, test } from '@jest/globals'
import { EMPTY_BLOBS, sha256, type Digest } from '../../src/oci/digest.js'
import { parseManifest, type Manifest } from '../../src/oci/manifest.js'
import type { Repository } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import { planRepository } from '../../src/plan/decide.js'
import type { RepositoryPlan } from '../../src/plan/plan.js'
import type { Target } from '../../src/survey/facts.js'

const IMAGE = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar'
const repository = 'acme/app' as Repository
const leak = 'leak' as Tag

function manifest(type: string, json: object): Manifest {
  const parsed = parseManifest(Buffer.from(JSON.stringify(json)), type)
  if ('unusable' in parsed) throw new Error(parsed.unusable)
  return parsed
}

/** Plans the purge of `leak` from a repository that has no other tag. */
function plan(root: Manifest, named: Partial<Target> = {}): RepositoryPlan {
  return planRepository(
    {
      target: { repository, tags: [{ tag: leak }], digests: [], blobs: [], ...named },
      survey: {
        repository,
        listed: [leak],
        tags: new Map([[leak, { is: 'resolved', digest: root.digest }]]),
        manifests: new Map([[root.digest, root]]),
        missing: new Map(
          [...root.children.map(({ digest }) => digest), ...(named.digests ?? [])].map((digest) => [
            digest,
            { is: 'missing' },
          ]),
        ),
        referrers: new Map(),
        referrersUnclear: [],
        manifestDeletion: { is: 'on' },
        blobDeletion: { is: 'on' },
      },
    },
    { registry: 'https://registry.example.com', sharedBlobs: 'keep', protectedTags: [], dryRun: false },
  )
}

const mentioned = ({ manifests, blobs, kept }: RepositoryPlan): Digest[] =>
  [...manifests, ...blobs, ...kept].map(({ digest }) => digest)

const image = (...layers: string[]): Manifest =>
  manifest(IMAGE, {
    config: { digest: sha256('config'), mediaType: 'application/vnd.oci.image.config.v1+json' },
    layers: layers.map((digest) => ({ digest, mediaType: LAYER })),
  })

describe('the well-known empty blobs', () => {
  const empties = [...EMPTY_BLOBS] as Digest[]

  test.each(empties)('are in no plan as a layer: %s', (empty) => {
    expect(mentioned(plan(image(empty, sha256('layer'))))).not.toContain(empty)
  })

  test.each(empties)('are in no plan as what an index takes for a child: %s', (empty) => {
    const index = manifest(INDEX, { manifests: [{ digest: empty, mediaType: IMAGE }] })
    expect(mentioned(plan(index))).not.toContain(empty)
  })

  test.each(empties)('are in no plan that is carried out as what was named as a manifest: %s', (empty) => {
    const planned = plan(image(), { digests: [empty], blobs: [sha256('lone')] })
    expect(planned.refusals.length > 0 || !mentioned(planned).includes(empty)).toBe(true)
  })
})

describe('a plan', () => {
  test('says of each digest what is known of it', () => {
    const root = manifest(INDEX, { manifests: [{ digest: sha256('child'), mediaType: IMAGE, size: 12 }] })
    expect(plan(root).manifests).toEqual([
      { digest: root.digest, mediaType: INDEX, size: root.size, level: 0, named: true, gone: false },
      { digest: sha256('child'), mediaType: IMAGE, size: 12, level: 1, named: false, gone: true },
    ])
  })

  test('counts a digest once that is listed several times', () => {
    const layer = sha256('layer')
    expect(plan(image(layer, layer, layer)).blobs.map(({ digest }) => digest)).toEqual(
      [layer, sha256('config')].sort(),
    )
  })

  test('takes what did not come as a manifest, and is a blob of the image, for a blob', () => {
    const both = sha256('both')
    const root = image(both)
    const { manifests, blobs } = plan(root, { digests: [both] })
    expect(manifests.map(({ digest }) => digest)).toEqual([root.digest])
    expect(blobs.map(({ digest }) => digest)).toContain(both)
  })
})
