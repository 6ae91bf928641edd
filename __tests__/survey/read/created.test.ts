import { describe, expect, test } from '@jest/globals'
import { sha256, type Digest } from '../../../src/oci/digest.js'
import type { Manifest } from '../../../src/oci/manifest.js'
import type { Facts } from '../../../src/survey/facts.js'
import { readCreated } from '../../../src/survey/read/created.js'
import { response } from '../../registry/wire.js'
import { at, IMAGE, index, manifest } from '../../plan/pieces.js'
import { registryOf, REPO } from '../wire.js'

const DAY = Date.UTC(2026, 0, 1)

/** An image with a config, and the text of that. */
const imageOf = (name: string, config: string): { image: Manifest; config: string } => ({
  config,
  image: manifest(IMAGE, {
    config: { digest: sha256(config), mediaType: 'application/vnd.oci.image.config.v1+json' },
    layers: [],
    annotations: { name },
  }),
})

/** Reads the date of one root among manifests, from a registry that serves configs. */
async function createdOf(root: Digest, read: readonly Manifest[], configs: readonly string[]) {
  const { tools, asked } = registryOf((path) => {
    const config = configs.find((text) => path.endsWith(sha256(text)))
    return config === undefined ? response(404) : response(200, {}, config)
  })
  const manifests = new Map(read.map((each) => [each.digest, each]))
  const facts = { repository: REPO, manifests, missing: new Map() } as unknown as Facts
  return { created: (await readCreated(tools, new Set([root]), facts)).get(root), asked }
}

const dated = (day: number): string => JSON.stringify({ created: new Date(DAY + day * 86_400_000), n: day })

describe('the date of an image', () => {
  test('is that of its config', async () => {
    const { image, config } = imageOf('one', dated(1))
    const { created, asked } = await createdOf(image.digest, [image], [config])
    expect(created).toEqual({ is: 'known', at: DAY + 86_400_000 })
    expect(asked).toEqual([`/v2/${REPO}/blobs/${sha256(config)}`])
  })

  test.each([
    ['has no date', '{"os":"linux"}', 'no-date'],
    ['has none', '{"created":null}', 'no-date'],
    ['has two', '{"created":"2026-01-01T00:00:00Z","Created":"2025-01-01T00:00:00Z"}', 'malformed'],
    ['has another', '{"created":"yesterday"}', 'malformed'],
    ['is no JSON', '{', 'malformed'],
    ['is a list', '[]', 'malformed'],
  ])('is unknown if its config %s: %s', async (_, config, is) => {
    const { image } = imageOf('one', config)
    const { created } = await createdOf(image.digest, [image], [config])
    expect(created).toMatchObject({ is: 'unknown', why: { is } })
  })

  test('is unknown if its config does not come, or comes with other bytes', async () => {
    const { image, config } = imageOf('one', dated(1))
    expect((await createdOf(image.digest, [image], [])).created).toMatchObject({
      why: { is: 'missing-config', config: sha256(config), answered: '404' },
    })
    const { tools } = registryOf(() => response(200, {}, dated(2)))
    const manifests = new Map([[image.digest, image]])
    const facts = { repository: REPO, manifests, missing: new Map() } as unknown as Facts
    expect([...(await readCreated(tools, new Set([image.digest]), facts)).values()]).toMatchObject([
      { why: { is: 'other-bytes', config: sha256(config) } },
    ])
  })

  test('of an index is that of its newest image, as far as all of them are known', async () => {
    const [one, two, three] = [imageOf('one', dated(1)), imageOf('two', dated(5)), imageOf('three', '{}')]
    const all = index('all', [one.image, two.image, three.image])
    const read = [all, one.image, two.image, three.image]
    const configs = [one.config, two.config, three.config]
    expect((await createdOf(all.digest, read, configs)).created).toEqual({
      is: 'known',
      at: DAY + 5 * 86_400_000,
    })
    const { created } = await createdOf(all.digest, [all, one.image, three.image], configs)
    expect(created).toEqual({
      is: 'unknown',
      why: { is: 'unread-manifest', digest: at(two.image) },
    })
  })
})
