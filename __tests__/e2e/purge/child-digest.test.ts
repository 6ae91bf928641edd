import { expect, test } from '@jest/globals'
import { dockerImage } from '../../../testbed/images/image.js'
import { dockerList, ociIndex } from '../../../testbed/images/indexes.js'
import { platformIndex } from '../../../testbed/images/platforms.js'
import { push } from '../../../testbed/images/push.js'
import { linesToPaste } from '../support/ready-lines.js'
import { expectGone, expectPulls } from '../support/registry-state.js'
import { expectRefusal } from '../support/refused.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import {
  expectResult,
  implementations,
  lines,
  onRegistry,
  plain,
  purge,
  sharedRegistry,
} from '../support/support.js'

const base = layerOf('base').digest
const keep = imageOf('base', 'app')
const [first, second] = [imageOf('base', 'one'), imageOf('base', 'two')] as const

/** What goes with an image: all but the base layer. */
const goes = (...roots: Parameters<typeof treeOf>[0][]) => {
  const trees = roots.map(treeOf)
  return {
    manifests: [...new Set(trees.flatMap(({ manifests }) => manifests))],
    blobs: [...new Set(trees.flatMap(({ blobs }) => blobs))].filter((digest) => digest !== base),
  }
}

for (const kind of implementations) {
  onRegistry(kind, (start) => {
    const registry = sharedRegistry(start, plain)

    test('a child from a scanner’s report is answered with its index, the tags, and lines that purge all of it', async () => {
      const repository = 'child/index'
      const { index } = platformIndex('multi', { reused: [first] })
      const outer = ociIndex([ociIndex([first]), second])
      await push(registry(), repository, index, 'leak')
      await push(registry(), repository, index, 'same')
      await push(registry(), repository, outer, 'nested')
      await push(registry(), repository, keep, 'keep')
      const asked = { tags: ['leak', 'same', 'nested', 'keep'], ...treeOf(index) }
      const scanned = `${repository}@${first.digest}`
      const run = await expectRefusal(registry(), repository, asked, { image: scanned })
      expect(run.errors).toContain(
        `${scanned} (named in \`image\`) is needed by 3 remaining tags: leak, nested, same`,
      )
      expect(run.errors).toContain(`index ${index.digest}`)
      expect(run.errors).toContain(`index ${ociIndex([first]).digest}`)

      const { image } = linesToPaste(run)
      const tags = [`leak@${index.digest}`, `nested@${outer.digest}`, `same@${index.digest}`]
      expect(image).toBe(lines(...tags.map((tag) => `${repository}:${tag}`), scanned))
      const done = await purge(registry(), { image })
      expectResult(done, 'purged')
      const all = goes(index, outer)
      expect(done.digests).toEqual([...all.manifests, ...all.blobs].sort())
      await expectGone(registry(), repository, { tags: ['leak', 'same', 'nested'], ...all })
      await expectPulls(registry(), repository, { keep: keep.digest })
    })

    test('the digest of an image without a tag, and of one with, go at once in several repositories', async () => {
      const list = dockerList([dockerImage('docker', { layers: [layerOf('base'), layerOf('docker')] })])
      const images = [first, second, list]
      const repositories = ['child/a', 'child/b', 'child/c/d']
      for (const repository of repositories) {
        await push(registry(), repository, keep, 'keep')
        for (const image of images) await push(registry(), repository, image)
      }
      const named = repositories.flatMap((repository) =>
        images.map(({ digest }) => `${repository}@${digest}`),
      )
      const run = await purge(registry(), { image: lines(...named) })

      expectResult(run, 'purged')
      const all = goes(...images)
      expect(run.digests).toEqual([...all.manifests, ...all.blobs].sort())
      expect(run.report.repositories).toMatchObject(
        repositories.map((name) => ({ name, result: 'purged', tags: [] })),
      )
      for (const repository of repositories) {
        await expectGone(registry(), repository, all)
        await expectPulls(registry(), repository, { keep: keep.digest })
      }
    })

    test('many digests at once: one that a tag needs refuses all, in every repository', async () => {
      for (const repository of ['many/a', 'many/b']) {
        await push(registry(), repository, keep, 'keep')
        await push(registry(), repository, first)
      }
      await push(registry(), 'many/b', ociIndex([second]), 'held')
      const image = lines(
        ...['many/a', 'many/b'].map((repository) => `${repository}@${first.digest}`),
        `many/b@${second.digest}`,
      )
      const asked = { tags: ['held', 'keep'], ...goes(first, second) }
      const run = await expectRefusal(registry(), 'many/b', asked, { image })
      expect(run.errors).toContain(
        `many/b@${second.digest} (named in \`image\`) is needed by a remaining tag: held`,
      )
      await expectPulls(registry(), 'many/a', { keep: keep.digest, [first.digest]: first.digest })
    })
  })
}
