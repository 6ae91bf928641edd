import { describe, expect, test } from '@jest/globals'
import { dockerImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { ACCEPT_ALL } from '../../testbed/images/media-types.js'
import { ask, type Reply } from './ask.js'
import { pushImage } from './push.js'
import { deleteTwists, type MemoryOptions, type MemoryRegistry } from './memory-registry.js'
import { useRegistries } from './registries.js'

const open = useRegistries()
const NOWHERE = `sha256:${'ab'.repeat(32)}`
const image = dockerImage('leak')
const index = ociIndex([image])
const [layer] = image.layers as [(typeof image.layers)[number]]

const TAG = '/v2/app/manifests/leak'
const MANIFEST = `/v2/app/manifests/${image.digest}`
const INDEX = `/v2/app/manifests/${index.digest}`
const BLOB = `/v2/app/blobs/${layer.digest}`
const NO_TAG = '/v2/app/manifests/none'
const NO_MANIFEST = `/v2/app/manifests/${NOWHERE}`
const NO_BLOB = `/v2/app/blobs/${NOWHERE}`

async function filled(options: MemoryOptions = {}): Promise<MemoryRegistry> {
  const registry = await open(options)
  pushImage(registry.store, 'app', image, 'leak')
  registry.store.tag('app', 'alias', image.digest)
  return registry
}

const remove = (registry: MemoryRegistry, path: string): Promise<Reply> => ask('DELETE', registry.url + path)
const look = (registry: MemoryRegistry, path: string): Promise<Reply> =>
  ask('GET', registry.url + path, { headers: { accept: ACCEPT_ALL } })
const said = ({ status, code }: Reply): [number, string | undefined] => [status, code]

describe('distribution 3.1.1', () => {
  test('a tag goes alone, and is unknown the second time', async () => {
    const registry = await filled()
    expect(said(await remove(registry, TAG))).toEqual([202, undefined])
    expect(said(await remove(registry, TAG))).toEqual([404, 'MANIFEST_UNKNOWN'])
    expect((await look(registry, MANIFEST)).status).toBe(200)
    expect(registry.store.tags('app')).toEqual(['alias'])
  })

  test('a manifest takes all its tags along, in its own repository', async () => {
    const registry = await filled()
    pushImage(registry.store, 'other', image, 'leak')
    registry.store.tag('app', 'stays', NOWHERE)
    expect(said(await remove(registry, MANIFEST))).toEqual([202, undefined])
    expect(said(await remove(registry, MANIFEST))).toEqual([404, 'MANIFEST_UNKNOWN'])
    expect(registry.store.tags('app')).toEqual(['stays'])
    expect(registry.store.tags('other')).toEqual(['leak'])
    expect((await look(registry, BLOB)).status).toBe(200)
  })

  test('a blob goes in its repository, whatever needs it', async () => {
    const registry = await filled()
    pushImage(registry.store, 'other', image)
    expect(said(await remove(registry, BLOB))).toEqual([202, undefined])
    expect(said(await remove(registry, BLOB))).toEqual([404, 'BLOB_UNKNOWN'])
    expect((await look(registry, BLOB)).status).toBe(404)
    expect((await look(registry, BLOB.replace('app', 'other'))).status).toBe(200)
    expect((await look(registry, TAG)).status).toBe(200)
  })

  test('a child goes although its index exists', async () => {
    const registry = await filled()
    pushImage(registry.store, 'app', index, 'multi')
    expect((await remove(registry, MANIFEST)).status).toBe(202)
    expect((await look(registry, '/v2/app/manifests/multi')).status).toBe(200)
  })

  test('a manifest that was uploaded as a blob too is still one afterwards', async () => {
    const registry = await filled()
    registry.store.putBlob('app', image.bytes)
    await remove(registry, MANIFEST)
    expect((await look(registry, `/v2/app/blobs/${image.digest}`)).status).toBe(200)
  })

  test('dangling and corrupt tags', async () => {
    const registry = await filled()
    registry.store.tag('app', 'dangling', NOWHERE)
    registry.store.corruptTag('app', 'corrupt')
    expect(said(await look(registry, '/v2/app/manifests/dangling'))).toEqual([404, 'MANIFEST_UNKNOWN'])
    expect(said(await look(registry, '/v2/app/manifests/corrupt'))).toEqual([500, 'UNKNOWN'])
    // The manifest is gone all the same, its tags stay and dangle.
    expect(said(await remove(registry, MANIFEST))).toEqual([500, 'UNKNOWN'])
    expect(said(await look(registry, MANIFEST))).toEqual([404, 'MANIFEST_UNKNOWN'])
    expect(said(await look(registry, TAG))).toEqual([404, 'MANIFEST_UNKNOWN'])
    expect(registry.store.tags('app')).toEqual(['alias', 'corrupt', 'dangling', 'leak'])
    for (const tag of registry.store.tags('app')) {
      expect((await remove(registry, `/v2/app/manifests/${tag}`)).status).toBe(202)
    }
  })

  test('a manifest whose content is gone is unknown, its tag can go', async () => {
    const registry = await filled()
    registry.store.dropContent(image.digest)
    expect(said(await look(registry, TAG))).toEqual([404, 'MANIFEST_UNKNOWN'])
    expect(said(await remove(registry, MANIFEST))).toEqual([404, 'MANIFEST_UNKNOWN'])
    expect((await remove(registry, TAG)).status).toBe(202)
  })
})

describe('2.8', () => {
  test('no tag can be deleted, existing or not', async () => {
    const registry = await filled({ dialect: '2.8' })
    for (const path of [TAG, NO_TAG])
      expect(said(await remove(registry, path))).toEqual([400, 'DIGEST_INVALID'])
    expect((await look(registry, TAG)).status).toBe(200)
    expect((await remove(registry, MANIFEST)).status).toBe(202)
    expect(registry.store.tags('app')).toEqual([])
  })

  test("a layer's digest on /manifests/ is taken for one", async () => {
    const registry = await filled({ dialect: '2.8' })
    const path = `/v2/app/manifests/${layer.digest}`
    expect(said(await look(registry, path))).toEqual([500, 'UNKNOWN'])
    expect((await remove(registry, path)).status).toBe(202)
    expect((await look(registry, BLOB)).status).toBe(404)
  })

  test('a manifest takes the blob of the same digest along', async () => {
    const registry = await filled({ dialect: '2.8' })
    registry.store.putBlob('app', image.bytes)
    await remove(registry, MANIFEST)
    expect((await look(registry, `/v2/app/blobs/${image.digest}`)).status).toBe(404)
  })
})

describe('a registry that cannot delete', () => {
  const off = [405, 'UNSUPPORTED']
  const gone = [202, undefined]
  const plain = [405, undefined]
  const cases: [string, MemoryOptions, unknown, unknown, unknown][] = [
    ['deleteOff', { deleteOff: true }, off, off, off],
    ['deleteOff in 2.8', { deleteOff: true, dialect: '2.8' }, off, off, off],
    ['deleteOff30', { deleteOff30: true }, gone, off, off],
    ['readOnly', { readOnly: true }, plain, plain, plain],
    ['readOnly, delete off', { readOnly: true, deleteOff: true }, plain, plain, plain],
    ['pullThrough', { pullThrough: true }, off, off, off],
    ['noDeleteEndpoint', { noDeleteEndpoint: true }, [404, undefined], [404, undefined], [404, undefined]],
    ['Quay', { unsupported: { blob: 405 } }, gone, gone, off],
    ['Harbor', { unsupported: { tag: 400 } }, [400, 'UNSUPPORTED'], gone, gone],
  ]
  test.each(cases)('%s', async (name, options, tag, manifest, blob) => {
    const registry = await filled(options)
    expect(said(await remove(registry, TAG))).toEqual(tag)
    expect(said(await remove(registry, MANIFEST))).toEqual(manifest)
    expect(said(await remove(registry, BLOB))).toEqual(blob)
    expect(registry.store.hasBlob('app', layer.digest)).toBe(blob !== gone)
    expect(registry.store.hasManifest('app', image.digest)).toBe(manifest !== gone)
    // The probe of what does not exist says the same where the answer is about the registry.
    if (manifest !== gone) expect(said(await remove(registry, NO_MANIFEST))).toEqual(manifest)
    if (blob !== gone) expect(said(await remove(registry, NO_BLOB))).toEqual(blob)
    const headers = (await remove(registry, BLOB)).headers
    if (name.startsWith('readOnly')) {
      expect([headers.allow, headers['content-type']]).toEqual(['GET, HEAD', 'text/plain; charset=utf-8'])
    }
    if (name === 'noDeleteEndpoint') expect(headers['content-type']).toBe('text/plain; charset=utf-8')
  })

  test.each([
    ['readOnly', 405],
    ['pullThrough', 405],
    ['deleteOff', 201],
  ] as const)('%s: a push', async (option, status) => {
    const registry = await filled({ [option]: true })
    const body = '{"schemaVersion":2,"manifests":[]}'
    expect((await ask('PUT', registry.url + NO_TAG, { body })).status).toBe(status)
    expect((await ask('POST', `${registry.url}/v2/app/blobs/uploads/`)).status).toBe(
      status === 405 ? 405 : 202,
    )
  })
})

describe('what is still needed', () => {
  test.each([
    ['DENIED', 405],
    ['MANIFEST_REFERENCED', 409],
    ['PRECONDITION', 412],
  ] as const)('a child before its index: %s', async (parentsFirst, status) => {
    const registry = await filled({ parentsFirst })
    pushImage(registry.store, 'app', index)
    expect(said(await remove(registry, MANIFEST))).toEqual([status, parentsFirst])
    expect(said(await remove(registry, NO_MANIFEST))).toEqual([404, 'MANIFEST_UNKNOWN'])
    expect((await remove(registry, INDEX)).status).toBe(202)
    expect((await remove(registry, MANIFEST)).status).toBe(202)
  })

  test.each([
    ['GOOGLE_MANIFEST_DANGLING_TAG', 400],
    ['DENIED', 403],
  ] as const)('a manifest before its tags: %s', async (refuseWhileTagged, status) => {
    const registry = await filled({ refuseWhileTagged })
    expect(said(await remove(registry, MANIFEST))).toEqual([status, refuseWhileTagged])
    await remove(registry, TAG)
    expect(said(await remove(registry, MANIFEST))).toEqual([status, refuseWhileTagged])
    await remove(registry, '/v2/app/manifests/alias')
    expect((await remove(registry, MANIFEST)).status).toBe(202)
  })

  test('zot: outer index, inner index, child, blob', async () => {
    const registry = await filled({ dialect: 'zot' })
    const outer = ociIndex([index])
    pushImage(registry.store, 'app', outer, 'multi')
    expect(said(await remove(registry, BLOB))).toEqual([405, 'DENIED'])
    expect(said(await remove(registry, MANIFEST))).toEqual([405, 'DENIED'])
    expect(said(await remove(registry, INDEX))).toEqual([405, 'DENIED'])
    const asBlob = `/v2/app/blobs/${image.digest}`
    expect((await look(registry, asBlob)).status).toBe(200)
    const order = [`/v2/app/manifests/${outer.digest}`, INDEX, MANIFEST, BLOB]
    for (const path of order) expect((await remove(registry, path)).status).toBe(202)
    expect((await look(registry, asBlob)).status).toBe(404)
    expect(said(await remove(registry, '/v2/nope/manifests/x'))).toEqual([400, 'NAME_UNKNOWN'])
    expect(said(await remove(registry, '/v2/nope/blobs/' + NOWHERE))).toEqual([404, 'BLOB_UNKNOWN'])
    expect(said(await remove(registry, '/v2/app/manifests/sha256:zz'))).toEqual([404, 'MANIFEST_UNKNOWN'])
    const malformed = await remove(registry, '/v2/app/blobs/sha256:zz')
    expect([malformed.status, malformed.text]).toEqual([404, ''])
  })

  test('refuseReferencedBlobs, by an untagged manifest too', async () => {
    const registry = await filled({ refuseReferencedBlobs: true })
    await remove(registry, TAG)
    expect(said(await remove(registry, BLOB))).toEqual([405, 'DENIED'])
    await remove(registry, MANIFEST)
    expect((await remove(registry, BLOB)).status).toBe(202)
  })
})

describe('answers that do not match the work', () => {
  const kinds = [
    ['tag', TAG],
    ['manifest', MANIFEST],
    ['blob', BLOB],
  ] as const
  const twists = Object.entries(deleteTwists).filter(([, { answer }]) => answer !== 'hang')
  test.each(twists)('%s', async (_, twist) => {
    for (const [kind, path] of kinds) {
      const registry = await filled({ onDelete: (target) => (target.kind === kind ? twist : undefined) })
      const reply = await remove(registry, path)
      const { answer } = twist
      expect(reply.status).toBe(answer === 'reset' ? 0 : typeof answer === 'object' && answer.status)
      expect((await look(registry, path)).status).toBe(twist.worked ? 404 : 200)
    }
  })

  test('202 with errors is JSON in plain text', async () => {
    const registry = await filled({ onDelete: () => deleteTwists.acceptedWithErrors })
    const reply = await remove(registry, MANIFEST)
    expect([reply.status, reply.code, reply.headers['content-type']]).toEqual([
      202,
      'UNKNOWN',
      'text/plain; charset=utf-8',
    ])
  })

  test('hangButWorked: no answer, and gone', async () => {
    const registry = await filled({ onDelete: () => deleteTwists.hangButWorked })
    const reply = await ask('DELETE', registry.url + BLOB, { timeoutMs: 50 })
    expect(reply.status).toBe(0)
    expect((await look(registry, BLOB)).status).toBe(404)
  })

  test('only what would have gone is asked about, and each time counts', async () => {
    const targets: unknown[] = []
    const registry = await filled({
      onDelete: ({ kind, reference, attempt }) => {
        targets.push([kind, reference, attempt])
        return attempt === 1 ? deleteTwists.failed : undefined
      },
    })
    for (const path of [NO_TAG, NO_MANIFEST, NO_BLOB, TAG, TAG]) await remove(registry, path)
    expect(targets).toEqual([
      ['tag', 'leak', 1],
      ['tag', 'leak', 2],
    ])
    expect((await look(registry, TAG)).status).toBe(404)
  })

  test('blobDeleteAlways202', async () => {
    const registry = await filled({ blobDeleteAlways202: true })
    for (const path of [NO_BLOB, BLOB, BLOB]) expect((await remove(registry, path)).status).toBe(202)
    expect((await look(registry, BLOB)).status).toBe(404)
  })

  test('tagDeleteTakesManifest, with the last tag on it', async () => {
    const registry = await filled({ tagDeleteTakesManifest: true })
    await remove(registry, TAG)
    expect((await look(registry, MANIFEST)).status).toBe(200)
    await remove(registry, '/v2/app/manifests/alias')
    expect((await look(registry, MANIFEST)).status).toBe(404)
  })

  test('tagDeleteTakesManifest leaves a manifest that was pushed by its digest, unless it is `always` so', async () => {
    for (const always of [false, true]) {
      const registry = await filled({ tagDeleteTakesManifest: always ? 'always' : true })
      const { body } = await look(registry, TAG)
      const headers = { 'content-type': image.mediaType }
      const pushed = await ask('PUT', registry.url + MANIFEST, { body, headers })
      expect(pushed.status).toBe(201)
      for (const tag of ['leak', 'alias']) await remove(registry, `/v2/app/manifests/${tag}`)
      expect((await look(registry, MANIFEST)).status).toBe(always ? 404 : 200)
      expect((await look(registry, BLOB)).status).toBe(always ? 404 : 200)
    }
  })

  test('manifestDeleteKeepsTags', async () => {
    const registry = await filled({ manifestDeleteKeepsTags: true })
    expect((await remove(registry, MANIFEST)).status).toBe(202)
    expect(registry.store.tags('app')).toEqual(['alias', 'leak'])
    expect((await look(registry, TAG)).status).toBe(404)
  })
})

describe("GitLab's own endpoint for tags", () => {
  const OWN = '/v2/app/tags/reference/leak'

  test.each([
    ['with T', {}, [202, undefined]],
    ['older, without T', { unsupported: { tag: 405 } }, [405, 'UNSUPPORTED']],
  ] as const)('%s', async (_, options, byTag) => {
    const registry = await filled({ gitlab: true, ...options })
    expect(said(await remove(registry, '/v2/app/manifests/alias'))).toEqual(byTag)
    const reply = await remove(registry, OWN)
    expect([reply.status, reply.headers['gitlab-container-registry-version']]).toEqual([202, '4.0.0'])
    expect(said(await remove(registry, OWN))).toEqual([404, 'MANIFEST_UNKNOWN'])
    expect(said(await remove(registry, OWN.replace('app', 'nope')))).toEqual([404, 'NAME_UNKNOWN'])
    expect(registry.store.tags('app')).toEqual(byTag[0] === 202 ? [] : ['alias'])
    expect((await look(registry, MANIFEST)).status).toBe(200)
  })

  test.each([{ deleteOff: true }, { pullThrough: true }])('%j', async (options) => {
    const registry = await filled({ gitlab: true, ...options })
    for (const path of [OWN, OWN.replace('app', 'nope')]) {
      expect(said(await remove(registry, path))).toEqual([405, 'UNSUPPORTED'])
    }
    expect(registry.store.tags('app')).toEqual(['alias', 'leak'])
  })

  test('counts as a deletion of a tag', async () => {
    const asked: unknown[] = []
    const registry = await filled({
      gitlab: true,
      permissions: ({ action, kind, repo }) => void asked.push([action, kind, repo]),
      onDelete: ({ kind, reference, attempt }) => {
        asked.push([kind, reference, attempt])
        return deleteTwists.lie
      },
    })
    expect((await remove(registry, OWN)).status).toBe(202)
    expect(asked).toEqual([
      ['delete', 'tag', 'app'],
      ['tag', 'leak', 1],
    ])
    expect(registry.store.tags('app')).toEqual(['alias', 'leak'])
  })

  test('is found nowhere else, and nobody is asked for a password there', async () => {
    const registry = await filled({ users: { ann: 'b' } })
    const reply = await remove(registry, OWN)
    expect([
      reply.status,
      reply.text,
      reply.headers['content-type'],
      reply.headers['www-authenticate'],
    ]).toEqual([404, '404 page not found\n', 'text/plain; charset=utf-8', undefined])
    expect(registry.unexpected).toEqual([])
    expect(registry.store.tags('app')).toEqual(['alias', 'leak'])
  })
})

describe('asynchronous deletion', () => {
  test('202 and 200 until the time has come', async () => {
    let time = 1000
    const registry = await filled({ now: () => time, deleteLag: { ms: 3000 } })
    for (const path of [TAG, MANIFEST, BLOB]) {
      expect((await remove(registry, path)).status).toBe(202)
      expect((await look(registry, path)).status).toBe(200)
    }
    time = 3999
    expect((await look(registry, BLOB)).status).toBe(200)
    time = 4000
    for (const path of [TAG, MANIFEST, BLOB]) expect((await look(registry, path)).status).toBe(404)
  })

  test('of one kind, and for ever', async () => {
    const registry = await filled({ deleteLag: { ms: Infinity, kinds: ['blob'] } })
    for (const path of [TAG, MANIFEST, BLOB, BLOB]) expect((await remove(registry, path)).status).toBe(202)
    expect((await look(registry, MANIFEST)).status).toBe(404)
    expect((await look(registry, BLOB)).status).toBe(200)
  })

  test('a tag that was pushed anew meanwhile stays', async () => {
    let time = 0
    const registry = await filled({ now: () => time, deleteLag: { ms: 10 } })
    await remove(registry, TAG)
    pushImage(registry.store, 'app', dockerImage('new'), 'leak')
    time = 20
    expect((await look(registry, TAG)).status).toBe(200)
  })
})

describe('serverless-registry', () => {
  test('deletes a manifest in steps, and its tags on the way', async () => {
    const registry = await filled({ deleteSteps: { keys: 2 } })
    registry.store.tag('app', 'zz', image.digest)
    const first = await remove(registry, MANIFEST)
    expect(said(first)).toEqual([400, 'MANIFEST_TAGS'])
    expect(registry.store.tags('app')).toEqual(['zz'])
    const [, target = ''] =
      /^<(.*)>; rel="next"$/.exec((first.headers.link as string | undefined) ?? '') ?? []
    expect(target).toMatch(new RegExp(`^${registry.url}${MANIFEST}\\?last=`))
    expect((await ask('DELETE', target)).status).toBe(202)
    expect(said(await ask('DELETE', target))).toEqual([404, 'MANIFEST_UNKNOWN'])
  })

  test('deletes a tag, which does not exist or is among few, at once', async () => {
    const registry = await filled({ deleteSteps: { keys: 3 } })
    expect(said(await remove(registry, NO_TAG))).toEqual([404, 'MANIFEST_UNKNOWN'])
    expect(said(await remove(registry, TAG))).toEqual([202, undefined])
  })
})
