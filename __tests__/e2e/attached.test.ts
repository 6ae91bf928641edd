import { expect, test } from '@jest/globals'
import { blob, ociArtifact, ociIndex, referrersTag } from '../../scripts/lib/image.js'
import { push } from '../../scripts/lib/push.js'
import { expectGone, expectPulls } from './registry-state.js'
import { expectRefusal } from './refused.js'
import { imageOf, treeOf } from './scenes.js'
import { expectResult, onRegistry, purge, sharedRegistry, versions } from './support.js'

const leak = imageOf('base', 'secret')
const keep = imageOf('base', 'app')
const sbomOf = (subject: typeof leak) =>
  ociArtifact({
    artifactType: 'application/spdx+json',
    layers: [blob(`packages of ${subject.digest}`)],
    subject,
  })
const signature = ociArtifact({ artifactType: 'application/vnd.acme.signature', layers: [blob('signed')] })

for (const version of versions) {
  onRegistry(version, (start) => {
    const registry = sharedRegistry(start)

    test.each([
      ['a referrers tag', { [referrersTag(leak)]: ociIndex([sbomOf(leak)]) }],
      [
        'a signature, an attestation and a bill of materials by their names',
        Object.fromEntries(
          ['sig', 'att', 'sbom'].map((kind) => [`${referrersTag(leak)}.${kind}`, signature]),
        ),
      ],
      ['a tagged manifest that has the leak as its subject', { sbom: sbomOf(leak) }],
    ])('an image with %s is refused, and they are named', async (what, tags) => {
      const repository = `attached/${what.replaceAll(/[ ,]+/g, '-')}`
      await push(registry(), repository, keep, 'keep')
      await push(registry(), repository, leak, 'leak')
      for (const [tag, attached] of Object.entries(tags)) await push(registry(), repository, attached, tag)
      const asked = { tags: ['keep', 'leak', ...Object.keys(tags)], ...treeOf(leak) }
      const run = await expectRefusal(registry(), repository, asked, { image: `${repository}:leak` })
      expect(run.errors).toContain(leak.digest)
      for (const [tag, { digest }] of Object.entries(tags))
        expect(run.errors).toContain(tag === 'sbom' ? digest : `${repository}:${tag}`)
    })

    test('what belongs to another image by its name or subject is no obstacle, and stays', async () => {
      const index = ociIndex([sbomOf(keep)])
      const tags = { keep, [referrersTag(keep)]: index, [`${referrersTag(keep)}.sig`]: signature }
      for (const [tag, image] of Object.entries(tags)) await push(registry(), 'attached/others', image, tag)
      await push(registry(), 'attached/others', leak, 'leak')
      const run = await purge(registry(), { image: 'attached/others:leak' })

      expectResult(run, 'purged')
      await expectGone(registry(), 'attached/others', { tags: ['leak'], manifests: [leak.digest] })
      const digests = Object.entries(tags).map(([tag, { digest }]) => [tag, digest] as const)
      await expectPulls(registry(), 'attached/others', Object.fromEntries(digests))
    })
  })
}
