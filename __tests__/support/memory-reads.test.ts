import { describe, expect, test } from '@jest/globals'
import { digestOf } from '../../testbed/images/content.js'
import { dockerImage, ociImage, type Image } from '../../testbed/images/image.js'
import { dockerList, ociIndex } from '../../testbed/images/indexes.js'
import {
  ACCEPT_ALL,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  OCI_INDEX,
  OCI_MANIFEST,
  SCHEMA_1,
} from '../../testbed/images/media-types.js'
import { ask, type Reply } from './ask.js'
import { pushImage } from './push.js'
import { type MemoryOptions, type MemoryRegistry, type ReadTwist } from './memory-registry.js'
import { useRegistries } from './registries.js'

const open = useRegistries()
const NOWHERE = `sha256:${'ab'.repeat(32)}`
const docker = dockerImage('docker')
const arm = dockerImage('arm', { platform: { os: 'linux', architecture: 'arm64' } })
const images: Record<string, Image> = {
  docker,
  oci: ociImage('oci'),
  index: ociIndex([ociImage('oci')]),
  bare: ociIndex([ociImage('oci')], { mediaType: false }),
  list: dockerList([arm, docker]),
  armlist: dockerList([arm]),
}

async function filled(options: MemoryOptions = {}): Promise<MemoryRegistry> {
  const registry = await open(options)
  for (const [tag, image] of Object.entries(images)) pushImage(registry.store, 'app', image, tag)
  return registry
}

const get = (
  { url }: MemoryRegistry,
  path: string,
  accept: string | undefined = ACCEPT_ALL,
): Promise<Reply> => ask('GET', `${url}/v2/app/${path}`, { headers: accept === '' ? {} : { accept } })

describe('Accept', () => {
  /** ok: the true bytes. Else what is said to a read by tag, and to one by digest. */
  type Said = 'ok' | 'schema 1' | 'amd64' | number
  const all: [Said, Said] = ['ok', 'ok']
  const unseen: [Said, Said] = [404, 404]
  const table: [MemoryOptions['dialect'] & string, string, string, [Said, Said]][] = [
    ['3.1', 'docker', '', all],
    ['3.1', 'docker', OCI_MANIFEST, all],
    ['3.1', 'oci', '', unseen],
    ['3.1', 'oci', '*/*', unseen],
    ['3.1', 'oci', DOCKER_MANIFEST, unseen],
    ['3.1', 'oci', OCI_INDEX, unseen],
    ['3.1', 'oci', `${OCI_INDEX};q=0.1,${OCI_MANIFEST};q=0.5`, all],
    ['3.1', 'index', '', all],
    ['3.1', 'bare', '', all],
    ['3.1', 'list', '', [400, 'ok']],
    ['3.1', 'list', OCI_INDEX, [400, 'ok']],
    ['3.1', 'list', DOCKER_MANIFEST, ['amd64', 'ok']],
    ['3.1', 'list', DOCKER_LIST, all],
    ['3.1', 'armlist', '', [404, 'ok']],
    ['3.1', 'armlist', DOCKER_MANIFEST, [404, 'ok']],
    ['2.8', 'docker', '', ['schema 1', 'ok']],
    ['2.8', 'docker', '*/*', ['schema 1', 'ok']],
    ['2.8', 'docker', DOCKER_MANIFEST, all],
    ['2.8', 'oci', '*/*', unseen],
    ['2.8', 'index', '', unseen],
    ['2.8', 'index', OCI_MANIFEST, unseen],
    ['2.8', 'index', OCI_INDEX, all],
    ['2.8', 'bare', '', all],
    ['2.8', 'list', '', ['schema 1', 'ok']],
    ['2.8', 'list', DOCKER_MANIFEST, ['amd64', 'ok']],
    ['2.8', 'armlist', '', [404, 'ok']],
    ['zot', 'oci', '', all],
    ['zot', 'list', '', all],
  ]
  for (const dialect of ['3.1', '2.8', 'zot'] as const) {
    for (const name of Object.keys(images)) table.push([dialect, name, ACCEPT_ALL, all])
  }

  test.each(table)('%s: %s for %j', async (dialect, name, accept, expected) => {
    const registry = await filled({ dialect })
    const image = images[name] as Image
    const judge = (reply: Reply): Said => {
      if (reply.status !== 200) return reply.status
      const digest = reply.headers['docker-content-digest']
      const type = reply.headers['content-type']
      if (type === SCHEMA_1) return digest === digestOf(reply.body) ? 'ok' : 'schema 1'
      expect(digest).toBe(digestOf(reply.body))
      if (digest === docker.digest && name !== 'docker') return 'amd64'
      expect([type, digest]).toEqual([image.mediaType, image.digest])
      return 'ok'
    }
    const byTag = await get(registry, `manifests/${name}`, accept)
    const byDigest = await get(registry, `manifests/${image.digest}`, accept)
    expect([judge(byTag), judge(byDigest)]).toEqual(expected)
  })
})

