/** A cache in front of the registry keeps what a tag pointed to a while ago. */
import { describe, expect, test } from '@jest/globals'
import { layer } from '../../testbed/images/content.js'
import { ociImage } from '../../testbed/images/image.js'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import type { GivenAnswer } from '../support/memory/answer.js'
import type { MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { served } from './wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const secret = layer('debug-42/secret').digest
const IMAGE = { image: `${REPO}:debug-42`, 'verify-timeout': '20s' }
const holder = ociImage('fresh', { layers: ['debug-42/secret'] })
const HIT = { Age: '20', 'X-Cache': 'HIT' }

/** Answers GETs of one tag out of a cache, whose key is the path with or without its query. */
function cacheTag(
  registry: MemoryRegistry,
  tag: string,
  key: 'path' | 'url',
  answer: () => GivenAnswer,
): void {
  registry.options.intercept = ({ method, path, url }) =>
    method === 'GET' && path.endsWith(`/manifests/${tag}`) && (key === 'path' || url === path)
      ? answer()
      : undefined
}

const unknown: GivenAnswer = {
  status: 404,
  headers: { 'Content-Type': 'application/json', ...HIT },
  body: { errors: [{ code: 'MANIFEST_UNKNOWN' }] },
}

describe.each(['path', 'url'] as const)('a cache whose key is the %s', (key) => {
  test('does not hide that a remaining tag moved onto what goes', async () => {
    const registry = await registryWith()
    const { v110 } = referenceScene(registry.store)
    const before: GivenAnswer = {
      status: 200,
      headers: { 'Content-Type': v110.mediaType, ...HIT },
      body: v110.bytes.toString('utf8'),
    }
    let moved = false
    registry.options.after = ({ method, path }, store) => {
      if (method !== 'DELETE' || !path.endsWith('/debug-42') || moved) return
      moved = true
      pushImage(store, REPO, holder, 'v1.1.0')
      cacheTag(registry, 'v1.1.0', key, () => before)
    }
    const run = await runEngine(registry, IMAGE)
    expect(registry.store.hasBlob(REPO, secret)).toBe(true)
    expect(run.result).toBe('incomplete')
  })

  test('does not make a tag dangle that the registry knows', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    pushImage(registry.store, REPO, holder, 'fresh')
    cacheTag(registry, 'fresh', key, () => unknown)
    const run = await runEngine(registry, IMAGE)
    expect(registry.store.hasBlob(REPO, secret)).toBe(true)
    expect(run.result).toBe(key === 'path' ? 'refused' : 'purged')
  })
})

test('a silent cache of a 404 does not make a tag dangle either', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  pushImage(registry.store, REPO, holder, 'fresh')
  cacheTag(registry, 'fresh', 'url', () => ({
    ...unknown,
    headers: { 'Content-Type': 'application/json' },
  }))
  const run = await runEngine(registry, IMAGE)
  expect([run.result, registry.store.hasBlob(REPO, secret)]).toEqual(['purged', true])
})

test('a named tag that a cache shows on another image is not purged for that one', async () => {
  const registry = await registryWith()
  const { leak } = referenceScene(registry.store)
  const old = ociImage('old')
  pushImage(registry.store, REPO, old)
  cacheTag(registry, 'debug-42', 'url', () => ({
    status: 200,
    headers: { 'Content-Type': old.mediaType, ...HIT },
    body: old.bytes.toString('utf8'),
  }))
  const run = await runEngine(registry, IMAGE)
  // The leak itself goes. The cache still answers for the tag, so nothing is proven.
  expect([run.result, served(registry, REPO, [leak.digest])]).toEqual(['incomplete', []])
  expect(registry.store.hasManifest(REPO, old.digest)).toBe(true)
})
