import { expect, test } from '@jest/globals'
import { sbomOf, signature, signatureOf, signatureTag } from '../../../testbed/images/artifacts.js'
import { bySha512 } from '../../../testbed/images/content.js'
import { ociImage } from '../../../testbed/images/image.js'
import { ociIndex, referrersIndex, referrersTag } from '../../../testbed/images/indexes.js'
import { platformIndex } from '../../../testbed/images/platforms.js'
import { get, pullsCompletely } from '../../../testbed/images/pull.js'
import { mount, push, pushBlob, putAlias } from '../../../testbed/images/push.js'
import { listReferrers, pushReferrer } from '../../../testbed/images/referrers.js'
import { expectGone, expectPulls, expectServed } from '../support/registry-state.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import { implementations, onRegistry, sharedRegistry } from '../support/support.js'

// What the other tests push, so that a failure of theirs is one of the action.
for (const kind of implementations) {
  onRegistry(kind, (start) => {
    const registry = sharedRegistry(start)
    const hasInterface = kind === 'olareg'

    test('an index of many platforms pulls with all its images and attestations', async () => {
      const base = layerOf('base')
      const { index, images, attestations } = platformIndex('many', { count: 10, shared: [base] })
      expect([images.length, attestations.length]).toEqual([10, 10])
      const { manifests, blobs } = treeOf(index)
      // A config and a layer of its own for each image, a config and a statement for each attestation.
      expect([manifests.length, blobs.length]).toEqual([1 + 10 + 10, 1 + 2 * 10 + 2 * 10])
      const keep = platformIndex('keep', { count: 1, shared: [base], reused: images.slice(0, 1) })
      await push(registry(), 'pushed/platforms', index, 'multi')
      await push(registry(), 'pushed/platforms', keep.index, 'keep')
      const tags = { multi: index.digest, keep: keep.index.digest }
      await expectPulls(registry(), 'pushed/platforms', tags)
      expect(treeOf(keep.index).manifests).toContain(images[0]?.digest)
    })

    test('referrers of referrers are found where clients look for them', async () => {
      const image = imageOf('base', 'app')
      await push(registry(), 'pushed/referrers', image, 'app')
      const [sbom, other] = [sbomOf(image), sbomOf(image, 'another scanner')]
      const signed = signatureOf(sbom)
      for (const each of [sbom, other, signed]) await pushReferrer(registry(), 'pushed/referrers', each)
      // Once more is no harm.
      await pushReferrer(registry(), 'pushed/referrers', other)

      const found = await listReferrers(registry(), 'pushed/referrers', image.digest)
      expect(found.by).toBe(hasInterface ? 'api' : 'tag')
      const types = Object.fromEntries(found.listed.map((each) => [each.digest, each.artifactType]))
      const type = 'application/spdx+json'
      expect(types).toEqual({ [sbom.digest]: type, [other.digest]: type })
      expect(await listReferrers(registry(), 'pushed/referrers', sbom.digest)).toMatchObject({
        listed: [{ digest: signed.digest }],
      })
      const list = await get(registry(), 'pushed/referrers', 'manifests', referrersTag(image.digest))
      expect(list.status).toBe(hasInterface ? 404 : 200)
      for (const { digest } of [sbom, other, signed])
        expect(await pullsCompletely(registry(), 'pushed/referrers', digest)).toMatchObject({ problems: [] })
    })

    test('a list of referrers can be pushed as one, and says of an image the type of its config', async () => {
      const subject = imageOf('base', 'app')
      const image = ociImage('proof', { layers: [layerOf('proof')], subject })
      const list = referrersIndex([sbomOf(subject), image])
      expect(JSON.parse(list.bytes.toString('utf8')).manifests).toMatchObject([
        { artifactType: 'application/spdx+json' },
        { artifactType: 'application/vnd.oci.image.config.v1+json', digest: image.digest },
      ])
      await push(registry(), 'pushed/list', list, referrersTag(subject.digest))
      await expectPulls(registry(), 'pushed/list', { [referrersTag(subject.digest)]: list.digest })
    })

    test('what cosign keeps under tags pulls, and is nobody’s referrer', async () => {
      const image = imageOf('base', 'app')
      const tags: Record<string, string> = { app: await push(registry(), 'pushed/cosign', image, 'app') }
      for (const what of ['sig', 'att', 'sbom'] as const) {
        const tag = signatureTag(image.digest, what)
        tags[tag] = await push(registry(), 'pushed/cosign', signature('cosign', image, what), tag)
      }
      expect(new Set(Object.values(tags)).size).toBe(4)
      await expectPulls(registry(), 'pushed/cosign', tags)
      expect((await listReferrers(registry(), 'pushed/cosign', image.digest)).listed).toEqual([])
    })

    test('an alias has the same bytes, of an index too', async () => {
      const index = ociIndex([imageOf('base', 'app')])
      await push(registry(), 'pushed/alias', index, 'one')
      await putAlias(registry(), 'pushed/alias', 'one', 'two')
      await expectPulls(registry(), 'pushed/alias', { one: index.digest, two: index.digest })
    })

    test('a blob is mounted from where it is, and from nowhere else', async () => {
      const { digest } = layerOf('mounted')
      await pushBlob(registry(), 'pushed/source', layerOf('mounted'))
      expect(await mount(registry(), 'pushed/target', digest, 'pushed/source')).toBe(true)
      expect(await mount(registry(), 'pushed/other', digest, 'pushed/empty')).toBe(false)
      await expectServed(registry(), 'pushed/target', [digest])
      await expectGone(registry(), 'pushed/other', { blobs: [digest] })
    })

    test('a layer is served under the sha512 digest that its manifest names', async () => {
      const layer = bySha512(layerOf('long'))
      const image = ociImage('long', { layers: [layerOf('base'), layer] })
      await push(registry(), 'pushed/sha512', image, 'long')
      await expectPulls(registry(), 'pushed/sha512', { long: image.digest })
      await expectServed(registry(), 'pushed/sha512', [layer.digest])
      // distribution makes a link under sha256 beside it, olareg stores what it is told.
      const twin = { blobs: [layerOf('long').digest] }
      if (hasInterface) await expectGone(registry(), 'pushed/sha512', twin)
      else await expectServed(registry(), 'pushed/sha512', twin.blobs)
    })
  })
}
