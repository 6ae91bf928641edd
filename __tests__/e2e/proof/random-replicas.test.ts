import { expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { blobDigests } from '../../../testbed/images/image.js'
import { push } from '../../../testbed/images/push.js'
import { expectPulls, statusOf } from '../support/registry-state.js'
import { startBalancer, type Balancer, type Seen } from '../support/round-robin.js'
import { imageOf } from '../support/scenes.js'
import {
  folderFor,
  noWaits,
  onRegistry,
  plain,
  purge,
  type RegistryServer,
  type Start,
} from '../support/support.js'

const repository = 'acme/app'
const [leak, stable] = [imageOf('base', 'secret', 'tools', 'data'), imageOf('base')]
const keeps = new Set(blobDigests(stable))
const own = blobDigests(leak).filter((digest) => !keeps.has(digest))
const asked = { manifests: [leak.digest], blobs: own }
const ATTEMPTS = 5
/** What a purge needs at the most once replicas have differed. */
const MOST_ROUNDS = 52

/**
 * Three registries on one folder, each with a cache in its memory. The warm ones have all of the leak there; the
 * push is through a fourth one, which has no cache and is not behind the balancer.
 */
async function startReplicas(start: Start, warm: readonly number[]): Promise<RegistryServer[]> {
  const shared = { rootDirectory: await folderFor('data'), secret: 'the same for all', ...plain }
  const pushed = await start(shared)
  await push(pushed, repository, leak, 'debug')
  await push(pushed, repository, stable, 'stable')
  const replica = () => start({ ...shared, cache: 'inmemory' })
  const replicas = [await replica(), await replica(), await replica()]
  for (const [number, each] of replicas.entries())
    if (warm.includes(number)) await statusOf(each, repository, { tags: ['debug', 'stable'], ...asked })
  return replicas
}

/**
 * Chance that repeats: which replica the n-th request for a path meets depends on the seed, the path and n, but not on
 * what was asked for in between.
 *
 * @param shares how many requests of all go to each replica
 */
function chance(seed: number, shares: readonly number[]): (request: Pick<Seen, 'path'>) => number {
  const places = shares.flatMap((share, replica) => Array.from({ length: share }, () => replica))
  const counts = new Map<string, number>()
  return ({ path }) => {
    const [place = path] = path.split('?')
    const count = (counts.get(place) ?? 0) + 1
    counts.set(place, count)
    const drawn = createHash('sha256').update(`${seed} ${place} ${count}`).digest().readUInt32BE()
    return places[drawn % places.length] ?? 0
  }
}

/** Whether a purged digest answered 200 after it had answered 404. What no answer told, no run can know. */
function differed({ seen }: Balancer): boolean {
  const gone = new Set<string>()
  return seen.some(({ method, path, status }) => {
    const [place = path] = path.split('?')
    if (method !== 'GET' || ![leak.digest, ...own].some((digest) => place.endsWith(digest))) return false
    if (status === 404) gone.add(place)
    return status === 200 && gone.has(place)
  })
}

interface Counted {
  readonly rounds: number
}

async function servedBy(replicas: readonly RegistryServer[]): Promise<string[]> {
  const served: string[] = []
  for (const [number, replica] of replicas.entries())
    for (const [path, status] of Object.entries(await statusOf(replica, repository, asked)))
      if (status !== 404) served.push(`replica ${number} ${path} ${status}`)
  return served
}

onRegistry('3.1.1', (start) => {
  test.each([
    { what: 'all replicas are stale', warm: [0, 1, 2], shares: [1, 1, 1], seed: 1 },
    { what: 'one of three is stale', warm: [2], shares: [1, 1, 1], seed: 2 },
    { what: 'one of three is stale', warm: [2], shares: [1, 1, 1], seed: 10 },
    { what: 'the stale one gets a sixth', warm: [2], shares: [2, 3, 1], seed: 1 },
    { what: 'the stale one gets a sixth', warm: [2], shares: [2, 3, 1], seed: 2 },
    { what: 'the stale one gets a sixth', warm: [2], shares: [2, 3, 1], seed: 7 },
  ])(
    'once replicas have differed no run is green while one serves what was purged: $what (seed $seed)',
    async ({ warm, shares, seed }) => {
      const replicas = await startReplicas(start, warm)
      const balancer = await startBalancer(replicas, undefined, undefined, chance(seed, shares))
      const inputs = {
        image: `${repository}:debug`,
        'verify-attempts': String(ATTEMPTS),
        // Time for 125 rounds.
        'verify-interval': '200ms',
        'verify-timeout': '25s',
        'shared-blobs': 'keep',
      }
      const run = await purge(balancer, inputs, noWaits)

      expect(['purged', 'incomplete']).toContain(run.result)
      if (run.result === 'purged' && differed(balancer)) {
        expect(await servedBy(replicas)).toEqual([])
        const repositories = run.report.repositories as { manifests: Counted[]; blobs: Counted[] }[]
        const items = repositories.flatMap(({ manifests, blobs }) => [...manifests, ...blobs])
        const rounds = items.map((each) => each.rounds)
        expect(Math.min(...rounds)).toBeGreaterThan(ATTEMPTS)
        expect(Math.max(...rounds)).toBeLessThanOrEqual(MOST_ROUNDS)
      }
      const [first] = replicas
      if (first !== undefined) await expectPulls(first, repository, { stable: stable.digest })
    },
  )
})
