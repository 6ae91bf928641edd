import { describe, expect, test } from '@jest/globals'
import { layer } from '../../testbed/images/content.js'
import { dockerImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { ACCEPT_ALL, OCI_INDEX } from '../../testbed/images/media-types.js'
import { ask, type Reply } from './ask.js'
import { pushImage } from './push.js'
import { deleteTwists, type MemoryOptions, type MemoryRegistry } from './memory-registry.js'
import { useRegistries } from './registries.js'

const open = useRegistries()
const image = dockerImage('leak')
const empty = ociIndex([], { annotations: { unique: '1' } })

async function filled(options: MemoryOptions = {}): Promise<MemoryRegistry> {
  const registry = await open(options)
  pushImage(registry.store, 'app', image, 'leak')
  return registry
}

const put = (
  { url }: MemoryRegistry,
  reference = 'leak',
  body: Buffer | string = empty.bytes,
  patience: { timeoutMs?: number } = {},
): Promise<Reply> =>
  ask('PUT', `${url}/v2/app/manifests/${reference}`, {
    headers: { 'content-type': OCI_INDEX },
    body,
    ...patience,
  })
const look = ({ url }: MemoryRegistry, reference: string): Promise<Reply> =>
  ask('GET', `${url}/v2/app/manifests/${reference}`, { headers: { accept: ACCEPT_ALL } })

test.each(['3.1', '2.8'] as const)(
  '%s: a push over a tag moves it, and the old manifest stays',
  async (dialect) => {
    const registry = await filled({ dialect })
    registry.store.tag('app', 'alias', image.digest)
    const reply = await put(registry)
    expect([reply.status, reply.headers['docker-content-digest']]).toEqual([201, empty.digest])
    expect(registry.store.resolve('app', 'leak')).toBe(empty.digest)
    expect((await look(registry, 'leak')).body).toEqual(empty.bytes)
    expect((await look(registry, image.digest)).status).toBe(200)
    // The way in which 2.8 gets rid of a tag: only what is on the placeholder goes with it.
    await ask('DELETE', `${registry.url}/v2/app/manifests/${empty.digest}`)
    expect(registry.store.tags('app')).toEqual(['alias'])
  },
)

test('refuseEmptyIndex', async () => {
  const registry = await filled({ refuseEmptyIndex: true })
  for (const reference of ['leak', empty.digest]) {
    const reply = await put(registry, reference)
    expect([reply.status, reply.code]).toEqual([400, 'MANIFEST_INVALID'])
  }
  expect(registry.store.resolve('app', 'leak')).toBe(image.digest)
  expect((await put(registry, 'leak', ociIndex([image]).bytes)).status).toBe(201)
})

describe('onPut', () => {
  test.each([401, 403, 405, 500])('%d for some of them', async (status) => {
    const seen: unknown[] = []
    const registry = await filled({
      onPut: ({ path }, manifest) => {
        seen.push([path, manifest])
        return Array.isArray(manifest?.['manifests'])
          ? { worked: false, answer: { status, body: { errors: [{ code: 'DENIED' }] } } }
          : undefined
      },
    })
    expect(await put(registry)).toMatchObject({ status, code: 'DENIED' })
    expect(registry.store.resolve('app', 'leak')).toBe(image.digest)
    expect((await put(registry, 'new', image.bytes)).status).toBe(201)
    expect((await put(registry, 'new', 'no JSON')).code).toBe('MANIFEST_INVALID')
    expect(seen).toEqual([
      ['/v2/app/manifests/leak', empty.manifest],
      ['/v2/app/manifests/new', image.manifest],
      ['/v2/app/manifests/new', undefined],
    ])
  })

  test.each(Object.entries(deleteTwists))('%s', async (_, twist) => {
    const registry = await filled({ onPut: () => twist })
    const patience = twist.answer === 'hang' ? { timeoutMs: 50 } : {}
    const { status } = await put(registry, 'leak', empty.bytes, patience)
    expect(status).toBe(typeof twist.answer === 'string' ? 0 : twist.answer.status)
    expect(registry.store.resolve('app', 'leak')).toBe(twist.worked ? empty.digest : image.digest)
  })

  test('what may not be written at all is not asked about', async () => {
    const registry = await filled({ readOnly: true, onPut: () => deleteTwists.ok })
    expect((await put(registry)).status).toBe(405)
  })
})

test('rewritesPut: other bytes, another digest, the same meaning', async () => {
  const registry = await filled({ rewritesPut: true })
  const reply = await put(registry)
  const digest = String(reply.headers['docker-content-digest'])
  expect(reply.status).toBe(201)
  expect(digest).not.toBe(empty.digest)
  expect(String(reply.headers.location)).toMatch(new RegExp(`/v2/app/manifests/${digest}$`))
  expect(registry.store.resolve('app', 'leak')).toBe(digest)
  expect((await look(registry, empty.digest)).status).toBe(404)
  expect(JSON.parse((await look(registry, digest)).text)).toEqual(empty.manifest)
})

describe('uploads', () => {
  const { bytes, digest } = layer('new')
  const begin = async ({ url }: MemoryRegistry): Promise<string> =>
    String((await ask('POST', `${url}/v2/app/blobs/uploads/`)).headers.location)

  test.each([
    ['absolute', /^http:\/\/127\.0\.0\.1:\d+\/v2\/app\/blobs\/uploads\/[^/?]+\?/],
    [undefined, /^http:/],
    ['relative', /^\/v2\/app\/blobs\/uploads\/[^/?]+\?/],
  ] as const)('%s: in one piece and in two', async (uploadLocation, pattern) => {
    const registry = await filled(uploadLocation === undefined ? {} : { uploadLocation })
    const location = await begin(registry)
    expect(location).toMatch(pattern)
    const whole = new URL(location, registry.url)
    expect((await ask('PUT', `${whole.href}&digest=${digest}`, { body: bytes })).status).toBe(201)
    expect(registry.store.hasBlob('app', digest)).toBe(true)

    registry.store.deleteBlob('app', digest)
    const first = new URL(await begin(registry), registry.url)
    const patched = await ask('PATCH', first.href, { body: bytes.subarray(0, 3) })
    expect(patched.headers.location).toMatch(pattern)
    const rest = new URL(String(patched.headers.location), registry.url)
    expect((await ask('PUT', `${rest.href}&digest=${digest}`, { body: bytes.subarray(3) })).status).toBe(201)
    expect(registry.store.hasBlob('app', digest)).toBe(true)
  })

  test('foreign: at another origin, which takes nothing and tells what it was sent', async () => {
    const registry = await filled({ uploadLocation: 'foreign' })
    const location = await begin(registry)
    expect(new URL(location).origin).toBe(registry.storage.url)
    const question = { body: bytes, headers: { authorization: 'Basic eA==' } }
    expect((await ask('PUT', `${location}&digest=${digest}`, question)).status).toBe(404)
    expect(registry.storage.requests).toMatchObject([
      { method: 'PUT', headers: { authorization: 'Basic eA==' } },
    ])
    expect(registry.store.hasBlob('app', digest)).toBe(false)
  })
})
