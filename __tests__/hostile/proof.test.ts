import { expect, test } from '@jest/globals'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import { deleteTwists } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { createHash } from 'node:crypto'
import { ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }

test('blobs answer 404 for everybody during the only round: its control is a manifest, so it must not count', async () => {
  const registry = await registryWith({
    onDelete: ({ kind }) => (kind === 'blob' ? deleteTwists.lie : undefined),
  })
  const scene = referenceScene(registry.store)
  let lists = 0
  let deleted = 0
  registry.options.intercept = ({ method, path, url }) => {
    if (url.endsWith('/tags/list')) lists++
    if (method === 'DELETE' && path.includes('/blobs/')) deleted++
    if (lists === 3 && deleted >= 3 && method === 'GET' && path.includes('/blobs/'))
      return { status: 404, body: { errors: [{ code: 'BLOB_UNKNOWN' }] } }
    return undefined
  }
  const run = await runEngine(registry, { ...IMAGE, 'verify-attempts': '1' })
  const left = scene.gone.filter((digest) => registry.store.hasBlob(REPO, digest))
  expect(left.length).toBeGreaterThan(0)
  expect(run.result).not.toBe('purged')
})

test('the tag list as the only control must be a tag list', async () => {
  const registry = await registryWith()
  pushImage(registry.store, REPO, ociImage('leak'), 'debug-42')
  let deleted = 0
  registry.options.onDelete = ({ kind }) => {
    if (kind !== 'blob') return undefined
    deleted++
    return deleteTwists.lie
  }
  let down = false
  registry.options.intercept = ({ method, path, url }) => {
    if (deleted >= 3 && method === 'GET' && path.includes('/blobs/')) down = true
    if (!down) return undefined
    // A front that lost its registry: a page for whatever looks like a list, 404 for the rest.
    if (url.endsWith('/tags/list'))
      return { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html></html>' }
    return { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<html>not found</html>' }
  }
  const run = await runEngine(registry, { ...IMAGE, 'verify-attempts': '2' })
  expect(run.result).not.toBe('purged')
})

test('a registry that names the manifest by sha512 serves it under that digest, too', async () => {
  const registry = await registryWith()
  const leak = ociImage('leak')
  pushImage(registry.store, REPO, leak, 'debug-42')
  pushImage(registry.store, REPO, ociImage('latest'), 'latest')
  const long = `sha512:${createHash('sha512').update(leak.bytes).digest('hex')}`
  const manifest = {
    status: 200,
    headers: { 'Content-Type': leak.mediaType, 'Docker-Content-Digest': long },
    body: leak.bytes,
  }
  registry.options.intercept = ({ method, path }, store) => {
    if (
      method === 'GET' &&
      path.endsWith('/manifests/debug-42') &&
      store.resolve(REPO, 'debug-42') !== undefined
    )
      return manifest
    if (path.endsWith(`/manifests/${leak.digest}`))
      return { status: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN' }] } }
    if (method === 'GET' && path.endsWith(`/manifests/${long}`)) return manifest
    return undefined
  }
  const run = await runEngine(registry, IMAGE)
  const { status } = await fetch(`${registry.url}/v2/${REPO}/manifests/${long}`)
  expect(status).toBe(200)
  expect(run.result).not.toBe('purged')
})

test('a child of the leak that is gone already: its layers are not known, and somebody must be told', async () => {
  const registry = await registryWith()
  const child = ociImage('child with the secret')
  const leak = ociIndex([child, ociImage('other')])
  pushImage(registry.store, REPO, leak, 'debug-42')
  pushImage(registry.store, REPO, ociImage('latest'), 'latest')
  registry.store.deleteManifest(REPO, child.digest)
  const run = await runEngine(registry, IMAGE)
  const served = child.layers.filter(({ digest }) => registry.store.hasBlob(REPO, digest))
  expect(served.length).toBeGreaterThan(0)
  const told = [...run.report.warnings, ...run.report.repositories.flatMap(({ warnings }) => warnings)].join(
    '\n',
  )
  expect(run.result === 'purged' && !told.includes(child.digest)).toBe(false)
})
