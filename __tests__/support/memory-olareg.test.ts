import { expect, test } from '@jest/globals'
import { artifact } from '../../testbed/images/artifacts.js'
import { bySha512 } from '../../testbed/images/content.js'
import { dockerImage, ociImage } from '../../testbed/images/image.js'
import { dockerList, ociIndex } from '../../testbed/images/indexes.js'
import {
  ACCEPT_ALL,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../testbed/images/media-types.js'
import { ask, type Reply } from './ask.js'
import { pushImage } from './push.js'
import type { MemoryOptions, MemoryRegistry } from './memory-registry.js'
import { useRegistries } from './registries.js'

const open = useRegistries()
const NOWHERE = `sha256:${'ab'.repeat(32)}`
const docker = dockerImage('docker')
const oci = ociImage('oci')
const images = { docker, oci, index: ociIndex([oci]), list: dockerList([docker]) }

async function filled(options: MemoryOptions = {}): Promise<MemoryRegistry> {
  const registry = await open({ dialect: 'olareg', ...options })
  for (const [tag, image] of Object.entries(images)) pushImage(registry.store, 'app', image, tag)
  return registry
}

const send = ({ url }: MemoryRegistry, method: string, path: string, accept = ACCEPT_ALL): Promise<Reply> =>
  ask(method, `${url}/v2/${path}`, { headers: accept === '' ? {} : { accept } })

test.each([
  ['docker', '', 404, 404],
  ['docker', '*/*', 404, 404],
  ['docker', DOCKER_MANIFEST, 200, 200],
  ['oci', '', 404, 404],
  ['oci', DOCKER_MANIFEST, 404, 404],
  ['oci', OCI_MANIFEST, 200, 200],
  ['index', '', 404, 404],
  ['index', OCI_MANIFEST, oci.digest, 404],
  ['index', OCI_INDEX, 200, 200],
  ['list', '', 404, 404],
  ['list', DOCKER_MANIFEST, docker.digest, 404],
  ['list', DOCKER_LIST, 200, 200],
  ['list', ACCEPT_ALL, 200, 200],
] as const)('Accept: %s for %j', async (name, accept, byTag, byDigest) => {
  const registry = await filled()
  const { digest } = images[name]
  const told = async (reference: string): Promise<number | string> => {
    const reply = await send(registry, 'GET', `app/manifests/${reference}`, accept)
    if (reply.status !== 200) return reply.status
    const header = String(reply.headers['docker-content-digest'])
    return header === digest ? 200 : header
  }
  expect([await told(name), await told(digest)]).toEqual([byTag, byDigest])
})

test('errors are JSON in plain text', async () => {
  const registry = await filled()
  const cases = [
    ['GET', 'app/manifests/none', 404, 'MANIFEST_UNKNOWN'],
    ['DELETE', 'app/manifests/none', 404, 'MANIFEST_UNKNOWN'],
    ['DELETE', 'app/manifests/sha256:zz', 404, 'MANIFEST_UNKNOWN'],
    ['DELETE', `app/blobs/${NOWHERE}`, 404, 'BLOB_UNKNOWN'],
    ['GET', 'app/blobs/sha256:zz', 400, 'DIGEST_INVALID'],
  ] as const
  for (const [method, path, status, code] of cases) {
    const reply = await send(registry, method, path)
    expect([path, reply.status, reply.code]).toEqual([path, status, code])
    expect(reply.headers['content-type']).toBe('text/plain; charset=utf-8')
  }
})

test('lists', async () => {
  const registry = await filled({ referrersPageSize: 1 })
  expect((await send(registry, 'GET', 'nope/tags/list')).text).toBe('{"name":"nope","tags":[]}\n')
  expect((await send(registry, 'HEAD', 'app/tags/list')).status).toBe(200)
  const page = await send(registry, 'GET', 'app/tags/list?n=2')
  expect(page.headers.link).toBe('</v2/app/tags/list?last=index&n=2>; rel=next')
  const catalog = await send(registry, 'GET', '_catalog')
  expect([catalog.status, catalog.text]).toEqual([404, ''])
  for (const seed of ['a', 'b']) pushImage(registry.store, 'app', artifact(seed, { subject: oci }))
  const referrers = await send(registry, 'GET', `app/referrers/${oci.digest}`)
  expect(referrers.headers.link).toBe(`</v2/app/referrers/${oci.digest}?from=1>; rel=next`)
  for (const tag of registry.store.tags('app')) registry.store.untag('app', tag)
  expect((await send(registry, 'GET', 'app/tags/list')).text).toContain('"tags":[]')
})

test.each([{ deleteOff: true }, { readOnly: true }])('%j: 405 without a body', async (options) => {
  const registry = await filled(options)
  for (const path of ['app/manifests/oci', `app/manifests/${oci.digest}`, `app/blobs/${NOWHERE}`]) {
    const reply = await send(registry, 'DELETE', path)
    expect([reply.status, reply.text, reply.headers['content-type']]).toEqual([405, '', undefined])
  }
})

test('a manifest may be put by its sha512', async () => {
  const registry = await filled()
  const { digest, bytes } = bySha512(oci)
  const path = `${registry.url}/v2/app/manifests/${digest}`
  expect((await ask('PUT', path, { headers: { 'content-type': OCI_MANIFEST }, body: bytes })).status).toBe(
    201,
  )
  expect((await send(registry, 'GET', `app/manifests/${digest}`)).body).toEqual(bytes)
})

test('a switch that is given goes before the one that belongs to it', async () => {
  const registry = await filled({ referrers: false, unknownIsEmpty: false })
  expect((await send(registry, 'GET', `app/referrers/${oci.digest}`)).status).toBe(404)
  expect((await send(registry, 'GET', 'nope/tags/list')).status).toBe(404)
})
