/** Pushes that the engine sees when it reads what stays, before the rounds. None of them may end green and served. */
import { expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import type { MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene, type ReferenceScene } from '../support/scene.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }

/** Runs a purge, and does something at the tag list that follows the last round: the last look is still to come. */
async function atTheLastLook(push: (registry: MemoryRegistry, scene: ReferenceScene) => void) {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  let lists = 0
  registry.options.intercept = ({ url }) => {
    // survey, before the first write, before the blobs, and the last look
    if (url.endsWith('/tags/list') && ++lists === 4) push(registry, scene)
  }
  const run = await runEngine(registry, IMAGE)
  expect(lists).toBeGreaterThanOrEqual(4)
  return { run, registry, scene }
}

test('the leaked tag is pushed again with the same image', async () => {
  const { run, registry } = await atTheLastLook(({ store }, { leak }) =>
    pushImage(store, REPO, leak, 'debug-42'),
  )
  // It is the leak itself, so it is deleted again.
  expect([run.result, registry.store.resolve(REPO, 'debug-42')]).toEqual(['purged', undefined])
})

test('the leaked image is pushed again under another tag', async () => {
  const { run } = await atTheLastLook(({ store }, { leak }) => pushImage(store, REPO, leak, 'other'))
  expect(run.result).not.toBe('purged')
})

test('the leaked tag is pushed again with another image', async () => {
  const { run } = await atTheLastLook(({ store }) => pushImage(store, REPO, ociImage('rebuilt'), 'debug-42'))
  expect(run.result).not.toBe('purged')
})

test('a new tag brings a purged layer back', async () => {
  const { run } = await atTheLastLook(({ store }) =>
    pushImage(store, REPO, ociImage('fresh', { layers: ['debug-42/secret'] }), 'fresh'),
  )
  expect(run.result).not.toBe('purged')
})

test('a remaining tag is moved to an image with a purged layer', async () => {
  const { run } = await atTheLastLook(({ store }) =>
    pushImage(store, REPO, ociImage('fresh', { layers: ['debug-42/secret'] }), 'v1.0.0'),
  )
  expect(run.result).not.toBe('purged')
})
