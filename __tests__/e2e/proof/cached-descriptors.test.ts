import { expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { request } from '../../../testbed/http.js'
import { layerOfFiles } from '../../../testbed/images/content.js'
import { ociImage } from '../../../testbed/images/image.js'
import { ociIndex } from '../../../testbed/images/indexes.js'
import { push } from '../../../testbed/images/push.js'
import { dataOf, expectGone } from '../support/registry-state.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import { expectResult, noWaits, onRegistry, purge, type RegistryServer } from '../support/support.js'

const name = 'acme/cached'
const leak = imageOf('base', 'secret')
const own = treeOf(leak).blobs.filter((digest) => digest !== layerOf('base').digest)

/** Collects a blob's content under the registry's cache, which then still answers HEAD for it. */
async function loseContent(registry: RegistryServer, digest: string): Promise<void> {
  rmSync(dataOf(registry, digest))
  const { url, ca, auth } = registry
  const head = await request({ url: `${url}/v2/${name}/blobs/${digest}`, method: 'HEAD', ca, auth })
  expect(head.status).toBe(200)
}

for (const version of ['3.1.1', '2.8.2'] as const) {
  onRegistry(version, (start) => {
    const large = layerOfFiles({ 'srv/large': randomBytes(1_200_000) })

    test.each([
      ['a small layer', layerOf('app')],
      ['a large layer', large],
    ])('%s whose content is gone under a warm cache makes a protected tag no success', async (_, lost) => {
      const registry = await start({ cache: 'inmemory' })
      await push(registry, name, leak, 'leak')
      const image = ociImage('lost', { layers: [layerOf('base'), lost] })
      await push(registry, name, ociIndex([image]), 'release')
      await loseContent(registry, lost.digest)
      const run = await purge(registry, { image: `${name}:leak`, 'protected-tags': 'release' }, noWaits)

      expectResult(run, 'incomplete')
      expect(run.report.repositories[0].remaining).toMatchObject([
        { tag: 'release', verdict: 'broken-before' },
      ])
      expect(run.errors).toMatch(
        new RegExp(`${name}:release is in protected-tags and does not pull: it lacks ${lost.digest}`),
      )
      await expectGone(registry, name, { tags: ['leak'], manifests: [leak.digest], blobs: own })
    })

    test('large layers of a protected tag that is whole are fetched, each by one GET', async () => {
      const registry = await start({ cache: 'inmemory' })
      await push(registry, name, leak, 'leak')
      await push(registry, name, ociImage('large', { layers: [layerOf('base'), large] }), 'release')
      const run = await purge(registry, { image: `${name}:leak`, 'protected-tags': 'release' }, noWaits)
      expectResult(run, 'purged')
      expect(run.report.repositories[0].remaining).toMatchObject([{ tag: 'release', verdict: 'intact' }])
      // The first of these is the look at the largest blob, before the first write.
      expect(run.report.requests).toMatchObject({ 'check-blob': 1 + 3 })
    })
  })
}
