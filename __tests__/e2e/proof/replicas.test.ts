import { expect, test } from '@jest/globals'
import { request } from '../../../testbed/http.js'
import { pushScene, type Scene } from '../../../testbed/images/scene.js'
import { expectGone, expectPulls, statusOf } from '../support/registry-state.js'
import { startBalancer } from '../support/round-robin.js'
import { others } from '../support/scenes.js'
import {
  expectResult,
  folderFor,
  lines,
  onRegistry,
  purge,
  type RegistryServer,
  type Start,
} from '../support/support.js'

/** So many rounds that a stale replica, which answers about every second look, does not escape them all. */
const attempts = { 'verify-attempts': '12' }

/** Two registries on one folder, each with a cache in its memory. What is in front of them speaks https. */
async function startReplicas(start: Start): Promise<[RegistryServer, RegistryServer]> {
  const rootDirectory = await folderFor('data')
  const replica = () =>
    start({ rootDirectory, secret: 'the same for both', cache: 'inmemory', tls: undefined })
  return [await replica(), await replica()]
}

const ask = ({ tags, leak }: Scene) => ({
  tags: Object.keys(tags),
  manifests: [...new Set(Object.values(tags))],
  blobs: [leak.config, ...leak.layers],
})
const leaked = ({ leak }: Scene) => ({ tags: [leak.tag], manifests: [leak.digest], blobs: leak.ownBlobs })

async function deleteByHand({ url, ca, auth }: RegistryServer, { repository, leak }: Scene): Promise<void> {
  const paths = [`manifests/${leak.digest}`, ...leak.ownBlobs.map((digest) => `blobs/${digest}`)]
  for (const path of paths) {
    const { status } = await request({ url: `${url}/v2/${repository}/${path}`, method: 'DELETE', ca, auth })
    expect(status).toBe(202)
  }
}

for (const version of ['3.1.1', '2.8.2'] as const) {
  onRegistry(version, (start) => {
    test('what two replicas hold in their caches is gone from both after a purge through a balancer', async () => {
      const [a, b] = await startReplicas(start)
      const scene = await pushScene(a)
      for (const replica of [a, b]) await statusOf(replica, scene.repository, ask(scene))
      const balancer = await startBalancer([a, b])
      const run = await purge(balancer, { image: `${scene.repository}:${scene.leak.tag}`, ...attempts })

      expectResult(run, 'purged')
      // One DELETE of each would have left what the other replica remembers.
      const { 'delete-manifest': manifests = 0, 'delete-blob': blobs = 0 } = run.report.requests
      expect(manifests + blobs).toBeGreaterThan(1 + scene.leak.ownBlobs.length)
      for (const replica of [a, b]) {
        await expectGone(replica, scene.repository, leaked(scene))
        await expectPulls(replica, scene.repository, others(scene))
      }
    })

    test.each([
      ['that replica alone', ([, b]: RegistryServer[]) => [b]],
      ['a balancer over both', (both: RegistryServer[]) => both],
    ])(
      'what only one replica remembers is gone after a purge by digests through %s',
      async (_way, behind) => {
        const [a, b] = await startReplicas(start)
        const scene = await pushScene(a)
        const { repository, leak } = scene
        await statusOf(b, repository, ask(scene))
        await deleteByHand(a, scene)
        await expectGone(a, repository, leaked(scene))
        const stale = await statusOf(b, repository, { blobs: leak.ownBlobs })
        expect(Object.values(stale)).toEqual(leak.ownBlobs.map(() => 200))

        const balancer = await startBalancer(behind([a, b]).filter((each) => each !== undefined))
        const run = await purge(balancer, {
          image: `${repository}@${leak.digest}`,
          blobs: lines(...leak.ownBlobs),
          ...attempts,
        })
        expectResult(run, 'purged')
        for (const replica of [a, b]) {
          await expectGone(replica, repository, leaked(scene))
          await expectPulls(replica, repository, others(scene))
        }
      },
    )
  })
}
