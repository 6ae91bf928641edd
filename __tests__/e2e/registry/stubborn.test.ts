import { expect, test } from '@jest/globals'
import { pushScene } from '../../../testbed/images/scene.js'
import { expectGone, expectPulls } from '../support/registry-state.js'
import { deletesOf, startBalancer } from '../support/round-robin.js'
import { others } from '../support/scenes.js'
import { expectResult, onRegistry, purge } from '../support/support.js'

const error = (code: string) => ({ errors: [{ code, message: 'not now' }] })

onRegistry('3.1.1', (start) => {
  test('a DELETE that fails is looked up and sent again', async () => {
    const registry = await start()
    const scene = await pushScene(registry)
    const { repository, leak } = scene
    const all = [leak.tag, leak.digest, ...leak.ownBlobs]
    const failed = new Set<string>()
    const balancer = await startBalancer([registry], ({ method, path }) => {
      const reference = all.find((each) => path.endsWith(`/${each}`))
      if (method !== 'DELETE' || reference === undefined || failed.has(reference)) return undefined
      failed.add(reference)
      return { reply: 503, body: error('UNAVAILABLE') }
    })
    const run = await purge(balancer, { image: `${repository}:${leak.tag}` })
    expectResult(run, 'purged')
    for (const reference of all) {
      const about = balancer.seen.filter(({ path }) => path.endsWith(`/${reference}`))
      const [first, second] = about.flatMap(({ method }, at) => (method === 'DELETE' ? [at] : []))
      expect(about.slice((first ?? 0) + 1, second).some(({ method }) => method === 'GET')).toBe(true)
    }
    await expectGone(registry, repository, {
      tags: [leak.tag],
      manifests: [leak.digest],
      blobs: leak.ownBlobs,
    })
    await expectPulls(registry, repository, others(scene))
  })

  test('what goes on answering is named and is no success, after a bounded number of deletes', async () => {
    const registry = await start()
    const scene = await pushScene(registry)
    const { repository, leak } = scene
    const balancer = await startBalancer([registry], ({ method, path }) =>
      method === 'GET' && path.endsWith(`/blobs/${leak.secretLayer}`)
        ? { reply: 200, body: 'cached' }
        : undefined,
    )
    const run = await purge(balancer, { image: `${repository}:${leak.tag}`, 'verify-timeout': '4s' })
    expectResult(run, 'incomplete')
    expect(run.errors).toContain(`${repository}@${leak.secretLayer} STILL ANSWERS`)
    expect(run.digests).not.toContain(leak.secretLayer)
    expect(run.summary).toMatch(/^## .*NOT PROVEN/)
    const deletes = deletesOf(balancer.seen, [leak.secretLayer]).length
    expect(deletes).toBeGreaterThan(3)
    expect(deletes).toBeLessThanOrEqual(1 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10)
    await expectPulls(registry, repository, others(scene))
  })

  test('no more requests are in flight than concurrency allows', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const balancer = await startBalancer([registry])
    expectResult(await purge(balancer, { image: `${repository}:${leak.tag}`, concurrency: '2' }), 'purged')
    expect(balancer.mostInFlight()).toBe(2)
  })
})