describe('what is not the truth', () => {
  const cases: [string, ReadTwist, Partial<Reply> & { code?: string | undefined }][] = [
    ['500', 500, { status: 500, code: 'UNKNOWN' }],
    ['403', 403, { status: 403, code: 'DENIED' }],
    ['404', 404, { status: 404, code: 'MANIFEST_UNKNOWN' }],
    ['any answer', { status: 418, body: 'tea' }, { status: 418, text: 'tea' }],
    ['reset', 'reset', { status: 0, error: 'ECONNRESET' }],
    ['html', 'html', { status: 200, text: '<!doctype html><title>Sign in</title>' }],
  ]
  test.each(cases)('%s, for GET and HEAD, by tag only', async (_, twist, expected) => {
    const registry = await filled({ reads: { docker: twist } })
    expect(await get(registry, 'manifests/docker')).toMatchObject(expected)
    const head = await ask('HEAD', `${registry.url}/v2/app/manifests/docker`)
    expect(head.status).toBe(expected.status)
    expect((await get(registry, `manifests/${docker.digest}`)).status).toBe(200)
  })

  test('an error is told of what does not exist too, a lie is not', async () => {
    const registry = await filled({ reads: { none: 500, other: 'html', docker: () => undefined } })
    expect((await get(registry, 'manifests/none')).status).toBe(500)
    expect((await get(registry, 'manifests/other')).status).toBe(404)
    expect((await get(registry, 'manifests/docker')).status).toBe(200)
  })

  test('hang', async () => {
    const registry = await filled({ reads: { [docker.digest]: 'hang' } })
    const reply = await ask('GET', `${registry.url}/v2/app/manifests/${docker.digest}`, { timeoutMs: 50 })
    expect(reply).toMatchObject({ status: 0, error: 'timeout' })
  })

  test('a repository in front of the reference, and a function that changes its mind', async () => {
    let times = 0
    const twist = (): ReadTwist | undefined => ((times += 1) === 1 ? 503 : undefined)
    const registry = await filled({
      reads: { 'app:docker': 500, 'other:oci': 500, [`app@${docker.digest}`]: twist },
    })
    expect((await get(registry, 'manifests/docker')).status).toBe(500)
    expect((await get(registry, 'manifests/oci')).status).toBe(200)
    expect((await get(registry, `manifests/${docker.digest}`)).status).toBe(503)
    expect((await get(registry, `manifests/${docker.digest}`)).status).toBe(200)
  })

  const lie = async (twist: ReadTwist): Promise<Reply> =>
    get(await filled({ reads: { docker: twist } }), 'manifests/docker')

  test('digests that do not match', async () => {
    const header = await lie('wrong-digest-header')
    expect(digestOf(header.body)).toBe(docker.digest)
    expect(header.headers['docker-content-digest']).toMatch(/^sha256:0123/)
    const body = await lie('wrong-body')
    expect(body.headers['docker-content-digest']).toBe(docker.digest)
    expect(digestOf(body.body)).not.toBe(docker.digest)
    expect(JSON.parse(body.text)).toEqual(JSON.parse(docker.bytes.toString()))
    expect((await lie('no-digest-header')).headers['docker-content-digest']).toBeUndefined()
  })

  test('schema 1', async () => {
    const reply = await lie('schema-1')
    expect(reply.headers['content-type']).toBe(SCHEMA_1)
    expect(JSON.parse(reply.text)).toMatchObject({
      schemaVersion: 1,
      fsLayers: [{ blobSum: docker.layers[0]?.digest }, {}],
    })
    expect(reply.headers['docker-content-digest']).not.toBe(digestOf(reply.body))
  })

  test('a body that is cut off', async () => {
    const reply = await lie('cut-body')
    expect(reply).toMatchObject({ status: 200, complete: false })
    expect(Number(reply.headers['content-length'])).toBe(docker.size)
    expect(reply.body.length).toBe(Math.floor(docker.size / 2))
  })

  test.each([
    ['3.1', 500],
    ['2.8', 202],
  ] as const)('a stale descriptor in %s, until it is deleted', async (dialect, status) => {
    const digest = docker.layers[0]?.digest ?? ''
    const registry = await filled({ dialect, reads: { [digest]: 'stale-descriptor' } })
    const head = await ask('HEAD', `${registry.url}/v2/app/blobs/${digest}`)
    expect([head.status, head.headers['content-length']]).toEqual([200, String(docker.layers[0]?.size)])
    expect(await get(registry, `blobs/${digest}`)).toMatchObject({ status: 200, text: '', complete: false })
    expect((await ask('DELETE', `${registry.url}/v2/app/blobs/${digest}`)).status).toBe(status)
    expect((await get(registry, `blobs/${digest}`)).status).toBe(404)
    expect((await ask('DELETE', `${registry.url}/v2/app/blobs/${digest}`)).status).toBe(404)
  })
})

