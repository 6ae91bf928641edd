import { describe, expect, test } from '@jest/globals'
import { EMPTY_BLOBS, sha256, type Digest } from '../../../src/oci/digest.js'
import type { Manifest } from '../../../src/oci/manifest.js'
import type { RepositoryPlan } from '../../../src/plan/plan.js'
import type { Target } from '../../../src/survey/facts.js'
import { at, IMAGE, index, INDEX, manifest, planOf, repository } from '../pieces.js'

const LAYER = 'application/vnd.oci.image.layer.v1.tar'

/** Plans the purge of `leak` from a repository that has no other tag. */
function plan(root: Manifest, target: Partial<Target> = {}): RepositoryPlan {
  const unread = [...root.children.map(({ digest }) => digest), ...(target.digests ?? [])]
  return planOf({
    read: [root],
    tags: { leak: root },
    target,
    facts: { missing: new Map(unread.map((digest) => [digest, { is: 'missing' }])) },
  })
}

const mentioned = ({ manifests, blobs, kept }: RepositoryPlan): Digest[] =>
  [...manifests, ...blobs, ...kept].map(({ digest }) => digest)

const image = (...layers: (string | object)[]): Manifest =>
  manifest(IMAGE, {
    config: { digest: sha256('config'), mediaType: 'application/vnd.oci.image.config.v1+json' },
    layers: layers.map((each) =>
      typeof each === 'string' ? { digest: each, mediaType: LAYER } : { mediaType: LAYER, ...each },
    ),
  })

describe('the well-known empty blobs', () => {
  const empties = [...EMPTY_BLOBS] as Digest[]

  test.each(empties)('are in no plan as a layer: %s', (empty) => {
    expect(mentioned(plan(image(empty, sha256('layer'))))).not.toContain(empty)
  })

  test.each(empties)('are in no plan as what an index takes for a child: %s', (empty) => {
    expect(mentioned(plan(index('index', [empty])))).not.toContain(empty)
  })

  test.each(empties)('are in no plan that is carried out as what was named as a manifest: %s', (empty) => {
    const planned = plan(image(), { digests: [empty], blobs: [sha256('lone')] })
    expect(planned.refusals.length > 0 || !mentioned(planned).includes(empty)).toBe(true)
  })
})

describe('a plan', () => {
  test('says of each digest what is known of it', () => {
    const root = manifest(INDEX, { manifests: [{ digest: sha256('child'), mediaType: IMAGE, size: 12 }] })
    const plain = { foreign: false }
    expect(plan(root).manifests).toEqual([
      { digest: at(root), mediaType: INDEX, size: root.size, level: 0, named: true, gone: false, ...plain },
      { digest: sha256('child'), mediaType: IMAGE, size: 12, level: 1, named: false, gone: true, ...plain },
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
    expect(manifests.map(({ digest }) => digest)).toEqual([at(root)])
    expect(blobs.map(({ digest }) => digest)).toContain(both)
  })

  test('says of a layer that lies in other places, too, that those are out of reach', () => {
    const [here, there] = [sha256('here'), sha256('there')]
    const { blobs, warnings } = plan(image(here, { digest: there, urls: ['https://elsewhere.example/x'] }))
    expect(blobs.filter(({ foreign }) => foreign).map(({ digest }) => digest)).toEqual([there])
    expect(warnings).toEqual([{ kind: 'content-elsewhere', repository, digest: there }])
  })

  test.each([
    [{}, { mediaType: `${LAYER}+gzip`, urls: ['https://elsewhere.example/x'] }],
    [{ mediaType: `${LAYER}+gzip` }, { urls: ['https://elsewhere.example/x'] }],
  ])(
    'says the same of content that two manifests describe differently, whichever was read first',
    (here, there) => {
      const digest = sha256('layer')
      const one = image({ digest, size: 5, ...here })
      const other = image({ digest, size: 5, ...there })
      const described = (...children: Manifest[]): unknown => {
        const root = index('index', children)
        const { blobs } = planOf({ read: [...children, root], tags: { leak: root } })
        return blobs.find((blob) => blob.digest === digest)
      }
      expect(described(one, other)).toEqual(described(other, one))
      expect(described(one, other)).toMatchObject({ size: 5, foreign: true })
    },
  )
})
