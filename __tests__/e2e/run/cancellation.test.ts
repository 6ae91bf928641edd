import { expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { pushScene } from '../../../testbed/images/scene.js'
import { expectPulls, snapshot } from '../support/registry-state.js'
import { deletesOf, startBalancer } from '../support/round-robin.js'
import { others } from '../support/scenes.js'
import { expectResult, onRegistry, purge, type Run } from '../support/support.js'

/** Milliseconds that what is in flight has when a run is cancelled. */
const GRACE = 4_000

/** A cancellation, as the runner does it, when this line is written. */
const cancelAt = (start: string) => ({
  signalWhen: (line: string): NodeJS.Signals | undefined => (line.startsWith(start) ? 'SIGINT' : undefined),
})

function expectCancelled(run: Run): void {
  expectResult(run, 'cancelled')
  expect(run.msAfterSignal).toBeLessThan(7_000)
  expect(run.summary).toMatch(/^## .*Cancelled/)
  expect(run.errors).toContain('The run was cancelled')
  expect(run.report).toMatchObject({ result: 'cancelled' })
}

onRegistry('3.1.1', (start) => {
  test('a cancellation before the first write writes nothing', async () => {
    const registry = await start()
    const { repository, leak, tags } = await pushScene(registry)
    const asked = { tags: Object.keys(tags), manifests: [leak.digest], blobs: leak.ownBlobs }
    const before = await snapshot(registry, repository, asked)
    const balancer = await startBalancer([registry], () => sleep(500))
    const run = await purge(balancer, { image: `${repository}:${leak.tag}` }, cancelAt('::group::Resolve'))

    expectCancelled(run)
    expect(run.msAfterSignal).toBeLessThan(GRACE)
    expect(await snapshot(registry, repository, asked)).toEqual(before)
    expect(deletesOf(balancer.seen, [leak.tag, leak.digest, ...leak.ownBlobs])).toEqual([])
  })

  test('a cancellation while blobs are deleted waits for what is in flight, and begins nothing', async () => {
    const registry = await start()
    const scene = await pushScene(registry)
    const { repository, leak } = scene
    const balancer = await startBalancer([registry], ({ method, path }) =>
      method === 'DELETE' && path.includes('/blobs/') ? sleep(1_000) : undefined,
    )
    const inputs = { image: `${repository}:${leak.tag}`, concurrency: '1' }
    const run = await purge(balancer, inputs, cancelAt('::group::Delete blobs'))

    expectCancelled(run)
    const sent = deletesOf(balancer.seen, leak.ownBlobs)
    expect(sent.map(({ status }) => status)).toEqual([202])
    const [entry] = run.report.repositories
    expect(entry.tags).toMatchObject([{ outcome: 'deleted' }])
    expect(entry.manifests).toMatchObject([{ outcome: 'deleted', verdict: 'unchecked' }])
    const outcomes = (entry.blobs as { outcome: string }[]).map(({ outcome }) => outcome)
    expect(outcomes.sort()).toEqual(['deleted', 'planned', 'planned'])
    expect(run.digests).toEqual([])
    await expectPulls(registry, repository, others(scene))
  })

  test('what is in flight and does not end after four seconds is unknown', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const balancer = await startBalancer([registry], ({ method, path }) =>
      method === 'DELETE' && leak.ownBlobs.some((digest) => path.endsWith(digest))
        ? sleep(20_000, null, { ref: false })
        : undefined,
    )
    const run = await purge(
      balancer,
      { image: `${repository}:${leak.tag}` },
      cancelAt('::group::Delete blobs'),
    )

    expectCancelled(run)
    expect(run.msAfterSignal).toBeGreaterThan(3_000)
    const outcomes = (run.report.repositories[0].blobs as { outcome: string }[]).map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['unknown', 'unknown', 'unknown'])
  })

  test('a cancellation while it is verified ends at once, and claims nothing', async () => {
    const registry = await start()
    const scene = await pushScene(registry)
    const { repository, leak } = scene
    const balancer = await startBalancer([registry], ({ path }) => {
      const deleted = balancer.seen.some(
        (each) => each.method === 'DELETE' && each.path.endsWith(leak.secretLayer),
      )
      return deleted && !path.endsWith('/tags/list') ? sleep(700) : undefined
    })
    const run = await purge(balancer, { image: `${repository}:${leak.tag}` }, cancelAt('::group::Verify'))

    expectCancelled(run)
    expect(run.msAfterSignal).toBeLessThan(GRACE)
    expect(run.digests).toEqual([])
    const [entry] = run.report.repositories
    expect(entry.blobs).toMatchObject(leak.ownBlobs.map(() => ({ outcome: 'deleted' })))
    await expectPulls(registry, repository, others(scene))
    const again = await purge(registry, {
      image: `${repository}@${leak.digest}`,
      blobs: leak.ownBlobs.join('\n'),
    })
    expectResult(again, 'purged')
  })

  test('past the time limit a run that has written stops, reports and is incomplete', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const balancer = await startBalancer([registry], ({ method, path }) =>
      method === 'DELETE' && leak.ownBlobs.some((digest) => path.endsWith(digest)) ? sleep(5_500) : undefined,
    )
    const inputs = { image: `${repository}:${leak.tag}`, timeout: '5s', concurrency: '1' }
    const run = await purge(balancer, inputs)
    expectResult(run, 'incomplete')
    expect(run.ms).toBeLessThan(45_000)
    expect(run.errors).toMatch(/timeout: the run took longer than 5s/)
    expect(deletesOf(balancer.seen, leak.ownBlobs).length).toBeLessThan(leak.ownBlobs.length)
  })
})
