import { expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { content } from '../../../testbed/images/content.js'
import { dockerImage, ociImage } from '../../../testbed/images/image.js'
import { get } from '../../../testbed/images/pull.js'
import { push, pushBlob } from '../../../testbed/images/push.js'
import { dataOf, expectGone, expectPulls, linkOf, statusOf } from '../support/registry-state.js'
import { startBalancer } from '../support/round-robin.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import { expectResult, onRegistry, purge, versions } from '../support/support.js'

const name = 'acme/odd'
const leak = imageOf('base', 'secret')
const keep = imageOf('base', 'app')
const own = treeOf(leak).blobs.filter((digest) => digest !== layerOf('base').digest)

for (const version of versions) {
  onRegistry(version, (start) => {
    test('a manifest that was uploaded as a blob, too, is gone from both endpoints', async () => {
      const registry = await start()
      await push(registry, name, keep, 'keep')
      await push(registry, name, leak, 'leak')
      await pushBlob(registry, name, content(leak.bytes))
      expect(await statusOf(registry, name, { blobs: [leak.digest] })).toEqual({
        [`blobs/${leak.digest}`]: 200,
      })
      expectResult(await purge(registry, { image: `${name}:leak` }), 'purged')
      await expectGone(registry, name, { tags: ['leak'], manifests: [leak.digest], blobs: own })
      await expectPulls(registry, name, { keep: keep.digest })
    })

    test('a blob whose bytes are gone from under a cache is deleted until it answers 404', async () => {
      const registry = await start({ cache: 'inmemory' })
      await push(registry, name, keep, 'keep')
      const secret = content(`a secret ${'x'.repeat(5_000)}`)
      await pushBlob(registry, name, secret)
      rmSync(dataOf(registry, secret.digest))
      await expect(get(registry, name, 'blobs', secret.digest)).rejects.toThrow()
      const run = await purge(registry, { blobs: `${name}@${secret.digest}` })
      expectResult(run, 'purged')
      await expectGone(registry, name, { blobs: [secret.digest] })
      await expectPulls(registry, name, { keep: keep.digest })
    })
  })
}

for (const version of ['3.1.1', '2.8.2'] as const) {
  onRegistry(version, (start) => {
    test('a tag that breaks during the purge is named, and no blob is deleted that it may need', async () => {
      const registry = await start()
      await push(registry, name, keep, 'keep')
      await push(registry, name, imageOf('secret', 'other'), 'other')
      await push(registry, name, leak, 'leak')
      const balancer = await startBalancer([registry], ({ method, path }) => {
        if (method === 'DELETE' && path.endsWith(leak.digest))
          writeFileSync(linkOf(registry, name, 'other'), '')
      })
      const run = await purge(balancer, { image: `${name}:leak`, 'verify-timeout': '2s' })
      expectResult(run, 'incomplete')
      expect(run.errors).toContain(`${name}:other`)
      await expectGone(registry, name, { tags: ['leak'], manifests: [leak.digest] })
      await expectPulls(registry, name, { keep: keep.digest })
      expect(Object.values(await statusOf(registry, name, { blobs: own }))).toEqual(own.map(() => 200))
    })
  })
}

onRegistry('2.8.2', (start) => {
  test('a manifest that the registry converts, since its Accept header got lost, is refused', async () => {
    const registry = await start()
    const docker = dockerImage('base secret', { layers: [layerOf('base'), layerOf('secret')] })
    await push(registry, name, docker, 'leak')
    const balancer = await startBalancer([registry], ({ headers }) => delete headers.accept)
    const run = await purge(balancer, { image: `${name}:leak` })
    expectResult(run, 'refused')
    expect(run.errors).toContain(`${name}:leak`)
    await expectPulls(registry, name, { leak: docker.digest })
  })
})

onRegistry('3.1.1', (start) => {
  test('a large layer is neither read whole nor keeps the run from ending', async () => {
    const registry = await start()
    const large = content(randomBytes(24 << 20))
    const image = (file: string) => ociImage(file, { layers: [large, layerOf(file)] })
    await push(registry, name, image('secret'), 'leak')
    await push(registry, name, image('app'), 'keep')
    const run = await purge(registry, { image: `${name}:leak`, 'verify-attempts': '1' })
    expectResult(run, 'purged')
    expect(run.kept).toEqual([large.digest])
    expect(run.ms).toBeLessThan(45_000)
    await expectPulls(registry, name, { keep: image('app').digest })
  })
})
