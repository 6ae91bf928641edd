import { describe, expect, test } from '@jest/globals'
import { dockerImage } from '../../testbed/images/image.js'
import { ACCEPT_ALL } from '../../testbed/images/media-types.js'
import { ask } from './ask.js'
import { pushImage } from './push.js'
import type { MemoryOptions, MemoryRegistry } from './memory-registry.js'
import { useRegistries } from './registries.js'

const open = useRegistries()
const image = dockerImage('leak')
const [layer] = image.layers as [(typeof image.layers)[number]]
const TAG = '/v2/app/manifests/leak'
const MANIFEST = `/v2/app/manifests/${image.digest}`
const BLOB = `/v2/app/blobs/${layer.digest}`
const AS_BLOB = `/v2/app/blobs/${image.digest}`
const AS_MANIFEST = `/v2/app/manifests/${layer.digest}`

async function filled(options: MemoryOptions): Promise<MemoryRegistry> {
  const registry = await open(options)
  pushImage(registry.store, 'app', image, 'leak')
  return registry
}

const METHODS: Readonly<Record<string, string>> = { D: 'DELETE', G: 'GET', H: 'HEAD' }

/** Sends requests one after the other, written as `DGG`, and gives what came of them, written as `D202 G200 G404`. */
async function talk({ url }: MemoryRegistry, path: string, letters: string): Promise<string> {
  const said: string[] = []
  for (const letter of letters) {
    const { status } = await ask(METHODS[letter] ?? '', url + path, { headers: { accept: ACCEPT_ALL } })
    said.push(`${letter}${status}`)
  }
  return said.join(' ')
}

// Each of these conversations was had with two real processes, one directory and a proxy that alternates.
describe('two replicas of 3.1.1', () => {
  test.each([
    ['manifest', MANIFEST],
    ['blob', BLOB],
  ])('a %s: looking once and deleting once never heals', async (_, path) => {
    const registry = await filled({ replicas: 2 })
    expect(await talk(registry, path, 'DGDGDGDGDG')).toBe('D202 G200 D404 G200 D404 G200 D404 G200 D404 G200')
  })

  test.each([
    ['manifest', MANIFEST],
    ['blob', BLOB],
  ])('a %s: two deletions in a row heal', async (_, path) => {
    const registry = await filled({ replicas: 2 })
    expect(await talk(registry, path, 'DDGGDD')).toBe('D202 D500 G404 G404 D404 D404')
  })

  test('HEAD and a part are stale too, a tag is not', async () => {
    const registry = await filled({ replicas: 2 })
    expect(await talk(registry, BLOB, 'DHGH')).toBe('D202 H200 G404 H200')
    const part = await ask('GET', registry.url + BLOB, { headers: { range: 'bytes=0-0' } })
    expect(part.status).toBe(404)
    expect(await talk(registry, MANIFEST, 'D')).toBe('D202')
    expect(await talk(registry, TAG, 'GG')).toBe('G404 G404')
  })

  test('a manifest is a blob to a warm cache, before any deletion; deleting it there does not harm it', async () => {
    const registry = await filled({ replicas: 2 })
    expect(await talk(registry, AS_BLOB, 'GGDDGG')).toBe('G200 G200 D500 D500 G404 G404')
    expect(await talk(registry, MANIFEST, 'GG')).toBe('G200 G200')
    expect(await talk(registry, AS_BLOB, 'GG')).toBe('G200 G200')
  })

  test("a layer's digest on /manifests/ is an error and does no harm", async () => {
    const registry = await filled({ replicas: 2 })
    expect(await talk(registry, AS_MANIFEST, 'GD')).toBe('G500 D500')
    expect(await talk(registry, BLOB, 'HH')).toBe('H200 H200')
  })

  test('a stale replica lets a deleted blob be mounted and its manifest be put again', async () => {
    const registry = await filled({ replicas: 2 })
    await talk(registry, BLOB, 'DG')
    await talk(registry, MANIFEST, 'DG')
    // Two requests each: the first goes to the replica that was cleaned, the second to the stale one.
    const put = { headers: { 'content-type': image.mediaType }, body: image.bytes }
    const mount = `${registry.url}/v2/new/blobs/uploads/?mount=${layer.digest}&from=app`
    const statuses = [
      (await ask('PUT', registry.url + MANIFEST, put)).status,
      (await ask('PUT', registry.url + MANIFEST, put)).status,
      (await ask('POST', mount)).status,
      (await ask('POST', mount)).status,
    ]
    expect(statuses).toEqual([400, 201, 202, 201])
  })

  test('content that goes under a link and a cache: a stale descriptor', async () => {
    const registry = await filled({ replicas: 1 })
    registry.store.dropContent(layer.digest)
    const head = await ask('HEAD', registry.url + BLOB)
    expect([head.status, head.headers['content-length']]).toEqual([200, String(layer.size)])
    expect(await ask('GET', registry.url + BLOB)).toMatchObject({ status: 200, text: '', complete: false })
    expect(await talk(registry, BLOB, 'DGD')).toBe('D202 G404 D404')
    registry.store.dropContent(image.digest)
    expect(await talk(registry, MANIFEST, 'GDD')).toBe('G404 D202 D404')
    expect(registry.store.tags('app')).toEqual([])
  })
})

