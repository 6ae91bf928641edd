import { expect, test } from '@jest/globals'
import { request } from '../../../testbed/http.js'
import { bySha512, json, type Layer } from '../../../testbed/images/content.js'
import { ociImage, type Image } from '../../../testbed/images/image.js'
import { ociIndex } from '../../../testbed/images/indexes.js'
import { push, pushBlob } from '../../../testbed/images/push.js'
import { readyBlock } from '../support/ready-lines.js'
import { expectGone, expectPulls, expectServed, statusOf } from '../support/registry-state.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import {
  expectResult,
  implementations,
  onRegistry,
  plain,
  purge,
  sharedRegistry,
  type Registry,
} from '../support/support.js'

const base = layerOf('base').digest
const keep = imageOf('base', 'app')

/** An image with layers that lie elsewhere, too, and are not pushed with it. */
function withForeign(foreign: readonly Layer[], ...layers: Layer[]): Image {
  const elsewhere = foreign.map((each) => ({ ...each, urls: [`https://layers.example/${each.digest}`] }))
  return ociImage('foreign', { layers: [...layers, ...elsewhere] })
}

/** The same image under a manifest with other fields; those that are undefined are left out. */
function rewritten(image: Image, fields: Readonly<Record<string, unknown>>): Image {
  const manifest = { ...image.manifest, ...fields }
  return { ...image, ...json(manifest), manifest }
}

async function deleteManifest({ url, ca, auth }: Registry, repository: string, digest: string) {
  const answer = await request({
    url: `${url}/v2/${repository}/manifests/${digest}`,
    method: 'DELETE',
    ca,
    auth,
  })
  expect(answer.status).toBe(202)
}

