/** Content that was kept, released at the look before the blobs, and is needed again. */
import { expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }

test('healing leaves released layers that a tag pushed meanwhile needs', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const [base = ''] = scene.kept
  let pushed = 0
  registry.options.after = ({ method, path }, store) => {
    if (method === 'DELETE' && path.endsWith('/manifests/debug-42'))
      for (const tag of ['latest', 'stable']) store.untag(REPO, tag)
    // The first look of the verification: the new image is complete and tagged now.
    if (method === 'GET' && path.endsWith(`/blobs/${base}`) && pushed++ === 0)
      pushImage(store, REPO, ociImage('again', { layers: ['base/1', 'base/2'] }), 'latest')
  }
  const run = await runEngine(registry, { ...IMAGE, 'verify-timeout': '20s' })
  expect(pushed).toBeGreaterThan(0)
  expect(scene.kept.filter((digest) => !registry.store.hasBlob(REPO, digest))).toEqual([])
  expect(run.result).toBe('incomplete')
})

test('a DELETE of a released layer whose outcome is unknown is not repeated once a new tag needs it', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const [base = ''] = scene.kept
  registry.options.onDelete = ({ reference, attempt }) =>
    reference === base && attempt === 1 ? { worked: false, answer: { status: 500 } } : undefined
  registry.options.after = ({ method, path }, store) => {
    if (method === 'DELETE' && path.endsWith('/manifests/debug-42'))
      for (const tag of ['latest', 'stable']) store.untag(REPO, tag)
    if (method === 'DELETE' && path.endsWith(base) && store.resolve(REPO, 'latest') === undefined)
      pushImage(store, REPO, ociImage('again', { layers: ['base/1'] }), 'latest')
  }
  await runEngine(registry, { ...IMAGE, 'verify-timeout': '20s' })
  expect(registry.store.hasBlob(REPO, base)).toBe(true)
})

test('a listed tag that answers 404 for a moment does not release its layers', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  let lists = 0
  registry.options.intercept = ({ method, path, url }) => {
    if (url.endsWith('/tags/list')) lists++
    // A replica that lags behind: the look before the blobs only, while the list shows both tags.
    if (lists === 3 && method === 'GET' && /\/manifests\/(latest|stable)$/.test(path))
      return { status: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] } }
    return undefined
  }
  await runEngine(registry, IMAGE)
  expect(lists).toBeGreaterThan(2)
  expect(scene.kept.filter((digest) => !registry.store.hasBlob(REPO, digest))).toEqual([])
})
