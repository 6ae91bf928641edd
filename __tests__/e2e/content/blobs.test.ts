import { expect, test } from '@jest/globals'
import { request } from '../../../testbed/http.js'
import { content } from '../../../testbed/images/content.js'
import { push, pushBlob } from '../../../testbed/images/push.js'
import { expectGone, expectPulls, expectServed } from '../support/registry-state.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import { expectResult, lines, onRegistry, purge, sharedRegistry, versions } from '../support/support.js'

const keep = imageOf('base', 'app')
const leak = imageOf('base', 'secret')
const ownBlobs = treeOf(leak).blobs.filter((digest) => digest !== layerOf('base').digest)

for (const version of versions) {
  onRegistry(version, (start) => {
    const registry = sharedRegistry(start)

    test('blobs are purged without any image', async () => {
      const loose = content('a secret that no manifest holds')
      await push(registry(), 'blobs/alone', keep, 'keep')
      await pushBlob(registry(), 'blobs/alone', loose)
      const run = await purge(registry(), { blobs: `blobs/alone@${loose.digest}` })

      expectResult(run, 'purged')
      expect(run.digests).toEqual([loose.digest])
      expect(run.output.groups.map(({ title }) => title)).toEqual([
        'List tags',
        'Resolve',
        'Plan',
        'Delete blobs',
        'Verify',
      ])
      await expectGone(registry(), 'blobs/alone', { blobs: [loose.digest] })
      await expectPulls(registry(), 'blobs/alone', { keep: keep.digest })
    })

    test('a bare blob belongs to the repository of the image and is purged with it', async () => {
      const loose = content('a secret of an older push')
      await push(registry(), 'blobs/more', keep, 'keep')
      await push(registry(), 'blobs/more', leak, 'leak')
      await pushBlob(registry(), 'blobs/more', loose)
      const run = await purge(registry(), { image: 'blobs/more:leak', blobs: loose.digest })

      expectResult(run, 'purged')
      expect(run.digests).toEqual([leak.digest, ...ownBlobs, loose.digest].sort())
      await expectGone(registry(), 'blobs/more', { blobs: [...ownBlobs, loose.digest] })
      await expectPulls(registry(), 'blobs/more', { keep: keep.digest })
    })

    test('a purge whose tag and manifest are gone already is finished by its blobs', async () => {
      await push(registry(), 'blobs/halfway', keep, 'keep')
      await push(registry(), 'blobs/halfway', leak, 'leak')
      const { url, ca, auth } = registry()
      await request({ url: `${url}/v2/blobs/halfway/manifests/${leak.digest}`, method: 'DELETE', ca, auth })
      await expectServed(registry(), 'blobs/halfway', ownBlobs)
      const run = await purge(registry(), {
        image: `blobs/halfway:leak@${leak.digest}`,
        blobs: lines(...ownBlobs),
      })

      expectResult(run, 'purged')
      expect(run.digests).toEqual([leak.digest, ...ownBlobs].sort())
      await expectGone(registry(), 'blobs/halfway', {
        tags: ['leak'],
        manifests: [leak.digest],
        blobs: ownBlobs,
      })
      await expectPulls(registry(), 'blobs/halfway', { keep: keep.digest })
    })

    test('a digest whose manifest is gone already is refused without its blobs, and the message says so', async () => {
      await push(registry(), 'blobs/unknown', keep, 'keep')
      const run = await purge(registry(), { image: `blobs/unknown@${leak.digest}` })

      expectResult(run, 'refused')
      expect(run.errors).toContain(leak.digest)
      expect(run.errors).toMatch(/its blobs are unknown.*`blobs`/)
    })

    test('a blob that a remaining tag needs is refused with that tag', async () => {
      await push(registry(), 'blobs/needed', keep, 'keep')
      const [, base = ''] = treeOf(keep).blobs
      const run = await purge(registry(), { blobs: `blobs/needed@${base}` })

      expectResult(run, 'refused')
      expect(run.errors).toContain(`${base} (named in \`blobs\`) is needed by a remaining tag: keep`)
      await expectPulls(registry(), 'blobs/needed', { keep: keep.digest })
    })
  })
}
