import { expect, test } from '@jest/globals'
import { sbomOf, signatureOf } from '../../../testbed/images/artifacts.js'
import { EMPTY_CONFIG } from '../../../testbed/images/content.js'
import { referrersTag } from '../../../testbed/images/indexes.js'
import { platformIndex } from '../../../testbed/images/platforms.js'
import { pullsCompletely } from '../../../testbed/images/pull.js'
import { push } from '../../../testbed/images/push.js'
import { pushReferrer } from '../../../testbed/images/referrers.js'
import { expectGone, expectPulls } from '../support/registry-state.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import { expectResult, implementations, onRegistry, plain, purge } from '../support/support.js'

const name = 'acme/platforms'

/** Two platforms with an attestation each, a bill of materials with its signature, and a signature of one child. */
const base = layerOf('base')
const { index, images, attestations } = platformIndex('leak', { shared: [base] })
const [child = index] = images
const sbom = sbomOf(index)
const referrers = [sbom, signatureOf(sbom), signatureOf(child)]
const keep = imageOf('base', 'app')

for (const kind of implementations) {
  onRegistry(kind, (start) => {
    test('an index of four children and three referrers goes whole, for few requests more than the least', async () => {
      const registry = await start(plain)
      expect([images.length + attestations.length, referrers.length]).toEqual([4, 3])
      await push(registry, name, index, 'leak')
      await push(registry, name, keep, 'keep')
      for (const each of referrers) await pushReferrer(registry, name, each)
      const lists: Record<string, string> = {}
      for (const subject of [index, sbom, child]) {
        const { digest } = await pullsCompletely(registry, name, referrersTag(subject.digest))
        if (digest !== undefined) lists[referrersTag(subject.digest)] = digest
      }
      const hasInterface = kind === 'olareg'
      expect(Object.keys(lists)).toHaveLength(hasInterface ? 0 : 3)

      const run = await purge(registry, { image: `${name}:leak`, 'verify-attempts': '1' })
      expectResult(run, 'purged')
      const trees = [index, ...referrers].map(treeOf)
      const manifests = [...trees.flatMap((tree) => tree.manifests), ...Object.values(lists)]
      const stays = [base.digest, EMPTY_CONFIG.digest]
      const blobs = trees.flatMap((tree) => tree.blobs).filter((digest) => !stays.includes(digest))
      expect(run.digests).toEqual([...new Set([...manifests, ...blobs])].sort())
      await expectGone(registry, name, { tags: ['leak', ...Object.keys(lists)], manifests, blobs })
      await expectPulls(registry, name, { keep: keep.digest })

      // N = 4L + T + n + Tp + C + 2 + 1 + U + R + m + b + k(n + 2m + b + 3) + V + b, and what was asked for referrers, where
      const [L, k, Tp] = [1, 1, 1]
      const n = 1 + Object.keys(lists).length
      const [T, R] = [n + Tp, n]
      const C = images.length + attestations.length + referrers.length
      const [m, b] = [manifests.length, new Set(blobs).size]
      const U = kind === '2.8.2' ? 0 : n
      const V = Tp + treeOf(keep).blobs.length
      const questions = hasInterface ? m : 1
      // Of a media type that is no layer's or config's: asked for once as a manifest.
      const documents = attestations.length + referrers.length
      const N =
        4 * L +
        T +
        n +
        Tp +
        C +
        2 +
        1 +
        U +
        R +
        m +
        b +
        k * (n + 2 * m + b + 3) +
        V +
        b +
        questions +
        documents
      const counts = run.report.requests as Record<string, number>
      const sent = Object.values(counts).reduce((sum, each) => sum + each, 0)
      if (hasInterface) {
        // What goes is asked for referrers twice more, and what stays at each of three looks. A manifest is a blob as well
        // there, which one question finds out, and each is deleted there, too.
        // Nothing tells whether its list hides tags, so each list is asked for behind both.
        expect(sent).toBeLessThanOrEqual(N + 2 * m + 3 * Tp + 1 + m + 4 * 2)
      } else {
        // The attempt that tells how a tag can be deleted, and one question that tells whether the list hides tags.
        const lists = counts['list-tags'] ?? 0
        expect(lists).toBeLessThanOrEqual(4 * L + 1)
        expect(sent).toBe(N + (n > U ? 1 : 0) + lists - 4 * L)
      }
    })
  })
}
