import { describe, expect, test } from '@jest/globals'
import { bySha512, digestOf } from '../../testbed/images/content.js'
import { blobDigests, ociImage } from '../../testbed/images/image.js'
import { ociIndex, referrersTag } from '../../testbed/images/indexes.js'
import { ACCEPT_ALL } from '../../testbed/images/media-types.js'
import { schema1Image } from '../../testbed/images/schema1.js'
import { ask, type Reply } from './ask.js'
import { pushImage } from './push.js'
import type { MemoryOptions, MemoryRegistry } from './memory-registry.js'
import { useRegistries } from './registries.js'

const open = useRegistries()
const image = bySha512(ociImage('leak'))
const index = ociIndex([image])
const narrow = digestOf(image.bytes)

async function filled(options: MemoryOptions = {}): Promise<MemoryRegistry> {
  const registry = await open(options)
  pushImage(registry.store, 'app', image, 'leak')
  pushImage(registry.store, 'app', index, 'multi')
  return registry
}

const send = ({ url }: MemoryRegistry, method: string, path: string, body?: Buffer): Promise<Reply> =>
  ask(method, `${url}/v2/app/${path}`, {
    headers: { accept: ACCEPT_ALL, 'content-type': image.mediaType },
    ...(body === undefined ? {} : { body }),
  })

describe('a manifest', () => {
  test.each([{}, { sha512Manifests: 'own' }] as const)(
    'is served by its sha512, by its tag, and in an index; the sha256 of its bytes is unknown: %j',
    async (options) => {
      expect(image.digest).toMatch(/^sha512:[0-9a-f]{128}$/)
      expect(index.manifest['manifests']).toMatchObject([{ digest: image.digest }])
      const registry = await filled(options)
      for (const reference of ['leak', image.digest]) {
        const reply = await send(registry, 'GET', `manifests/${reference}`)
        expect([reply.status, reply.headers['docker-content-digest']]).toEqual([200, image.digest])
        expect(digestOf(reply.body, 'sha512')).toBe(image.digest)
      }
      expect((await send(registry, 'GET', `manifests/${narrow}`)).status).toBe(404)
      expect((await send(registry, 'DELETE', `manifests/${narrow}`)).status).toBe(404)
      expect(registry.store.parentsOf('app', image.digest)).toEqual([index.digest])
      expect((await send(registry, 'DELETE', `manifests/${image.digest}`)).status).toBe(202)
      expect(registry.store.tags('app')).toEqual(['multi'])
    },
  )

  test('twin: the sha256 of its bytes names it too, and deletes it', async () => {
    const registry = await filled({ sha512Manifests: 'twin' })
    const reply = await send(registry, 'GET', `manifests/${narrow}`)
    expect([reply.body, reply.headers['docker-content-digest']]).toEqual([image.bytes, image.digest])
    expect((await send(registry, 'DELETE', `manifests/${narrow}`)).status).toBe(202)
    expect((await send(registry, 'GET', `manifests/${image.digest}`)).status).toBe(404)
    expect(registry.store.tags('app')).toEqual(['multi'])
  })

  test('twin: no other manifest has a second name', async () => {
    const registry = await filled({ sha512Manifests: 'twin', schema1: true })
    const old = schema1Image('old')
    pushImage(registry.store, 'app', old, 'old')
    expect((await send(registry, 'GET', `manifests/${digestOf(old.bytes)}`)).status).toBe(404)
  })

  test('can be two manifests in one repository, of which each goes for itself', async () => {
    const registry = await filled({ sha512Manifests: 'twin' })
    registry.store.putManifest('app', image.mediaType, image.bytes, 'other')
    expect((await send(registry, 'DELETE', `manifests/${narrow}`)).status).toBe(202)
    expect(registry.store.tags('app')).toEqual(['leak', 'multi'])
  })

  test.each([
    [undefined, 400],
    ['own', 201],
    ['twin', 201],
  ] as const)('put by its sha512, with sha512Manifests %s: %d', async (sha512Manifests, status) => {
    const registry = await filled(sha512Manifests === undefined ? {} : { sha512Manifests })
    registry.store.deleteManifest('app', image.digest)
    const path = `manifests/${image.digest}`
    const reply = await send(registry, 'PUT', path, image.bytes)
    expect(reply.status).toBe(status)
    expect(reply.headers['docker-content-digest']).toBe(status === 201 ? image.digest : undefined)
    expect((await send(registry, 'GET', path)).status).toBe(status === 201 ? 200 : 404)
    expect((await send(registry, 'PUT', path, index.bytes)).code).toBe('DIGEST_INVALID')
  })

  test('its referrers have a tag that is no longer than a tag may be', () => {
    expect(referrersTag(image.digest)).toBe(`sha512-${image.digest.slice(7, 71)}`)
  })
})

describe('blobs', () => {
  const wide = ociImage('wide', { algorithm: 'sha512' })
  const [layer] = wide.layers as [(typeof wide.layers)[number]]
  const twin = digestOf(layer.bytes)

  async function pushed(): Promise<MemoryRegistry> {
    const registry = await open()
    pushImage(registry.store, 'app', wide, 'wide')
    return registry
  }

  test('are named by sha512 in the manifest, and told by their sha256', async () => {
    const registry = await pushed()
    expect(wide.digest).toMatch(/^sha256:/)
    expect(blobDigests(wide).map((digest) => digest.slice(0, 7))).toEqual(['sha512:', 'sha512:', 'sha512:'])
    expect(wide.manifest['config']).toMatchObject({ digest: wide.config?.digest })
    for (const digest of [layer.digest, twin]) {
      const reply = await send(registry, 'GET', `blobs/${digest}`)
      expect([reply.body, reply.headers['docker-content-digest']]).toEqual([layer.bytes, twin])
    }
    expect((await send(registry, 'PUT', 'manifests/again', wide.bytes)).status).toBe(201)
  })

  test.each([
    ['sha512', layer.digest, twin],
    ['sha256', twin, layer.digest],
  ])('deleting the %s link leaves the other one', async (_, gone, left) => {
    const registry = await pushed()
    expect((await send(registry, 'DELETE', `blobs/${gone}`)).status).toBe(202)
    expect((await send(registry, 'GET', `blobs/${gone}`)).status).toBe(404)
    expect((await send(registry, 'GET', `blobs/${left}`)).status).toBe(200)
  })

  test('bySha512 names a single one', () => {
    const mixed = ociImage('mixed', { layers: [bySha512(layer), 'plain'] })
    expect(mixed.layers.map(({ digest }) => digest.slice(0, 6))).toEqual(['sha512', 'sha256'])
    expect(mixed.config?.digest).toMatch(/^sha256:/)
  })
})
