import { expect, test } from '@jest/globals'
import { ociImage } from '../../../testbed/images/image.js'
import { ociIndex } from '../../../testbed/images/indexes.js'
import { push } from '../../../testbed/images/push.js'
import { linesToPaste } from '../support/ready-lines.js'
import { expectGone, expectPulls, expectServed } from '../support/registry-state.js'
import { expectRefusal } from '../support/refused.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import {
  expectResult,
  implementations,
  onRegistry,
  purge,
  sharedRegistry,
  versions,
} from '../support/support.js'

const leak = imageOf('base', 'secret')
const { blobs } = treeOf(leak)

/** The leak with the same config and layers, but another manifest. */
const builtTwice = () =>
  ociImage('base secret', { layers: [layerOf('base'), layerOf('secret')], annotations: { built: 'twice' } })

for (const version of versions) {
  onRegistry(version, (start) => {
    const registry = sharedRegistry(start)

    test('another tag on the same digest refuses, and the lines of the message purge both', async () => {
      await push(registry(), 'alias/digest', leak, 'leak')
      await push(registry(), 'alias/digest', leak, 'alias')
      const asked = { tags: ['leak', 'alias'], manifests: [leak.digest], blobs }
      const run = await expectRefusal(registry(), 'alias/digest', asked, { image: 'alias/digest:leak' })
      expect(run.errors).toMatch(/also served under other tags: alias /)

      const { image } = linesToPaste(run)
      expect(image).toBe(`alias/digest:alias@${leak.digest}\nalias/digest:leak@${leak.digest}`)
      expectResult(await purge(registry(), { image }), 'purged')
      await expectGone(registry(), 'alias/digest', asked)
    })

    test('another manifest with the same config refuses', async () => {
      const twin = builtTwice()
      expect(twin.config?.digest).toBe(leak.config?.digest)
      await push(registry(), 'alias/config', leak, 'leak')
      await push(registry(), 'alias/config', twin, 'twin')
      const asked = { tags: ['leak', 'twin'], manifests: [leak.digest, twin.digest], blobs }
      const run = await expectRefusal(registry(), 'alias/config', asked, { image: 'alias/config:leak' })
      expect(run.errors).toContain(`alias/config:twin@${twin.digest}`)
    })

    test('a manifest with the same config deep in another index refuses, whatever shared-blobs says', async () => {
      const index = ociIndex([ociIndex([builtTwice()])])
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
      expect(run.errors).toContain(`${leak.digest} (named in \`image\`) is needed by a remaining tag: multi`)
      expect(run.errors).toContain(index.digest)
    })
  })
}

for (const kind of implementations) {
  onRegistry(kind, (start) => {
    test('the refusal says what scope: tag would do and leave behind, and that is what it does', async () => {
      const registry = await start()
      const keep = imageOf('base', 'app')
      await push(registry, 'alias/label', leak, 'leak')
      await push(registry, 'alias/label', leak, 'alias')
      await push(registry, 'alias/label', keep, 'keep')
      const asked = { tags: ['leak', 'alias', 'keep'], manifests: [leak.digest], blobs }
      const run = await expectRefusal(registry, 'alias/label', asked, { image: 'alias/label:leak' })
      expect(run.errors).toContain(
        'With `scope: tag` the run would remove only the label alias/label:leak and leave behind the manifest and every blob',
      )

      expectResult(await purge(registry, { image: 'alias/label:leak', scope: 'tag' }), 'purged')
      await expectGone(registry, 'alias/label', { tags: ['leak'] })
      const digests = { [leak.digest]: leak.digest, alias: leak.digest, keep: keep.digest }
      await expectPulls(registry, 'alias/label', digests)
      await expectServed(registry, 'alias/label', blobs)
    })
  })
}
