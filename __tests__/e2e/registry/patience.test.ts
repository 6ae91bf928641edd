import { expect, test } from '@jest/globals'
import { pushScene } from '../../../testbed/images/scene.js'
import { SeededRandom } from '../../support/random.js'
import { expectGone, expectPulls } from '../support/registry-state.js'
import { startBalancer, type Hook, type Reply } from '../support/round-robin.js'
import { others } from '../support/scenes.js'
import { expectResult, onRegistry, purge, type RegistryServer } from '../support/support.js'

const busy = (headers: Readonly<Record<string, string>> = {}): Reply => ({
  reply: 429,
  headers,
  body: { errors: [{ code: 'TOOMANYREQUESTS', message: 'slow down' }] },
})

onRegistry('3.1.1', (start) => {
  const scene = async (): Promise<{
    registry: RegistryServer
    scene: Awaited<ReturnType<typeof pushScene>>
    image: string
  }> => {
    const registry = await start()
    const pushed = await pushScene(registry)
    return { registry, scene: pushed, image: `${pushed.repository}:${pushed.leak.tag}` }
  }

  test('a registry that takes so many requests a second is purged at its own speed', async () => {
    const { registry, scene: pushed, image } = await scene()
    let tokens = 5
    let last = Date.now()
    let refused = 0
    const bucket: Hook = () => {
      tokens = Math.min(5, tokens + ((Date.now() - last) * 25) / 1000)
      last = Date.now()
      if (tokens >= 1) {
        tokens--
        return undefined
      }
      refused++
      return busy()
    }
    const run = await purge(await startBalancer([registry], bucket), { image })
    expectResult(run, 'purged')
    expect(refused).toBeGreaterThan(0)
    await expectPulls(registry, pushed.repository, others(pushed))
  })

  test('nothing is asked before the time that Retry-After names, whichever request it came for', async () => {
    const { registry, image } = await scene()
    let until = 0
    const early: string[] = []
    let underWay = 0
    const balancer = await startBalancer([registry], ({ method, path }) => {
      if (until === 0 && path.endsWith('/manifests/stable')) {
        until = Date.now() + 2_000
        underWay = balancer.seen.length
        return busy({ 'retry-after': '2' })
      }
      if (until > 0 && Date.now() < until - 50) early.push(`${method} ${path}`)
      return undefined
    })
    const run = await purge(balancer, { image })
    expectResult(run, 'purged')
    expect(underWay).toBeGreaterThan(0)
    // What was sent before the answer came is all that may be early.
    expect(early.length).toBeLessThan(8)
    expect(run.ms).toBeGreaterThan(2_000)
  })

  test('a storm of 429 ends with the time limit, and not before', async () => {
    const { registry, image } = await scene()
    const run = await purge(await startBalancer([registry], () => busy()), { image, timeout: '4s' })
    expectResult(run, 'refused')
    expect(run.errors).toMatch(/^timeout: the run took longer than 4s/)
    expect(run.ms).toBeGreaterThanOrEqual(4_000)
    expect(run.ms).toBeLessThan(45_000)
  })

  test.each([
    ['the list', ({ path }: { path: string }) => path.endsWith('/tags/list'), 'cancelled'],
    [
      'a DELETE',
      ({ method, path }: { method: string; path: string }) =>
        method === 'DELETE' && path.includes('debug-42'),
      'cancelled',
    ],
  ])('a run that waits for %s is cancelled at once', async (_, waits, result) => {
    const { registry, image } = await scene()
    let waiting = false
    const balancer = await startBalancer([registry], (request) => {
      if (!waits(request)) return undefined
      waiting = true
      return busy({ 'retry-after': '60' })
    })
    const started = Date.now()
    const run = await purge(
      balancer,
      { image },
      {
        env: { RUNNER_DEBUG: '1' },
        signalWhen: (line) => (waiting && line.includes(' 429 ') ? 'SIGINT' : undefined),
      },
    )
    expect(run.result).toBe(result)
    expect(run.msAfterSignal).toBeLessThan(7_000)
    expect(Date.now() - started).toBeLessThan(60_000)
  })

  test('three lost answers in ten cost some requests and some time, and nothing else', async () => {
    const { registry, scene: pushed, image } = await scene()
    const random = new SeededRandom(7)
    const lost: (Reply | 'reset')[] = [
      busy(),
      busy({ 'retry-after': '1' }),
      { reply: 500 },
      { reply: 502 },
      { reply: 503, headers: { 'retry-after': '1' } },
      { reply: 504 },
    ]
    let faults = 0
    const balancer = await startBalancer([registry], () => {
      if (random.int(10) >= 3) return undefined
      faults++
      return lost[random.int(lost.length)]
    })
    const run = await purge(balancer, { image, 'verify-attempts': '2', 'verify-timeout': '2m' })
    expectResult(run, 'purged')
    expect(faults).toBeGreaterThan(10)
    await expectGone(registry, pushed.repository, {
      tags: [pushed.leak.tag],
      manifests: [pushed.leak.digest],
      blobs: pushed.leak.ownBlobs,
    })
    await expectPulls(registry, pushed.repository, others(pushed))
  })
})
