import { describe, expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { runEngine } from '../support/engine.js'
import type { MemoryOptions, MemoryRegistry } from '../support/memory-registry.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { served } from '../safety/wire.js'
import { expectPurged, LEAK, REPO } from './purged.js'

const registryWith = useRegistries()

/** zot 2.1.20 (seen): refuses what is referenced, lists referrers, and keeps manifests among its blobs. */
const ZOT: MemoryOptions = { dialect: 'zot', refuseReferencedBlobs: true, parentsFirst: 'DENIED' }

/** The layer of the secret is in another repository as well. */
function share(registry: MemoryRegistry): string {
  const { leak } = referenceScene(registry.store)
  const other = ociImage('other', { layers: ['debug-42/secret'] })
  pushImage(registry.store, 'acme/other', other, 'x')
  return leak.layers.at(-1)?.digest ?? ''
}

describe('zot', () => {
  test('is purged: tags, then manifests, then blobs', async () => {
    await expectPurged(await registryWith(ZOT))
  })

  test('is purged of an index, whose children it refuses to delete before it', async () => {
    const registry = await registryWith(ZOT)
    const index = ociIndex([ociImage('amd64'), ociImage('arm64')])
    pushImage(registry.store, REPO, index, 'multi')
    pushImage(registry.store, REPO, ociImage('latest'), 'latest')
    const run = await runEngine(registry, { image: `${REPO}:multi` })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(registry.store.tags(REPO)).toEqual(['latest'])
  })

  test('with dedupe is not green while another repository has the layer, and says what to do', async () => {
    const registry = await registryWith({ ...ZOT, dedupe: true })
    share(registry)
    const run = await runEngine(registry, LEAK)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toMatch(/purge it there in the same run, or .*`dedupe: false`/)
  })

  test('with dedupe is green if every repository with the layer is purged in one run', async () => {
    const registry = await registryWith({ ...ZOT, dedupe: true })
    const secret = share(registry)
    const run = await runEngine(registry, { image: `${REPO}:debug-42\nacme/other:x` })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    for (const repo of [REPO, 'acme/other']) expect(served(registry, repo, [secret])).toEqual([])
  })

  test('without dedupe another repository does not matter', async () => {
    const registry = await registryWith(ZOT)
    share(registry)
    expect((await runEngine(registry, LEAK)).result).toBe('purged')
  })
})
