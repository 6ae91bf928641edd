import { expect, test } from '@jest/globals'
import { blobDigests, type Image } from '../../../testbed/images/image.js'
import { push } from '../../../testbed/images/push.js'
import { onRegistryWith, startOnRedis } from '../support/parts.js'
import { expectPulls, statusOf } from '../support/registry-state.js'
import { imageOf } from '../support/scenes.js'
import {
  expectResult,
  lines,
  noWaits,
  purge,
  type RegistryServer,
  type Run,
  type Start,
} from '../support/support.js'

/*
 * A descriptor cache in redis, as 2.8.2 and 3.0.0 keep it: DELETE takes the descriptor of a digest out and leaves the
 * repository among those that have it. The first GET or HEAD of that digest in any repository that still has it puts
 * the descriptor back, and then the purged repository serves it too, without a link. A further DELETE there (202 from
 * 2.8.2, 500 from 3.0.0) ends it until the next such read. Reading the manifest of a tag brings no layer back. 2.8.2
 * keeps blobs so, 3.0.0 manifests as well. 3.1.1 brings nothing back.
 */

const [x, y, z] = ['layer x', 'layer y', 'layer z'] as const
/** Time for a hundred rounds: a run that has seen replicas differ wants 52 clean ones. */
const rounds = { 'verify-interval': '200ms', 'verify-timeout': '20s' }
const short = { ...rounds, 'shared-blobs': 'keep', concurrency: '4' }

/** What a repository has: the layers of its leak, and those that its other tag keeps. */
interface Has {
  readonly leak: readonly string[]
  readonly keeps: readonly string[]
}

interface Pushed {
  readonly repository: string
  readonly leak: Image
  readonly stable: Image
  /** The layers that only the leak has there. */
  readonly own: readonly string[]
}

async function pushAll(registry: RegistryServer, has: Record<string, Has>): Promise<Pushed[]> {
  const pushed: Pushed[] = []
  for (const [repository, { leak: layers, keeps }] of Object.entries(has)) {
    const leak = imageOf(...layers, `leak of ${repository}`)
    const stable = imageOf(...keeps, `stable of ${repository}`)
    await push(registry, repository, leak, 'debug')
    await push(registry, repository, stable, 'stable')
    const kept = new Set(blobDigests(stable))
    const own = blobDigests(leak).filter((digest) => !kept.has(digest))
    pushed.push({ repository, leak, stable, own })
  }
  return pushed
}

/** Everything that was to go and is served, by GETs of nothing else: they come first, before anything touches what stays. */
async function servedOf(registry: RegistryServer, pushed: readonly Pushed[]): Promise<string[]> {
  const served: string[] = []
  for (const { repository, leak, own } of pushed) {
    const asked = { tags: ['debug'], manifests: [leak.digest], blobs: own }
    for (const [path, status] of Object.entries(await statusOf(registry, repository, asked)))
      if (status !== 404) served.push(`${repository}/${path} ${status}`)
  }
  return served
}

/** Purges the leaks of these repositories in one run, or those of some, while the others are searched. */
async function runOn(
  start: Start,
  has: Record<string, Has>,
  searched: readonly string[] = [],
): Promise<{ run: Run; served: string[] }> {
  const registry = await startOnRedis(start)
  const pushed = await pushAll(registry, has)
  const purged = pushed.filter(({ repository }) => !searched.includes(repository))
  const inputs = {
    image: lines(...purged.map(({ repository }) => `${repository}:debug`)),
    ...(searched.length > 0 && { 'search-repositories': lines(...searched) }),
    ...short,
  }
  const run = await purge(registry, inputs, noWaits)
  const served = await servedOf(registry, purged)
  for (const { repository, stable } of pushed)
    await expectPulls(registry, repository, { stable: stable.digest })
  return { run, served }
}

const scenes: [string, Record<string, Has>][] = [
  [
    'the second keeps what the first purges',
    { 'app/one': { leak: [x, y], keeps: [y] }, 'app/two': { leak: [x, z], keeps: [x] } },
  ],
  [
    'the first keeps what the second purges',
    { 'app/one': { leak: [x, z], keeps: [x] }, 'app/two': { leak: [x, y], keeps: [y, 'base'] } },
  ],
  [
    'each keeps what the other purges',
    { 'app/one': { leak: [x, y], keeps: [y] }, 'app/two': { leak: [x, y], keeps: [x] } },
  ],
  [
    'each of three keeps what the next purges',
    {
      'app/one': { leak: [x, y, z], keeps: [x] },
      'app/two': { leak: [x, y, z], keeps: [y] },
      'app/three': { leak: [x, y, z], keeps: [z] },
    },
  ],
]

for (const version of ['2.8.2', '3.0.0'] as const) {
  onRegistryWith('redis', version, (start) => {
    test.each(scenes)('no digest is called gone that a shared cache serves: %s', async (_what, has) => {
      const { run, served } = await runOn(start, has)
      expect(['purged', 'incomplete']).toContain(run.result)
      expect(run.result === 'purged' ? served : []).toEqual([])
    })

    test('no digest is called gone that the search in another repository brought back', async () => {
      const has = { 'app/one': { leak: [x, y], keeps: [y] }, 'app/two': { leak: [x], keeps: [x] } }
      const { run, served } = await runOn(start, has, ['app/two'])
      expect(['purged', 'incomplete']).toContain(run.result)
      expect(run.result === 'purged' ? served : []).toEqual([])
    })

    test('two repositories without a layer in common are purged', async () => {
      const { run, served } = await runOn(start, {
        'app/one': { leak: [x, y], keeps: [y] },
        'app/two': { leak: [z, 'base'], keeps: ['base'] },
      })
      expectResult(run, 'purged')
      expect(served).toEqual([])
    })
  })
}

onRegistryWith('redis', '3.1.1', (start) => {
  test.each(scenes)('this version brings nothing back, so the run is green: %s', async (_what, has) => {
    const { run, served } = await runOn(start, has)
    expectResult(run, 'purged')
    expect(served).toEqual([])
  })
})