for (const kind of implementations) {
  onRegistry(kind, (start) => {
    const registry = sharedRegistry(start, kind === 'olareg' ? plain : { ...plain, foreignLayers: true })

    test('a layer that its manifest says to lie elsewhere goes from here, and it is said that it lies there', async () => {
      const repository = 'odd/foreign'
      const [here, elsewhere] = [layerOf('foreign here'), layerOf('foreign elsewhere')]
      const leak = withForeign([here, elsewhere], layerOf('base'), layerOf('secret'))
      const staying = withForeign([layerOf('foreign of keep')], layerOf('base'))
      // olareg takes no manifest whose layers are not all here.
      const pushed = kind === 'olareg' ? [here, elsewhere, layerOf('foreign of keep')] : [here]
      for (const each of pushed) await pushBlob(registry(), repository, each)
      await push(registry(), repository, leak, 'leak')
      await push(registry(), repository, staying, 'keep')
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      const own = treeOf(leak).blobs.filter((digest) => digest !== base)
      expect(run.digests).toEqual([leak.digest, ...own, here.digest, elsewhere.digest].sort())
      await expectGone(registry(), repository, {
        tags: ['leak'],
        manifests: [leak.digest],
        blobs: [...own, here.digest, elsewhere.digest],
      })
      const warnings = run.report.repositories[0].warnings.join('\n') as string
      for (const { digest } of [here, elsewhere])
        expect(warnings).toContain(`${digest}: its manifest lists other locations`)
      // What a remaining manifest says to lie elsewhere need not be here.
      expect(run.report.repositories[0].remaining).toMatchObject([{ tag: 'keep', verdict: 'intact' }])
      await expectServed(registry(), repository, treeOf(staying).blobs)
    })

    test('a layer that is named by sha512 is gone under its sha256 digest, too', async () => {
      const repository = 'odd/sha512'
      const long = bySha512(layerOf('secret'))
      const leak = ociImage('long', { layers: [layerOf('base'), long] })
      await push(registry(), repository, leak, 'leak')
      await push(registry(), repository, keep, 'keep')
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      const twin = layerOf('secret').digest
      const blobs = [...treeOf(leak).blobs.filter((digest) => digest !== base), twin]
      expect(run.digests).toEqual([leak.digest, ...blobs].sort())
      await expectGone(registry(), repository, { tags: ['leak'], manifests: [leak.digest], blobs })
      await expectPulls(registry(), repository, { keep: keep.digest })

      const again = await purge(registry(), readyBlock(run))
      expectResult(again, 'purged')
      expect(again.digests).toEqual(run.digests)
    })

    test('a layer stays that a remaining image names by sha256, and the leak by sha512', async () => {
      const repository = 'odd/both'
      const leak = ociImage('both', { layers: [bySha512(layerOf('base')), layerOf('secret')] })
      await push(registry(), repository, leak, 'leak')
      await push(registry(), repository, keep, 'keep')
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      expect(run.kept).toContain(bySha512(layerOf('base')).digest)
      expect(run.digests).not.toContain(base)
      await expectPulls(registry(), repository, { keep: keep.digest })
      await expectGone(registry(), repository, {
        manifests: [leak.digest],
        blobs: [layerOf('secret').digest],
      })
    })

    test('a layer that a manifest lists twice is deleted once', async () => {
      const repository = 'odd/twice'
      const leak = ociImage('twice', { layers: [layerOf('base'), layerOf('secret'), layerOf('secret')] })
      await push(registry(), repository, leak, 'leak')
      await push(registry(), repository, keep, 'keep')
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      const own = treeOf(leak).blobs.filter((digest) => digest !== base)
      expect(run.digests).toEqual([leak.digest, ...own].sort())
      const entries = run.report.repositories[0].blobs as { digest: string; outcome: string }[]
      expect(entries).toMatchObject([...own].sort().map((digest) => ({ digest, outcome: 'deleted' })))
      await expectGone(registry(), repository, { tags: ['leak'], manifests: [leak.digest], blobs: own })
      await expectPulls(registry(), repository, { keep: keep.digest })
    })

    test('images without layers, without sizes and with nulls go and stay like any other', async () => {
      const repository = 'odd/optional'
      const sizeless = imageOf('base', 'sizeless')
      const odd = {
        bare: rewritten(ociImage('bare', { layers: [] }), { layers: undefined }),
        null: rewritten(ociImage('null', { layers: [] }), { layers: null, annotations: null }),
        sizeless: rewritten(sizeless, { config: { ...(sizeless.manifest['config'] as object), size: 0 } }),
      }
      const leak = rewritten(ociImage('leak', { layers: [] }), { layers: undefined })
      await push(registry(), repository, keep, 'keep')
      await push(registry(), repository, leak, 'leak')
      for (const [tag, image] of Object.entries(odd)) await push(registry(), repository, image, tag)
      const run = await purge(registry(), {
        image: `${repository}:leak`,
        'protected-tags': Object.keys(odd).join('\n'),
      })

      expectResult(run, 'purged')
      expect(run.digests).toEqual([leak.digest, ...treeOf(leak).blobs].sort())
      await expectGone(registry(), repository, { tags: ['leak'], manifests: [leak.digest] })
      expect(run.report.repositories[0].remaining).toMatchObject(
        ['bare', 'keep', 'null', 'sizeless'].map((tag) => ({ tag, verdict: 'intact' })),
      )
      const pulled = { keep: keep.digest, bare: odd.bare.digest, null: odd.null.digest }
      await expectPulls(registry(), repository, pulled)
      await expectServed(registry(), repository, treeOf(sizeless).blobs)
    })

    test('an index goes whose child is missing already, and it is said that its blobs are unknown', async () => {
      const repository = 'odd/missing-child'
      const [missing, there] = [imageOf('base', 'missing'), imageOf('base', 'there')]
      const index = ociIndex([missing, there])
      await push(registry(), repository, index, 'leak')
      await push(registry(), repository, keep, 'keep')
      await deleteManifest(registry(), repository, missing.digest)
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      const own = treeOf(there).blobs.filter((digest) => digest !== base)
      const manifests = [index.digest, there.digest, missing.digest]
      expect(run.digests).toEqual([...manifests, ...own].sort())
      await expectGone(registry(), repository, { tags: ['leak'], manifests, blobs: own })
      await expectPulls(registry(), repository, { keep: keep.digest })
      const [entry] = run.report.repositories
      const outcomes = entry.manifests as { digest: string; outcome: string }[]
      expect(outcomes.find(({ digest }) => digest === missing.digest)?.outcome).toBe('already-gone')
      expect(entry.warnings.join('\n')).toContain(
        `${missing.digest} is gone already, so its config and layers are unknown and may still be served`,
      )
      // And so it is.
      const rest = treeOf(missing).blobs.filter((digest) => digest !== base)
      expect(Object.values(await statusOf(registry(), repository, { blobs: rest }))).toEqual([200, 200])
    })
  })
}
