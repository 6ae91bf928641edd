import { expect, test } from '@jest/globals'
import { layer } from '../../testbed/images/content.js'
import { ociImage } from '../../testbed/images/image.js'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { about } from '../safety/wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }

test('thirty tags whose configs were lost before: the one sound tag is control enough', async () => {
  const registry = await registryWith()
  pushImage(registry.store, REPO, ociImage('leak'), 'debug-42')
  for (let at = 0; at < 30; at++) {
    const image = ociImage(`old ${at}`)
    pushImage(registry.store, REPO, image, `a${String(at).padStart(2, '0')}`)
    registry.store.deleteBlob(REPO, image.config?.digest ?? '')
  }
  pushImage(registry.store, REPO, ociImage('sound'), 'z')
  const run = await runEngine(registry, { ...IMAGE, 'verify-timeout': '2m' })
  expect([run.result, run.problems]).toEqual(['purged', ''])
}, 120_000)

test('a tag that moves while its DELETE waits for a 429 is somebody else’s', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  let asked = 0
  registry.options.intercept = ({ method, path }, store) => {
    if (method !== 'DELETE' || !path.endsWith('/manifests/debug-42') || asked++ > 0) return undefined
    pushImage(store, REPO, ociImage('rebuilt'), 'debug-42')
    return { status: 429, headers: { 'Retry-After': '60' }, body: { errors: [{ code: 'TOOMANYREQUESTS' }] } }
  }
  const run = await runEngine(registry, IMAGE)
  expect(registry.store.resolve(REPO, 'debug-42')).toBe(ociImage('rebuilt').digest)
  expect(run.result).not.toBe('purged')
})

test('a layer that a tag comes to need while its DELETE waits a minute for a 429', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  const secret = layer('debug-42/secret').digest
  let asked = 0
  registry.options.intercept = ({ method, path }, store) => {
    if (method !== 'DELETE' || !path.endsWith(secret) || asked++ > 0) return undefined
    pushImage(store, REPO, ociImage('fresh', { layers: ['debug-42/secret'] }), 'fresh')
    return { status: 429, headers: { 'Retry-After': '60' }, body: { errors: [{ code: 'TOOMANYREQUESTS' }] } }
  }
  await runEngine(registry, IMAGE)
  expect(registry.store.hasBlob(REPO, secret)).toBe(true)
})

test('a referrer without a tag, pushed before the look in front of the blobs, keeps its layer', async () => {
  const registry = await registryWith({ referrers: true })
  const scene = referenceScene(registry.store)
  const secret = layer('debug-42/secret').digest
  registry.options.after = ({ method, path }, store) => {
    if (method === 'DELETE' && path.endsWith('/manifests/debug-42'))
      pushImage(store, REPO, ociImage('sbom', { layers: ['debug-42/secret'], subject: scene.latest }))
  }
  await runEngine(registry, IMAGE)
  expect(registry.store.hasBlob(REPO, secret)).toBe(true)
})

test('no blob digest that an index lists under an unknown type goes to /manifests/', async () => {
  const registry = await registryWith()
  pushImage(registry.store, REPO, ociImage('leak'), 'debug-42')
  const blob = registry.store.putBlob(REPO, 'a helm chart, zipped')
  registry.store.putManifest(
    REPO,
    'application/vnd.oci.image.index.v1+json',
    {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        { mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', digest: blob, size: 20 },
      ],
    },
    'cache',
  )
  const run = await runEngine(registry, IMAGE)
  expect(about(registry, blob).filter(({ path }) => path.includes('/manifests/'))).toEqual([])
  expect([run.result, run.problems]).toEqual(['purged', ''])
})

test('HEAD that says Content-Length 0 does not make a whole tag broken', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  registry.options.intercept = ({ method, path }) =>
    method === 'HEAD' && path.includes('/blobs/')
      ? { status: 200, headers: { 'Content-Length': '0' } }
      : undefined
  const run = await runEngine(registry, IMAGE)
  expect(run.report.repositories[0]?.remaining.map(({ verdict }) => verdict)).toEqual([
    'intact',
    'intact',
    'intact',
    'intact',
  ])
})

test('the leak under a redirecting registry whose storage says 404 to the registry’s own path', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  let done = 0
  registry.options.intercept = ({ method, path }) => {
    if (method === 'DELETE' && path.includes('/blobs/')) done++
    if (
      done >= 3 &&
      method === 'GET' &&
      path.includes('/blobs/') &&
      scene.gone.some((digest) => path.endsWith(digest))
    )
      return { status: 307, headers: { Location: '/storage/expired' } }
    if (path.startsWith('/storage/')) return { status: 404, body: 'no' }
    return undefined
  }
  const run = await runEngine(registry, { ...IMAGE, 'verify-timeout': '20s' })
  // The registry still has the link: it only leads to the same host.
  expect(run.result).not.toBe('purged')
})
