import { describe, expect, test } from '@jest/globals'
import { digestOf, EMPTY_LAYER } from '../../testbed/images/content.js'
import { blobDigests, dockerImage } from '../../testbed/images/image.js'
import { payloadOf } from '../../testbed/images/jws.js'
import { ACCEPT_ALL, DOCKER_MANIFEST, SCHEMA_1, SCHEMA_1_UNSIGNED } from '../../testbed/images/media-types.js'
import { schema1Image } from '../../testbed/images/schema1.js'
import { ask, type Reply } from './ask.js'
import { pushImage } from './push.js'
import { MemoryStore, type MemoryOptions, type MemoryRegistry } from './memory-registry.js'
import { useRegistries } from './registries.js'

const open = useRegistries()
const old = schema1Image('old', { layers: ['a', EMPTY_LAYER, 'b'], name: 'app', tag: 'v1', secret: 'hush' })
const unsigned = schema1Image('plain', { signed: false })

async function filled(options: MemoryOptions): Promise<MemoryRegistry> {
  const registry = await open(options)
  pushImage(registry.store, 'app', old, 'old')
  pushImage(registry.store, 'app', unsigned, 'plain')
  return registry
}

const get = ({ url }: MemoryRegistry, reference: string, accept?: string): Promise<Reply> =>
  ask('GET', `${url}/v2/app/manifests/${reference}`, { headers: accept === undefined ? {} : { accept } })
const put = ({ url }: MemoryRegistry, reference: string, body: Buffer, type = SCHEMA_1): Promise<Reply> =>
  ask('PUT', `${url}/v2/app/manifests/${reference}`, { headers: { 'content-type': type }, body })
/** How libtrust gets the payload back, written out here on its own. */
function rebuilt(body: Buffer): Buffer {
  const { signatures } = JSON.parse(body.toString()) as { signatures: { protected: string }[] }
  const told = JSON.parse(Buffer.from(signatures[0]?.protected ?? '', 'base64url').toString()) as {
    formatLength: number
    formatTail: string
  }
  return Buffer.concat([body.subarray(0, told.formatLength), Buffer.from(told.formatTail, 'base64url')])
}

describe('the builder', () => {
  test('a signed one is known by the hash of its payload', () => {
    expect(old.mediaType).toBe(SCHEMA_1)
    expect(old.digest).toBe(digestOf(rebuilt(old.bytes)))
    expect(old.digest).not.toBe(digestOf(old.bytes))
    expect(payloadOf(old.bytes)).toEqual(rebuilt(old.bytes))
    expect(old.bytes).toEqual(
      schema1Image('old', { layers: ['a', EMPTY_LAYER, 'b'], tag: 'v1', secret: 'hush' }).bytes,
    )
    const { signatures, ...payload } = old.manifest
    expect(rebuilt(old.bytes).toString()).toBe(JSON.stringify(payload, undefined, 3))
    expect(signatures).toEqual([
      {
        header: { alg: 'ES256', jwk: expect.anything() },
        signature: expect.any(String),
        protected: expect.any(String),
      },
    ])
    expect(payload).toMatchObject({
      schemaVersion: 1,
      name: 'app',
      tag: 'v1',
      fsLayers: old.layers.toReversed().map(({ digest }) => ({ blobSum: digest })),
    })
    expect(JSON.stringify(payload['history'])).toContain('SECRET=hush')
    expect(EMPTY_LAYER.digest).toMatch(/^sha256:a3ed95ca/)
  })

  test('letters of more than one byte do not shift its payload', () => {
    const wide = schema1Image('größe', { secret: 'Ü€' })
    expect(digestOf(rebuilt(wide.bytes))).toBe(wide.digest)
  })

  test('an unsigned one is plain JSON', () => {
    expect([unsigned.mediaType, unsigned.digest]).toEqual([SCHEMA_1_UNSIGNED, digestOf(unsigned.bytes)])
    expect(payloadOf(unsigned.bytes)).toBeUndefined()
  })

  test('a push brings its layers along, which it then refers to', () => {
    const store = new MemoryStore()
    expect(pushImage(store, 'app', old, 'old')).toBe(old.digest)
    expect(store.resolve('app', 'old')).toBe(old.digest)
    expect(blobDigests(old)).toHaveLength(3)
    for (const digest of blobDigests(old)) {
      expect([store.hasBlob('app', digest), store.isReferenced('app', digest)]).toEqual([true, true])
    }
  })
})

