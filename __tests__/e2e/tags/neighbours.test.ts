import { expect, test } from '@jest/globals'
import { rmSync, writeFileSync } from 'node:fs'
import { request } from '../../../testbed/http.js'
import { ociIndex } from '../../../testbed/images/indexes.js'
import { push } from '../../../testbed/images/push.js'
import { dataOf, expectGone, expectPulls, linkOf, statusOf } from '../support/registry-state.js'
import { expectRefusal } from '../support/refused.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import { expectResult, onRegistry, purge, versions, type RegistryServer } from '../support/support.js'

const leak = imageOf('base', 'secret')
const own = treeOf(leak).blobs.filter((digest) => digest !== layerOf('base').digest)
const keep = imageOf('base', 'app')
const broken = imageOf('broken')
const name = 'acme/neighbours'

async function pushAll(registry: RegistryServer): Promise<void> {
  await push(registry, name, keep, 'keep')
  await push(registry, name, leak, 'leak')
  await push(registry, name, broken, 'broken')
}

for (const version of versions) {
  onRegistry(version, (start) => {
    test('a neighbour that cannot be read refuses, and is named', async () => {
      const registry = await start()
      await pushAll(registry)
      writeFileSync(linkOf(registry, name, 'broken'), '')
      const asked = { tags: ['keep', 'leak', 'broken'], ...treeOf(leak) }
      const run = await expectRefusal(registry, name, asked, { image: `${name}:leak` })
      expect(run.errors).toMatch(new RegExp(`${name}:broken stays, but cannot be read: .*500`))
      expect(run.errors).toContain('unreadable-tags: ignore')
      await expectPulls(registry, name, { keep: keep.digest, leak: leak.digest })
    })

    test('a tag whose manifest is gone was broken before, and the purge goes on', async () => {
      const registry = await start()
      await pushAll(registry)
      rmSync(dataOf(registry, broken.digest))
      expect(await statusOf(registry, name, { tags: ['broken'] })).toEqual({ 'manifests/broken': 404 })
      const run = await purge(registry, { image: `${name}:leak` })

      expectResult(run, 'purged')
      expect(run.report.repositories[0].remaining).toMatchObject([
        { tag: 'broken', digest: null, verdict: 'broken-before' },
        { tag: 'keep', digest: keep.digest, verdict: 'intact' },
      ])
      expect(run.output.annotations.some(({ message }) => message.includes('broken'))).toBe(true)
      await expectGone(registry, name, { tags: ['leak'], manifests: [leak.digest], blobs: own })
      await expectPulls(registry, name, { keep: keep.digest })
    })

    test('a protected tag whose manifest is gone refuses', async () => {
      const registry = await start()
      await pushAll(registry)
      rmSync(dataOf(registry, broken.digest))
      const asked = { tags: ['keep', 'leak', 'broken'], ...treeOf(leak) }
      const inputs = { image: `${name}:leak`, 'protected-tags': 'broken' }
      const run = await expectRefusal(registry, name, asked, inputs)
      expect(run.errors).toContain(`${name}:broken`)
    })

    test('a remaining index that lacks a child refuses, with the child', async () => {
      const registry = await start()
      await pushAll(registry)
      const index = ociIndex([keep, broken])
      await push(registry, name, index, 'multi')
      const { url, ca, auth } = registry
      await request({ url: `${url}/v2/${name}/manifests/${broken.digest}`, method: 'DELETE', ca, auth })
      const asked = { tags: ['keep', 'leak', 'multi'], ...treeOf(leak) }
      const run = await expectRefusal(registry, name, asked, { image: `${name}:leak` })
      expect(run.errors).toContain(`${name}:multi needs the manifest ${broken.digest}`)
    })

    test('a remaining image that lacks a layer already was broken before, and the purge goes on', async () => {
      const registry = await start()
      await pushAll(registry)
      const [, layer = ''] = treeOf(broken).blobs
      const { url, ca, auth } = registry
      await request({ url: `${url}/v2/${name}/blobs/${layer}`, method: 'DELETE', ca, auth })
      const run = await purge(registry, { image: `${name}:leak` })

      expectResult(run, 'purged')
      const [first] = run.report.repositories[0].remaining
      expect(first).toMatchObject({ tag: 'broken', digest: broken.digest, verdict: 'broken-before' })
      await expectGone(registry, name, { tags: ['leak'], manifests: [leak.digest], blobs: own })
    })
  })
}