test('blobs behind a redirect', async () => {
  const registry = await filled({ redirectBlobs: true })
  const [layer] = docker.layers
  const path = `blobs/${layer?.digest}`
  const reply = await ask('GET', `${registry.url}/v2/app/${path}`, {
    headers: { authorization: 'Basic eA==' },
  })
  const location = String(reply.headers.location)
  expect([reply.status, new URL(location).origin]).toEqual([307, registry.storage.url])
  expect(registry.storage.url).not.toBe(registry.url)
  expect((await ask('HEAD', location)).headers['content-length']).toBe(String(layer?.size))
  expect((await ask('GET', location, { headers: { 'x-mine': '1' } })).body).toEqual(layer?.bytes)
  expect(registry.storage.requests.map(({ method, headers }) => [method, headers['x-mine']])).toEqual([
    ['HEAD', undefined],
    ['GET', '1'],
  ])
  // The registry does not know it any more, an address that was handed out before still works, until collection.
  expect((await ask('DELETE', `${registry.url}/v2/app/${path}`)).status).toBe(202)
  expect((await get(registry, path)).status).toBe(404)
  expect((await ask('GET', location)).status).toBe(200)
  registry.store.dropContent(layer?.digest ?? '')
  expect((await ask('GET', location)).status).toBe(404)
  expect((await get(registry, `blobs/${NOWHERE}`)).status).toBe(404)
})

test('redirectBlobs to another origin, and a storage that refuses', async () => {
  const registry = await filled({ redirectBlobs: 'http://minio.invalid:9000' })
  const path = `${registry.url}/v2/app/blobs/${docker.layers[0]?.digest}`
  const elsewhere = String((await ask('GET', path)).headers.location)
  expect(new URL(elsewhere).host).toBe('minio.invalid:9000')
  registry.options.redirectBlobs = true
  registry.storage.status = 503
  const reply = await ask('GET', String((await ask('GET', path)).headers.location))
  expect([reply.status, reply.body.length]).toEqual([503, 0])
})
