import { describe, expect, test } from '@jest/globals'
import { runEngine } from '../../support/engine.js'
import { SeededRandom } from '../../support/random.js'
import { useRegistries } from '../../support/registries.js'
import { referenceScene } from '../../support/scene.js'
import { about } from '../../safety/wire.js'
import { layer } from '../../../testbed/images/content.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const secret = layer('debug-42/secret').digest
const IMAGE = { image: `${REPO}:debug-42`, 'verify-timeout': '30m', timeout: '2h' }

/** One replica of three does not hear of the DELETE of the secret, until one reaches it. Which one answers is chance. */
async function behindRandomBalancer(seed: number) {
  const random = new SeededRandom(seed)
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  let stale = true
  registry.options.intercept = ({ method, path }) => {
    if (!path.endsWith(secret) || random.int(3) !== 0) return undefined
    if (method === 'DELETE') stale = false
    return method === 'GET' && stale ? { status: 200, body: 'stale' } : undefined
  }
  const run = await runEngine(registry, IMAGE, { seed })
  return { run, registry, scene, isStale: () => stale }
}

describe('behind a random balancer', () => {
  test('a stale replica that was seen once does not escape the proof', async () => {
    let grown = 0
    for (let seed = 1; seed <= 25; seed++) {
      const { run, isStale } = await behindRandomBalancer(seed)
      const rounds = run.report.repositories[0]?.blobs.find(({ digest }) => digest === secret)?.rounds ?? 0
      const seen = run.log.some((line) => line.includes('STILL ANSWERS'))
      if (seen) {
        grown++
        expect([seed, run.result, isStale()]).toEqual([seed, 'purged', false])
        expect(rounds).toBeGreaterThan(5)
        expect(rounds).toBeLessThanOrEqual(52)
      }
    }
    expect(grown).toBeGreaterThan(5)
  }, 120_000)

  test('more rounds are asked for than the formula wants if verify-attempts says so', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    let looks = 0
    registry.options.reads = { [secret]: () => (looks++ === 1 ? { status: 200, body: 'stale' } : undefined) }
    const run = await runEngine(registry, { ...IMAGE, 'verify-attempts': '60' })
    expect(run.result).toBe('purged')
    expect(run.report.repositories[0]?.blobs.find(({ digest }) => digest === secret)?.rounds).toBe(60)
  })

  test('without any sign the rounds are those that were asked for', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    const run = await runEngine(registry, { ...IMAGE, 'verify-attempts': '3' })
    expect(run.report.repositories[0]?.blobs.map(({ rounds }) => rounds)).toEqual([3, 3, 3])
  })

  test('a deletion that takes effect late is proven by no more rounds than a stale replica', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    const looks = (): number => about(registry, secret).filter(({ method }) => method === 'GET').length
    registry.options.reads = {
      [secret]: () => (looks() <= 8 ? { status: 200, body: 'not yet' } : undefined),
    }
    const run = await runEngine(registry, { ...IMAGE, 'verify-attempts': '5' })
    expect(run.result).toBe('purged')
    const rounds = run.report.repositories[0]?.blobs.find(({ digest }) => digest === secret)?.rounds ?? 0
    expect(rounds).toBeLessThanOrEqual(52)
    expect(rounds).toBeGreaterThanOrEqual(5)
  })

  test('a root that answered by digest and is unknown to its DELETE raises the rounds', async () => {
    const registry = await registryWith()
    const { leak } = referenceScene(registry.store)
    registry.options.onDelete = ({ reference }) =>
      reference === leak.digest
        ? { worked: true, answer: { status: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN' }] } } }
        : undefined
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    expect(run.report.repositories[0]?.manifests[0]?.rounds).toBe(10)
    expect(about(registry, leak.digest).length).toBeGreaterThan(20)
  })
})
