/** Some registries bring a digest back where it is read in another repository, so the order of reads decides. */
import { describe, expect, test } from '@jest/globals'
import { roundsAgainst } from '../../../src/proof/replicas.js'
import { runEngine } from '../../support/engine.js'
import type { MemoryRegistry } from '../../support/memory-registry.js'
import { useRegistries } from '../../support/registries.js'
import { layer } from '../../../testbed/images/content.js'
import { ociImage } from '../../../testbed/images/image.js'
import { pushImage } from '../../support/push.js'

const registryWith = useRegistries()
const digestOf = (seed: string): string => layer(seed).digest
const TWO = { image: 'one:debug\ntwo:debug', 'verify-timeout': '10m' }

/** Each of two repositories keeps a layer that the other one purges. */
function crosswise(registry: MemoryRegistry): { one: string[]; two: string[] } {
  for (const [repo, purges, keeps] of [
    ['one', 'x', 'y'],
    ['two', 'y', 'x'],
  ] as const) {
    pushImage(registry.store, repo, ociImage(`${repo} leak`, { layers: [purges, `${repo} own`] }), 'debug')
    pushImage(registry.store, repo, ociImage(`${repo} keep`, { layers: [keeps] }), 'latest')
  }
  return { one: [digestOf('x'), digestOf('one own')], two: [digestOf('y'), digestOf('two own')] }
}

async function stillServed(
  registry: MemoryRegistry,
  repo: string,
  digests: readonly string[],
): Promise<string[]> {
  const answers = await Promise.all(
    digests.map(async (digest) => (await fetch(`${registry.url}/v2/${repo}/blobs/${digest}`)).status),
  )
  return digests.filter((_, at) => answers[at] === 200)
}

const contentReads = (registry: MemoryRegistry, repo: string, from: number): number[] =>
  registry.requests.flatMap(({ path, method }, at) =>
    at > from && method !== 'DELETE' && path.startsWith(`/v2/${repo}/`) && !path.endsWith('/tags/list')
      ? [at]
      : [],
  )

describe('several repositories', () => {
  test('what one keeps of what the other purges does not come back (a shared cache of descriptors)', async () => {
    const registry = await registryWith({ revivesElsewhere: true })
    for (const [repo, purges, keeps] of [
      ['one', 'x', 'y'],
      ['two', 'z', 'x'],
    ] as const) {
      pushImage(registry.store, repo, ociImage(`${repo} leak`, { layers: [purges] }), 'debug')
      pushImage(registry.store, repo, ociImage(`${repo} keep`, { layers: [keeps] }), 'latest')
    }
    const run = await runEngine(registry, TWO)
    expect([run.result, await stillServed(registry, 'one', [digestOf('x')])]).toEqual(['purged', []])
    expect(await stillServed(registry, 'two', [digestOf('z')])).toEqual([])
  })

  test('where each brings back what the other purges, whenever it is read, nothing is green', async () => {
    const registry = await registryWith({ revivesElsewhere: true })
    // It takes nine hundred rounds until the bursts are used up, so nothing but one blob each is purged.
    for (const [repo, purges, keeps] of [
      ['one', 'x', 'y'],
      ['two', 'y', 'x'],
    ] as const) {
      registry.store.putBlob(repo, layer(purges).bytes)
      pushImage(registry.store, repo, ociImage(`${repo} keep`, { layers: [keeps] }), 'latest')
    }
    const blobs = `one@${digestOf('x')}\ntwo@${digestOf('y')}`
    const run = await runEngine(registry, { blobs, 'verify-timeout': '10m' })
    expect(run.result).toBe('incomplete')
    expect(run.log.join()).toContain('STILL ANSWERS')
  }, 60_000)

  test('what stays is read before anything is proven, in all of them', async () => {
    const registry = await registryWith()
    const purged = crosswise(registry)
    expect((await runEngine(registry, TWO)).result).toBe('purged')
    const lastDelete = registry.requests.findLastIndex(({ method }) => method === 'DELETE')
    const first = (repo: string, digests: readonly string[]): number =>
      registry.requests.findIndex(
        ({ path }, at) => at > lastDelete && digests.some((digest) => path === `/v2/${repo}/blobs/${digest}`),
      )
    const firstProof = Math.min(first('one', purged.one), first('two', purged.two))
    const reads = ['one', 'two'].flatMap((repo) =>
      contentReads(registry, repo, lastDelete).filter((at) =>
        /\/manifests\/latest$/.test(registry.requests[at]?.path ?? ''),
      ),
    )
    expect(reads.length).toBe(2)
    expect(Math.max(...reads)).toBeLessThan(firstProof)
  })

  test('no control is a digest that another repository of the run purges', async () => {
    const registry = await registryWith()
    crosswise(registry)
    // The config of what one keeps belongs to the leak of the other.
    const shared = ociImage('shared')
    pushImage(registry.store, 'one', shared, 'latest')
    pushImage(registry.store, 'two', shared, 'debug')
    const run = await runEngine(registry, { ...TWO, 'verify-attempts': '6' })
    expect(run.result).toBe('purged')
    const lastDelete = registry.requests.findLastIndex(({ method }) => method === 'DELETE')
    const purged = [shared.digest, shared.config?.digest ?? '', ...shared.layers.map(({ digest }) => digest)]
    const controls = registry.requests.slice(lastDelete).filter(({ path, socketId }) => {
      const alone = registry.requests.filter((each) => each.socketId === socketId).length === 1
      return alone && path.startsWith('/v2/one/') && purged.some((digest) => path.endsWith(digest))
    })
    expect(controls).toEqual([])
  })

  test('a burst in one starts the proof of the other anew', async () => {
    const registry = await registryWith()
    const purged = crosswise(registry)
    let looks = 0
    registry.options.intercept = ({ method, path }) =>
      method === 'GET' && path === `/v2/two/blobs/${purged.two[0]}` && looks++ === 0
        ? { status: 200, body: 'stale' }
        : undefined
    const run = await runEngine(registry, TWO)
    expect(run.result).toBe('purged')
    const burst = registry.requests.findLastIndex(({ method }) => method === 'DELETE')
    const after = registry.requests
      .slice(burst)
      .filter(({ path, headers }) => path === `/v2/one/blobs/${purged.one[0]}` && headers.range === undefined)
    // Those before the burst do not count.
    expect(after.length).toBeGreaterThanOrEqual(roundsAgainst(1, 8))
  })

  test('what stays is read again after a burst, before the proof', async () => {
    const registry = await registryWith()
    const purged = crosswise(registry)
    let looks = 0
    registry.options.intercept = ({ method, path }) =>
      method === 'GET' && path === `/v2/two/blobs/${purged.two[0]}` && looks++ === 0
        ? { status: 200, body: 'stale' }
        : undefined
    await runEngine(registry, TWO)
    const burst = registry.requests.findLastIndex(({ method }) => method === 'DELETE')
    const paths = registry.requests.slice(burst).map(({ path }) => path)
    const read = paths.indexOf('/v2/two/manifests/latest')
    expect(read).toBeGreaterThan(0)
    expect(
      paths.filter((path, at) => at > read && path === `/v2/two/blobs/${purged.two[0]}`).length,
    ).toBeGreaterThan(2)
  })
})
