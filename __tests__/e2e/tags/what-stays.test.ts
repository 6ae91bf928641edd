import { expect, test } from '@jest/globals'
import { ociIndex } from '../../../testbed/images/indexes.js'
import { push } from '../../../testbed/images/push.js'
import { expectGone, expectPulls, expectServed } from '../support/registry-state.js'
import { expectRefusal } from '../support/refused.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import { expectResult, lines, onRegistry, purge, sharedRegistry, versions } from '../support/support.js'

const base = layerOf('base').digest
const leak = imageOf('base', 'secret')
const leakTree = treeOf(leak)
const keep = imageOf('base', 'app')
const own = leakTree.blobs.filter((digest) => digest !== base)
const x1 = imageOf('base', 'x1')
const x2 = imageOf('base', 'x2')

for (const version of versions) {
  onRegistry(version, (start) => {
    const registry = sharedRegistry(start)

    test('layers that a remaining tag needs stay, and are listed with it', async () => {
      await push(registry(), 'stays/layers', leak, 'leak')
      await push(registry(), 'stays/layers', keep, 'keep')
      const run = await purge(registry(), { image: 'stays/layers:leak' })

      expectResult(run, 'purged')
      expect(run.kept).toEqual([base])
      expect(run.report.repositories[0].kept).toEqual([{ digest: base, heldBy: ['keep'] }])
      expect(run.summary).toMatch(/^## .*3 digests gone; 1 digest STILL SERVED, held by keep/)
      await expectGone(registry(), 'stays/layers', { tags: ['leak'], manifests: [leak.digest], blobs: own })
      await expectPulls(registry(), 'stays/layers', { keep: keep.digest })
    })

    test.each([
      ['another index', ociIndex([x2])],
      ['an index inside of another index', ociIndex([ociIndex([x2])])],
    ])('a child that %s lists stays with its blobs', async (where, other) => {
      const repository = `stays/${where.replaceAll(' ', '-')}`
      const index = ociIndex([x1, x2])
      await push(registry(), repository, index, 'leak')
      await push(registry(), repository, other, 'keep')
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      const needed = treeOf(other)
      const goes = treeOf(index)
      expect(run.kept).toEqual([x2.digest, ...needed.blobs].sort())
      const blobs = goes.blobs.filter((digest) => !needed.blobs.includes(digest))
      await expectGone(registry(), repository, {
        tags: ['leak'],
        manifests: [index.digest, x1.digest],
        blobs,
      })
      await expectPulls(registry(), repository, { keep: other.digest, [x2.digest]: x2.digest })
    })

    test('shared-blobs: fail refuses before the first write, with the tags that need them', async () => {
      await push(registry(), 'stays/fail', leak, 'leak')
      await push(registry(), 'stays/fail', keep, 'keep')
      const asked = { tags: ['leak', 'keep'], manifests: leakTree.manifests, blobs: leakTree.blobs }
      const run = await expectRefusal(registry(), 'stays/fail', asked, {
        image: 'stays/fail:leak',
        'shared-blobs': 'fail',
      })
      expect(run.errors).toContain(`${base} is needed by keep`)
    })

    test('shared-blobs: fail purges an image that shares nothing', async () => {
      const alone = imageOf('nobody has this')
      await push(registry(), 'stays/alone', alone, 'leak')
      await push(registry(), 'stays/alone', keep, 'keep')
      const run = await purge(registry(), { image: 'stays/alone:leak', 'shared-blobs': 'fail' })

      expectResult(run, 'purged')
      const { manifests, blobs } = treeOf(alone)
      await expectGone(registry(), 'stays/alone', { tags: ['leak'], manifests, blobs })
      await expectPulls(registry(), 'stays/alone', { keep: keep.digest })
    })

    test('with protected tags that exist the purge goes on', async () => {
      await push(registry(), 'stays/protected', leak, 'leak')
      for (const tag of ['latest', 'v1.0.0', 'v1.1.0']) await push(registry(), 'stays/protected', keep, tag)
      const run = await purge(registry(), {
        image: 'stays/protected:leak',
        'protected-tags': lines('latest', 'v{1,2}.*'),
      })

      expectResult(run, 'purged')
      await expectGone(registry(), 'stays/protected', {
        tags: ['leak'],
        manifests: [leak.digest],
        blobs: own,
      })
      const tags = { latest: keep.digest, 'v1.0.0': keep.digest, 'v1.1.0': keep.digest }
      await expectPulls(registry(), 'stays/protected', tags)
    })

    test('a protected tag that matches nothing refuses, and so does one that was to go', async () => {
      await push(registry(), 'stays/misspelt', leak, 'leak')
      await push(registry(), 'stays/misspelt', keep, 'stable')
      const asked = { tags: ['leak', 'stable'], manifests: [leak.digest], blobs: leakTree.blobs }
      const inputs = { image: 'stays/misspelt:leak' }
      const misspelt = { ...inputs, 'protected-tags': 'stabel' }
      const run = await expectRefusal(registry(), 'stays/misspelt', asked, misspelt)
      expect(run.errors).toMatch(/protected-tags: stabel matches no tag/)
      const both = { ...inputs, 'protected-tags': 'l*' }
      const other = await expectRefusal(registry(), 'stays/misspelt', asked, both)
      expect(other.errors).toMatch(/protected-tags: .*l\*.* matches stays\/misspelt:leak/)
      expect(other.report.requests).toEqual({})
    })

    test('an image is purged from one repository, and a neighbour that has the same keeps it', async () => {
      for (const repository of ['stays/here', 'stays/there']) await push(registry(), repository, leak, 'leak')
      expectResult(await purge(registry(), { image: 'stays/here:leak' }), 'purged')
      await expectGone(registry(), 'stays/here', { tags: ['leak'], ...leakTree })
      await expectPulls(registry(), 'stays/there', { leak: leak.digest })
      await expectServed(registry(), 'stays/there', leakTree.blobs)
    })
  })
}
