import { expect, test } from '@jest/globals'
import { get } from '../../../testbed/images/pull.js'
import { pushScene, type Scene } from '../../../testbed/images/scene.js'
import type { RegistryOptions } from '../../../testbed/serve/registry-server.js'
import { expectPulls, snapshot } from '../support/registry-state.js'
import { deletesOf, startBalancer } from '../support/round-robin.js'
import { expectRefusal } from '../support/refused.js'
import {
  expectResult,
  folderFor,
  onRegistry,
  purge,
  versions,
  type RegistryServer,
} from '../support/support.js'

const everything = ({ tags, leak }: Scene) => ({
  tags: Object.keys(tags),
  manifests: [...new Set(Object.values(tags))],
  blobs: [leak.config, ...leak.layers],
})

/** Runs through a balancer, which sees that no DELETE of anything real is sent. */
async function expectUntouched(registry: RegistryServer, scene: Scene): Promise<string> {
  const balancer = await startBalancer([registry])
  const { repository, leak, tags } = scene
  const asked = everything(scene)
  const run = await expectRefusal(balancer, repository, asked, { image: `${repository}:${leak.tag}` })
  expect(deletesOf(balancer.seen, [...asked.tags, ...asked.manifests, ...asked.blobs])).toEqual([])
  await expectPulls(registry, repository, tags)
  return run.errors
}

for (const version of versions) {
  onRegistry(version, (start) => {
    test.each<[string, Partial<RegistryOptions>]>([
      ['with deletion off', { deleteEnabled: false }],
      ['in read-only mode', { readonly: true }],
    ])('a registry %s is refused before anything is written', async (_mode, options) => {
      const root = await folderFor('data')
      const writable = await start({ rootDirectory: root })
      const scene = await pushScene(writable)
      await writable.stop()
      const errors = await expectUntouched(await start({ rootDirectory: root, ...options }), scene)
      expect(errors).toContain('storage.delete.enabled')
      expect(errors).toContain('REGISTRY_STORAGE_DELETE_ENABLED=true')
      if (options.readonly === true) expect(errors).toContain('storage.maintenance.readonly')
    })

    test('a pull-through cache is refused before anything is written', async () => {
      const upstream = await start({ tls: undefined, basic: false })
      const scene = await pushScene(upstream)
      const cache = await start({ proxyRemote: upstream.url })
      for (const tag of Object.keys(scene.tags)) await get(cache, scene.repository, 'manifests', tag)
      const errors = await expectUntouched(cache, scene)
      expect(errors).toContain('proxy.remoteurl')
      expect(errors).toContain('REGISTRY_STORAGE_DELETE_ENABLED=true')
      await expectPulls(upstream, scene.repository, scene.tags)
    })

    test('a dry run on a registry with deletion off is refused, too', async () => {
      const root = await folderFor('data')
      const writable = await start({ rootDirectory: root })
      const scene = await pushScene(writable)
      const { repository, leak } = scene
      await writable.stop()
      const registry = await start({ rootDirectory: root, deleteEnabled: false })
      const before = await snapshot(registry, repository, everything(scene))
      const run = await purge(registry, { image: `${repository}:${leak.tag}`, 'dry-run': 'true' })
      expectResult(run, 'refused')
      expect(run.errors).toContain('REGISTRY_STORAGE_DELETE_ENABLED=true')
      expect(await snapshot(registry, repository, everything(scene))).toEqual(before)
    })
  })
}
