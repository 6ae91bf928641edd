import { expect, test } from '@jest/globals'
import { request } from '../../../testbed/http.js'
import { push } from '../../../testbed/images/push.js'
import { expectGone, expectPulls } from '../support/registry-state.js'
import { imageOf, treeOf } from '../support/scenes.js'
import { expectResult, lines, onRegistry, purge, sharedRegistry, versions } from '../support/support.js'

const keep = imageOf('base', 'app')
const one = imageOf('base', 'first secret')
const two = imageOf('base', 'second secret')
const three = imageOf('base', 'third secret')
const own = (image: typeof one) => ({
  manifests: [image.digest],
  blobs: treeOf(image).blobs.filter((digest) => !treeOf(keep).blobs.includes(digest)),
})

for (const version of versions) {
  onRegistry(version, (start) => {
    const registry = sharedRegistry(start)

    test('several references in several repositories are purged in one run, each step named by its repository', async () => {
      for (const repository of ['several/a', 'several/b/c']) await push(registry(), repository, keep, 'keep')
      await push(registry(), 'several/a', one, 'one')
      await push(registry(), 'several/a', two, 'two')
      await push(registry(), 'several/b/c', three, 'three')
      const run = await purge(registry(), {
        image: lines('several/a:one, several/a:two', '', '# the other team', 'several/b/c:three'),
      })

      expectResult(run, 'purged')
      const planned = ['List tags', 'Resolve']
      const purged = ['Delete tag', 'Delete manifest', 'Delete blobs']
      const a = (step: string) => `${step} (several/a)`
      const b = (step: string) => `${step} (several/b/c)`
      expect(run.output.groups.map(({ title }) => title)).toEqual([
        ...planned.map(a),
        ...planned.map(b),
        ...['Plan'].flatMap((step) => [a(step), b(step)]),
        ...purged.map(a),
        ...purged.map(b),
        ...['Verify'].flatMap((step) => [a(step), b(step)]),
      ])
      await expectGone(registry(), 'several/a', { tags: ['one', 'two'], ...own(one) })
      await expectGone(registry(), 'several/a', own(two))
      await expectGone(registry(), 'several/b/c', { tags: ['three'], ...own(three) })
      for (const repository of ['several/a', 'several/b/c'])
        await expectPulls(registry(), repository, { keep: keep.digest })
      const digests = [one, two, three].flatMap((image) => [image.digest, ...own(image).blobs])
      expect(run.digests).toEqual([...digests].sort())
    })

    test('an untagged image is purged by its digest', async () => {
      await push(registry(), 'untagged', keep, 'keep')
      await push(registry(), 'untagged', one)
      const run = await purge(registry(), { image: `untagged@${one.digest}` })

      expectResult(run, 'purged')
      expect(run.output.groups.map(({ title }) => title)).not.toContain('Delete tag')
      await expectGone(registry(), 'untagged', own(one))
      await expectPulls(registry(), 'untagged', { keep: keep.digest })
    })

    test('a tag that is on the digest written with it is purged', async () => {
      await push(registry(), 'pinned', keep, 'keep')
      await push(registry(), 'pinned', one, 'leak')
      const run = await purge(registry(), { image: `pinned:leak@${one.digest}` })

      expectResult(run, 'purged')
      await expectGone(registry(), 'pinned', { tags: ['leak'], ...own(one) })
      await expectPulls(registry(), 'pinned', { keep: keep.digest })
    })

    test('a tag that is on another digest than the one written with it is refused', async () => {
      await push(registry(), 'elsewhere', one)
      await push(registry(), 'elsewhere', two, 'leak')
      const run = await purge(registry(), { image: `elsewhere:leak@${one.digest}` })

      expectResult(run, 'refused')
      expect(run.errors).toContain(`elsewhere:leak points to ${two.digest}, not to ${one.digest}`)
      await expectPulls(registry(), 'elsewhere', { leak: two.digest, [one.digest]: one.digest })
    })

    test('a tag that is absent counts as untagged, and its digest is purged', async () => {
      await push(registry(), 'absent', keep, 'keep')
      await push(registry(), 'absent', one)
      const run = await purge(registry(), { image: `absent:leak@${one.digest}` })

      expectResult(run, 'purged')
      expect(run.report.repositories[0].tags).toMatchObject([
        { tag: 'leak', digest: null, outcome: 'already-gone' },
      ])
      await expectGone(registry(), 'absent', { tags: ['leak'], ...own(one) })
      await expectPulls(registry(), 'absent', { keep: keep.digest })
    })

    test('the registry may stand in front of the repository instead of in an input of its own', async () => {
      await push(registry(), 'fronted', keep, 'keep')
      await push(registry(), 'fronted', one, 'leak')
      const run = await purge(registry(), {
        registry: undefined,
        image: `${new URL(registry().url).host}/fronted:leak`,
      })

      expectResult(run, 'purged')
      expect(run.report).toMatchObject({ registry: registry().url })
      await expectGone(registry(), 'fronted', { tags: ['leak'], ...own(one) })
      await expectPulls(registry(), 'fronted', { keep: keep.digest })
    })

    test('when the last tag goes the registry lists none, and that is proof enough', async () => {
      await push(registry(), 'last', one, 'leak')
      const run = await purge(registry(), { image: 'last:leak' })

      expectResult(run, 'purged')
      expect(run.kept).toEqual([])
      const { manifests, blobs } = treeOf(one)
      await expectGone(registry(), 'last', { tags: ['leak'], manifests, blobs })
      const { url, ca, auth } = registry()
      const list = await request({ url: `${url}/v2/last/tags/list`, ca, auth })
      expect(JSON.parse(list.body.toString()).tags ?? []).toEqual([])
    })
  })
}