test.each([undefined, '*/*', ACCEPT_ALL, DOCKER_MANIFEST, SCHEMA_1])(
  '2.8 serves a stored one for %j, signed anew each time',
  async (accept) => {
    const registry = await filled({ dialect: '2.8' })
    const replies = [await get(registry, 'old', accept), await get(registry, old.digest, accept)]
    for (const { status, headers, body } of replies) {
      expect([status, headers['content-type'], headers['docker-content-digest']]).toEqual([
        200,
        SCHEMA_1,
        old.digest,
      ])
      expect(digestOf(rebuilt(body))).toBe(old.digest)
    }
    expect(replies[0]?.body).not.toEqual(replies[1]?.body)
    const head = await ask('HEAD', `${registry.url}/v2/app/manifests/old`)
    expect(head.headers['content-length']).toBe(String(replies[0]?.body.length))
    expect((await get(registry, digestOf(old.bytes))).status).toBe(404)
    const plain = await get(registry, 'plain', accept)
    expect([plain.headers['content-type'], plain.body]).toEqual([SCHEMA_1_UNSIGNED, unsigned.bytes])
  },
)

test('3.x cannot read what 2.8 stored, but deletes it; other registries serve it', async () => {
  const registry = await filled({})
  for (const reference of ['old', old.digest, 'plain', unsigned.digest]) {
    const reply = await get(registry, reference, `${ACCEPT_ALL}, ${SCHEMA_1}`)
    expect([reply.status, reply.code]).toEqual([500, 'UNKNOWN'])
    expect(reply.text).toContain('unrecognized manifest schema version 1')
  }
  registry.options.schema1 = true
  for (const reference of ['old', old.digest])
    expect((await get(registry, reference)).body).toEqual(old.bytes)
  registry.options.schema1 = false
  const remove = async (reference: string): Promise<number> =>
    (await ask('DELETE', `${registry.url}/v2/app/manifests/${reference}`)).status
  expect([await remove('old'), await remove(old.digest), await remove(old.digest)]).toEqual([202, 202, 404])
  expect((await get(registry, old.digest)).status).toBe(404)
})

test('a push of one is named by its payload, where it is taken', async () => {
  const registry = await filled({ dialect: '2.8' })
  registry.store.deleteManifest('app', old.digest)
  for (const [reference, type] of [
    ['new', SCHEMA_1],
    [old.digest, 'application/json'],
  ] as const) {
    const reply = await put(registry, reference, old.bytes, type)
    expect([reply.status, reply.headers['docker-content-digest']]).toEqual([201, old.digest])
  }
  expect((await get(registry, 'new')).headers['content-type']).toBe(SCHEMA_1)
  expect((await put(registry, digestOf(old.bytes), old.bytes)).code).toBe('DIGEST_INVALID')
  expect((await put(registry, 'new', unsigned.bytes)).code).toBe('MANIFEST_INVALID')
  registry.store.deleteBlob('app', old.layers[0]?.digest ?? '')
  expect((await put(registry, 'new', old.bytes)).code).toBe('MANIFEST_BLOB_UNKNOWN')
  registry.options.dialect = '3.1'
  expect((await put(registry, 'new', old.bytes)).code).toBe('MANIFEST_INVALID')
})

test('the conversion of an image has the digest of its payload, which resolves to nothing', async () => {
  const registry = await open({ dialect: '2.8' })
  const image = dockerImage('docker')
  pushImage(registry.store, 'app', image, 'docker')
  const [first, second] = [await get(registry, 'docker'), await get(registry, 'docker')]
  const digest = String(first.headers['docker-content-digest'])
  expect(first.headers['content-type']).toBe(SCHEMA_1)
  expect([digestOf(rebuilt(first.body)), digestOf(rebuilt(second.body))]).toEqual([digest, digest])
  expect(first.body).not.toEqual(second.body)
  expect(digest).not.toBe(image.digest)
  expect((await get(registry, digest, SCHEMA_1)).status).toBe(404)
})