test('one process with a cache is clean at once, if the manifest goes before its blob', async () => {
  const registry = await filled({ replicas: 1 })
  expect(await talk(registry, MANIFEST, 'DGD')).toBe('D202 G404 D404')
  expect(await talk(registry, AS_BLOB, 'GD')).toBe('G404 D404')
  expect(await talk(registry, BLOB, 'DGD')).toBe('D202 G404 D404')
})

test('replicas that start cold know only what they were asked for', async () => {
  const registry = await filled({ replicas: 2, replicasStartCold: true })
  expect(await talk(registry, AS_BLOB, 'GG')).toBe('G404 G404')
  expect(await talk(registry, BLOB, 'DGGGG')).toBe('D202 G404 G404 G404 G404')
  expect(await talk(registry, MANIFEST, 'GG')).toBe('G200 G200')
  await talk(registry, TAG, 'G')
  expect(await talk(registry, MANIFEST, 'DGDD')).toBe('D202 G200 D404 D500')
})

test('two replicas of 2.8 keep blobs only, and say 202 when they forget one', async () => {
  const registry = await filled({ replicas: 2, dialect: '2.8' })
  expect(await talk(registry, AS_BLOB, 'GG')).toBe('G404 G404')
  expect(await talk(registry, MANIFEST, 'DGDG')).toBe('D202 G404 D404 G404')
  expect(await talk(registry, BLOB, 'DGDGDG')).toBe('D202 G200 D404 G200 D404 G200')
  expect(await talk(registry, BLOB, 'DDGG')).toBe('D404 D202 G404 G404')
})

test('three replicas: bursts of two lock, bursts of three heal', async () => {
  const locked = await filled({ replicas: 3 })
  expect(await talk(locked, BLOB, 'DDGDDGDDG')).toBe('D202 D500 G200 D404 D404 G200 D404 D404 G200')
  const healed = await filled({ replicas: 3 })
  expect(await talk(healed, BLOB, 'DDDGGG')).toBe('D202 D500 D500 G404 G404 G404')
})

test('replicas can be added while the registry runs, and have seen everything', async () => {
  const registry = await filled({})
  expect(await talk(registry, AS_BLOB, 'G')).toBe('G404')
  registry.options.replicas = 2
  expect(await talk(registry, AS_BLOB, 'GG')).toBe('G200 G200')
})

describe('reads that write', () => {
  test('headRevives: HEAD or a part brings a blob back, a plain GET does not', async () => {
    const registry = await filled({ headRevives: true })
    expect(await talk(registry, BLOB, 'DGGHGDG')).toBe('D202 G404 G404 H200 G200 D202 G404')
    const part = { headers: { range: 'bytes=0-0' } }
    expect((await ask('GET', registry.url + BLOB, part)).status).toBe(206)
    expect(registry.store.hasBlob('app', layer.digest)).toBe(true)
    expect(await talk(registry, `/v2/new/blobs/${layer.digest}`, 'GHG')).toBe('G404 H200 G200')
  })

  test.each([
    ['3.1', 'D500'],
    ['2.8', 'D202'],
  ] as const)(
    'revivesElsewhere in %s: touched in another repository, served again without a link',
    async (dialect, said) => {
      const registry = await filled({ revivesElsewhere: true, dialect })
      pushImage(registry.store, 'other', image)
      const elsewhere = BLOB.replace('app', 'other')
      expect(await talk(registry, BLOB, 'DG')).toBe('D202 G404')
      expect(await talk(registry, elsewhere, 'H')).toBe('H200')
      expect(await talk(registry, BLOB, 'GDG')).toBe(`G200 ${said} G404`)
      expect(await talk(registry, elsewhere, 'G')).toBe('G200')
      expect(await talk(registry, BLOB, 'G')).toBe('G200')
      expect(registry.store.hasBlob('app', layer.digest)).toBe(false)
    },
  )
})
