import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pushScene } from '../../../testbed/images/scene.js'
import { runAction } from '../../../testbed/run/runner.js'
import { expectGone, expectPulls } from '../support/registry-state.js'
import { startBalancer } from '../support/round-robin.js'
import { others } from '../support/scenes.js'
import { expectResult, folderFor, lines, onRegistry, purge } from '../support/support.js'

interface Report {
  result: string
  endedAt: string | null
  repositories: {
    tags: { outcome: string }[]
    manifests: { digest: string; outcome: string }[]
    blobs: { digest: string; outcome: string }[]
  }[]
}

onRegistry('3.1.1', (start) => {
  test('a runner that is lost leaves a report that says what was done and what is not known', async () => {
    const registry = await start()
    const scene = await pushScene(registry)
    const { repository, leak } = scene
    const lost = new AbortController()
    let hanging = 0
    const balancer = await startBalancer([registry], ({ method, path }) => {
      if (method !== 'DELETE' || !leak.ownBlobs.some((digest) => path.endsWith(digest))) return undefined
      hanging += 1
      if (hanging === leak.ownBlobs.length) setTimeout(() => lost.abort(), 2_000)
      return sleep(20_000, null, { ref: false })
    })
    const folder = await folderFor('lost')
    const path = join(folder, 'report.json')
    const run = await runAction({
      inputs: {
        registry: balancer.url,
        username: balancer.auth?.username ?? '',
        password: balancer.auth?.password ?? '',
        'ca-certificate': balancer.ca ?? '',
        image: `${repository}:${leak.tag}`,
        'report-file': path,
      },
      folder,
      kill: lost.signal,
    })
    expect(run.signal).toBe('SIGKILL')
    expect(run.log).toContain('::group::Delete blobs')

    const report = JSON.parse(readFileSync(path, 'utf8')) as Report
    expect(report).toMatchObject({ result: 'incomplete', endedAt: null })
    const [entry] = report.repositories
    expect(entry?.tags).toMatchObject([{ outcome: 'deleted' }])
    expect(entry?.manifests).toMatchObject([{ digest: leak.digest, outcome: 'deleted' }])
    // The DELETEs were on their way for seconds when the runner was lost.
    expect(entry?.blobs.map(({ outcome }) => outcome)).toEqual(leak.ownBlobs.map(() => 'unknown'))

    const rest = lines(...(entry?.blobs ?? []).map(({ digest }) => digest))
    const inputs = { image: `${repository}:${leak.tag}@${leak.digest}`, blobs: rest }
    expectResult(await purge(registry, inputs), 'purged')
    await expectGone(registry, repository, {
      tags: [leak.tag],
      manifests: [leak.digest],
      blobs: leak.ownBlobs,
    })
    await expectPulls(registry, repository, others(scene))
  })
})
