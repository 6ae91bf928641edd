import { expect, test } from '@jest/globals'
import { push } from '../../../testbed/images/push.js'
import { pushScene, type Scene } from '../../../testbed/images/scene.js'
import { expectGone, expectPulls, snapshot } from '../support/registry-state.js'
import { expectRefusal } from '../support/refused.js'
import { startBalancer } from '../support/round-robin.js'
import { imageOf, others } from '../support/scenes.js'
import { expectResult, onRegistry, purge, versions } from '../support/support.js'

const everything = ({ tags, leak }: Scene) => ({
  tags: Object.keys(tags),
  manifests: [...new Set(Object.values(tags))],
  blobs: [leak.config, ...leak.layers],
})

for (const version of versions) {
  onRegistry(version, (start) => {
    test('a dry run writes nothing, and its fingerprint approves the real run', async () => {
      const registry = await start()
      const scene = await pushScene(registry)
      const { repository, leak } = scene
      const image = `${repository}:${leak.tag}`
      const before = await snapshot(registry, repository, everything(scene))
      const balancer = await startBalancer([registry])
      const dry = await purge(balancer, { registry: balancer.url, image, 'dry-run': 'true' })

      expectResult(dry, 'planned')
      expect(await snapshot(registry, repository, everything(scene))).toEqual(before)
      const written = balancer.seen.filter(({ method }) => !['GET', 'HEAD'].includes(method))
      expect(written.map(({ method, status }) => `${method} ${status}`)).toEqual(['DELETE 404', 'DELETE 404'])
      expect(dry.output.groups.map(({ title }) => title)).toEqual(['List tags', 'Resolve', 'Plan'])
      expect(dry.digests).toEqual([leak.digest, ...leak.ownBlobs].sort())
      expect(dry.kept).toEqual([...leak.sharedBlobs].sort())
      expect(dry.report.repositories[0]).toMatchObject({ result: 'planned' })
      expect(dry.summary).toMatch(/^## .*Dry run: 1 tag and 4 digests would go/)

      // A plan is of one registry, so the approval comes from a dry run at the same address.
      const approved = (await purge(registry, { image, 'dry-run': 'true' })).outputs['fingerprint'] ?? ''
      const real = await purge(registry, { image, approve: approved })
      expectResult(real, 'purged')
      expect(real.outputs['fingerprint']).toBe(approved)
      expect(approved).toMatch(/^sha256:[0-9a-f]{64}$/)
      expect(approved).not.toBe(dry.outputs['fingerprint'])
      await expectGone(registry, repository, {
        tags: [leak.tag],
        manifests: [leak.digest],
        blobs: leak.ownBlobs,
      })
      await expectPulls(registry, repository, others(scene))
    })

    test('another fingerprint is refused, and so is a plan that has changed since', async () => {
      const registry = await start()
      const scene = await pushScene(registry)
      const { repository, leak } = scene
      const image = `${repository}:${leak.tag}`
      const wrong = `sha256:${'0'.repeat(64)}`
      const run = await expectRefusal(registry, repository, everything(scene), { image, approve: wrong })
      expect(run.errors).toContain(`${wrong} was approved`)
      const fingerprint = run.outputs['fingerprint'] ?? ''
      expect(run.errors).toContain(fingerprint)

      await push(registry, repository, imageOf('base'), 'unrelated')
      const same = await purge(registry, { image, 'dry-run': 'true' })
      expect(same.outputs['fingerprint']).toBe(fingerprint)
      await push(registry, repository, imageOf('secret'), leak.tag)
      const asked = { tags: [leak.tag], manifests: [leak.digest], blobs: leak.ownBlobs }
      const changed = await expectRefusal(registry, repository, asked, { image, approve: fingerprint })
      expect(changed.errors).toContain(`${fingerprint} was approved`)
    })
  })
}
