import { expect, test } from '@jest/globals'
import { ociImage, ociIndex } from '../../scripts/lib/image.js'
import { push } from '../../scripts/lib/push.js'
import { expectGone } from './registry-state.js'
import { expectRefusal } from './refused.js'
import { imageOf, layerOf, treeOf } from './scenes.js'
import { expectResult, onRegistry, purge, sharedRegistry, versions } from './support.js'

const leak = imageOf('base', 'secret')
const { blobs } = treeOf(leak)

for (const version of versions) {
  onRegistry(version, (start) => {
    const registry = sharedRegistry(start)

    test('another tag on the same digest refuses, and the lines of the message purge both', async () => {
      await push(registry(), 'alias/digest', leak, 'leak')
      await push(registry(), 'alias/digest', leak, 'alias')
      const asked = { tags: ['leak', 'alias'], manifests: [leak.digest], blobs }
      const run = await expectRefusal(registry(), 'alias/digest', asked, { image: 'alias/digest:leak' })
      expect(run.errors).toMatch(/also served under other tags: alias /)
      expect(run.errors).toContain('scope: tag')

      const [line = ''] = /alias\/digest:alias@sha256:\w+/.exec(run.errors) ?? []
      expectResult(await purge(registry(), { image: `alias/digest:leak\n${line}` }), 'purged')
      await expectGone(registry(), 'alias/digest', asked)
    })

    test('another manifest with the same config refuses', async () => {
      const parts = { layers: [layerOf('base'), layerOf('secret')] }
      const twin = ociImage({ ...parts, annotations: { built: 'twice' } })
      expect(twin.blobs[0]?.digest).toBe(leak.blobs[0]?.digest)
      await push(registry(), 'alias/config', leak, 'leak')
      await push(registry(), 'alias/config', twin, 'twin')
      const asked = { tags: ['leak', 'twin'], manifests: [leak.digest, twin.digest], blobs }
      const run = await expectRefusal(registry(), 'alias/config', asked, { image: 'alias/config:leak' })
      expect(run.errors).toContain(`alias/config:twin@${twin.digest}`)
    })

    test('a manifest with the same config deep in another index refuses, whatever shared-blobs says', async () => {
      const twin = ociImage({ layers: [layerOf('base'), layerOf('secret')], annotations: { built: 'twice' } })
      const index = ociIndex([ociIndex([twin])])
      await push(registry(), 'alias/deep', leak, 'leak')
      await push(registry(), 'alias/deep', index, 'multi')
      const asked = { tags: ['leak', 'multi'], manifests: treeOf(index).manifests, blobs }
      for (const shared of ['keep', 'fail']) {
        const inputs = { image: 'alias/deep:leak', 'shared-blobs': shared }
        const run = await expectRefusal(registry(), 'alias/deep', asked, inputs)
        expect(run.errors).toContain(`alias/deep:multi@${index.digest}`)
      }
    })

    test('a tag on a child of the leaked index refuses', async () => {
      const index = ociIndex([leak, imageOf('base', 'other')])
      await push(registry(), 'alias/child', index, 'leak')
      await push(registry(), 'alias/child', leak, 'child')
      const asked = { tags: ['leak', 'child'], ...treeOf(index) }
      const run = await expectRefusal(registry(), 'alias/child', asked, { image: 'alias/child:leak' })
      expect(run.errors).toContain(`alias/child:child@${leak.digest}`)
    })

    test('a child that is named by its digest and that a remaining index lists refuses, with that index', async () => {
      const index = ociIndex([leak, imageOf('base', 'other')])
      await push(registry(), 'alias/named-child', index, 'multi')
      const asked = { tags: ['multi'], ...treeOf(index) }
      const run = await expectRefusal(registry(), 'alias/named-child', asked, {
        image: `alias/named-child@${leak.digest}`,
      })
      expect(run.errors).toContain(`${leak.digest} was named, but a remaining tag needs it: multi`)
      expect(run.errors).toContain(index.digest)
    })
  })
}
