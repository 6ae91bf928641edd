import { expect, test } from '@jest/globals'
import { blobDigests } from '../../../testbed/images/image.js'
import { push } from '../../../testbed/images/push.js'
import { expectGone, expectPulls } from '../support/registry-state.js'
import { startBalancer, type Seen } from '../support/round-robin.js'
import { imageOf, layerOf } from '../support/scenes.js'
import { expectResult, onRegistry, purge, type Registry, type RegistryServer } from '../support/support.js'

const name = 'acme/two-runs'
const keep = imageOf('base', 'app')
const one = imageOf('base', 'common secret', 'first secret')
const two = imageOf('base', 'common secret', 'second secret')
const common = layerOf('common secret').digest
const base = layerOf('base').digest
const leaked = {
  tags: ['one', 'two'],
  manifests: [one.digest, two.digest],
  blobs: [...blobDigests(one), ...blobDigests(two)].filter((digest) => digest !== base),
}

async function pushAll(registry: RegistryServer): Promise<void> {
  await push(registry, name, keep, 'latest')
  await push(registry, name, one, 'one')
  await push(registry, name, two, 'two')
}

const run = (registry: Registry, tag: string) =>
  purge(registry, { image: `${name}:${tag}`, 'verify-timeout': '10s' })

for (const version of ['3.1.1', '2.8.2'] as const) {
  onRegistry(version, (start) => {
    test.each([1, 2])('two runs at once leave nothing of two leaks that share a layer (%i)', async () => {
      const registry = await start()
      await pushAll(registry)
      const runs = await Promise.all([run(registry, 'one'), run(registry, 'two')])

      await expectGone(registry, name, leaked)
      await expectPulls(registry, name, { latest: keep.digest })
      // A tag that stays by the one plan and goes by the other is missing at the end: no success, but no refusal either.
      for (const { result } of runs) expect(['purged', 'incomplete']).toContain(result)
    })

    test('a run that waits in front of its first write while another ends takes the shared layer with it', async () => {
      const registry = await start()
      await pushAll(registry)
      let other: ReturnType<typeof run> | undefined
      const isUntagging = ({ method, path }: Pick<Seen, 'method' | 'path'>): boolean =>
        method === 'DELETE' && path.endsWith('/one')
      const balancer = await startBalancer([registry], (asked) => {
        if (isUntagging(asked)) other ??= run(registry, 'two')
        return other
      })
      const first = await run(balancer, 'one')
      const second = await other

      // The second saw the tag of the first, and kept the layer for it.
      expectResult(second!, 'purged')
      expect(second?.kept).toEqual([base, common].sort())
      expectResult(first, 'incomplete')
      expect(first.kept).toEqual([base])
      expect(first.digests).toContain(common)
      await expectGone(registry, name, leaked)
      await expectPulls(registry, name, { latest: keep.digest })
    })

    test('a layer that a third tag needs stays, whatever two runs do at once', async () => {
      const registry = await start()
      await pushAll(registry)
      const third = imageOf('common secret', 'third')
      await push(registry, name, third, 'third')
      await Promise.all([run(registry, 'one'), run(registry, 'two')])

      const blobs = leaked.blobs.filter((digest) => digest !== common)
      await expectGone(registry, name, { ...leaked, blobs })
      await expectPulls(registry, name, { latest: keep.digest, third: third.digest })
    })
  })
}
