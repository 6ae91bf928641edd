/** A registry that loses answers or asks for patience: at which request, once or always, and what comes of it. */
import { describe, expect, jest, test } from '@jest/globals'
import { layer } from '../../testbed/images/content.js'
import { ociImage, type Image } from '../../testbed/images/image.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import type { MemoryRegistry, RecordedRequest } from '../support/memory-registry.js'
import { SeededRandom } from '../support/random.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene, type ReferenceScene } from '../support/scene.js'
import { served } from '../safety/wire.js'

jest.setTimeout(60_000)

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42`, 'verify-attempts': '2', 'verify-timeout': '3m', timeout: '6m' }
const MINUTE = 60_000

const error = (status: number, code: string, headers: Readonly<Record<string, string>> = {}) => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: { errors: [{ code, message: 'not now' }] },
})

type Given = ReturnType<typeof error> | 'reset'
/** By the fake clock, which begins in June 2026. */
const DATE = new Date(Date.UTC(2026, 5, 1, 0, 2)).toUTCString()

const FAULTS = {
  '429': error(429, 'TOOMANYREQUESTS'),
  '429, Retry-After in seconds': error(429, 'TOOMANYREQUESTS', { 'Retry-After': '7' }),
  '429, Retry-After as a date': error(429, 'TOOMANYREQUESTS', { 'Retry-After': DATE }),
  '500': error(500, 'UNKNOWN'),
  '503': error(503, 'UNAVAILABLE'),
  '503, Retry-After in seconds': error(503, 'UNAVAILABLE', { 'Retry-After': '7' }),
  reset: 'reset',
} as const satisfies Record<string, Given>

type Where = (request: RecordedRequest, scene: ReferenceScene, deleted: boolean) => boolean
const ends = (path: string, digest: string): boolean => path.endsWith(`/${digest}`)
const isGone = (path: string, { gone }: ReferenceScene): boolean => gone.some((digest) => ends(path, digest))

const PLACES: Readonly<Record<string, Where>> = {
  'the tag list': ({ path }) => path.endsWith('/tags/list'),
  'a remaining tag': ({ path }) => path.endsWith('/manifests/stable'),
  'the probe': ({ method, path }, scene) =>
    method === 'DELETE' && path.includes('sha256:') && !isGone(path, scene),
  'DELETE of the tag': ({ method, path }) => method === 'DELETE' && path.endsWith('/debug-42'),
  'DELETE of the manifest': ({ method, path }, { leak }) => method === 'DELETE' && ends(path, leak.digest),
  'DELETE of a blob': ({ method, path }, { leak }) =>
    method === 'DELETE' && ends(path, leak.config?.digest ?? ''),
  'a look of the proof': ({ method, path }, { leak }, deleted) =>
    deleted && method === 'GET' && ends(path, leak.config?.digest ?? ''),
  'a blob of a remaining tag': ({ method }) => method === 'HEAD',
}

/** Runs a purge with a fault at the first so many requests of a kind. */
async function faulty(
  where: Where,
  fault: Given,
  times: number,
): Promise<{ run: EngineRun; registry: MemoryRegistry; scene: ReferenceScene; hit: RecordedRequest[] }> {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const hit: RecordedRequest[] = []
  registry.options.intercept = (request) => {
    const config = scene.leak.config?.digest ?? ''
    const deleted = registry.requests.some(({ method, path }) => method === 'DELETE' && ends(path, config))
    if (hit.length >= times || !where(request, scene, deleted)) return undefined
    hit.push(request)
    return fault
  }
  return { run: await runEngine(registry, IMAGE), registry, scene, hit }
}

/** Nothing that was to stay was harmed, and a green run is true. */
function expectHonest(run: EngineRun, registry: MemoryRegistry, scene: ReferenceScene): void {
  for (const [tag, digest] of Object.entries(scene.tags))
    if (tag !== 'debug-42') expect([tag, registry.store.resolve(REPO, tag)]).toEqual([tag, digest])
  expect(served(registry, REPO, scene.kept)).toEqual(scene.kept)
  if (run.result === 'purged') expect(served(registry, REPO, scene.gone)).toEqual([])
}

describe.each(Object.entries(FAULTS))('an answer of %s', (name, fault) => {
  test.each(Object.entries(PLACES))('to %s, once, does not matter', async (_, where) => {
    const { run, registry, scene, hit } = await faulty(where, fault, 1)
    expect(hit).toHaveLength(1)
    expect([run.problems, run.result]).toEqual(['', 'purged'])
    expectHonest(run, registry, scene)
    // It is waited for where the registry says how long.
    if (name.includes('Retry-After'))
      expect(run.ms).toBeGreaterThanOrEqual(name.includes('date') ? 2 * MINUTE : 7000)
  })

  test.each(Object.entries(PLACES))(
    'to %s, for ever, never turns green, and harms nothing',
    async (where, hits) => {
      const { run, registry, scene } = await faulty(hits, fault, Infinity)
      expectHonest(run, registry, scene)
      const throttled = name.startsWith('429')
      const proof = where === 'a look of the proof'
      // The tag goes with its manifest all the same, and a GET tells what a HEAD does not.
      const way = ['DELETE of the tag', 'a blob of a remaining tag'].includes(where)
      const early = ['the tag list', 'a remaining tag', 'the probe'].includes(where)
      expect(run.result).toBe(early ? 'refused' : way && !throttled ? 'purged' : 'incomplete')
      if (throttled && !proof) {
        // A storm of these slows a run down, and is no failure before the time is up.
        expect(run.ms).toBeGreaterThanOrEqual(6 * MINUTE)
        expect(run.log.join('\n')).not.toContain('NOT deleted')
      }
      if (proof) expect(run.problems).toContain('is not proven gone')
      if (early) expect(registry.store.resolve(REPO, 'debug-42')).toBe(scene.leak.digest)
    },
  )
})

test('Retry-After keeps back every request to that host, not only the one that it came for', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  const order: string[] = []
  registry.options.intercept = ({ path }) => {
    order.push(path.split('/').at(-1) ?? '')
    const first = path.endsWith('/manifests/latest') && order.filter((each) => each === 'latest').length === 1
    return first ? error(429, 'TOOMANYREQUESTS', { 'Retry-After': '30' }) : undefined
  }
  const run = await runEngine(registry, { ...IMAGE, concurrency: '2' })
  expect(run.result).toBe('purged')
  expect(run.ms).toBeGreaterThanOrEqual(30_000)
  // One other may have been under way; the tags after it would have come before the second try.
  const [one = 0, two = 0] = order.flatMap((each, at) => (each === 'latest' ? [at] : []))
  expect(order.slice(one + 1, two).length).toBeLessThanOrEqual(1)
})

test('a DELETE does not leave on an old look where another request made the host wait', async () => {
  const registry = await registryWith()
  pushImage(registry.store, REPO, ociImage('latest'), 'latest')
  // The blobs go in the order of their digests: one is taken whose last blob is a layer.
  const leaks = Array.from({ length: 50 }, (_, at) =>
    ociImage(`leak ${at}`, { layers: [`a ${at}`, `b ${at}`] }),
  )
  const blobsOf = (image: Image): string[] =>
    [image.config, ...image.layers].flatMap((each) => each?.digest ?? [])
  const leak = leaks.find((each) => each.config?.digest !== blobsOf(each).sort().at(-1))
  if (leak === undefined) throw new Error('there is always one')
  pushImage(registry.store, REPO, leak, 'debug-42')
  const at = leaks.indexOf(leak)
  const asked: string[] = []
  let needed = ''
  registry.options.intercept = ({ method, path }, store) => {
    const digest = blobsOf(leak).find((each) => path.endsWith(`/blobs/${each}`))
    if (method !== 'DELETE' || digest === undefined) return undefined
    asked.push(digest)
    if (asked.length === 1) return error(429, 'TOOMANYREQUESTS', { 'Retry-After': '30' })
    if (asked.length > 2) return undefined
    // The third is still to come when somebody pushes what needs it.
    const seed = [`a ${at}`, `b ${at}`].find((each) => !asked.includes(layer(each).digest)) ?? ''
    needed = layer(seed).digest
    pushImage(store, REPO, ociImage('fresh', { layers: [seed] }), 'fresh')
    return undefined
  }
  const run = await runEngine(registry, { ...IMAGE, concurrency: '2' })
  expect(blobsOf(leak)).toContain(needed)
  expect(registry.store.hasBlob(REPO, needed)).toBe(true)
  expect(asked).not.toContain(needed)
  expect(run.result).toBe('incomplete')
  expect(run.ms).toBeGreaterThanOrEqual(30_000)
})

test('what a look for one DELETE shows holds for all that come after it', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const own = scene.gone.slice(1).sort()
  const last = own.findLast((digest) => digest !== scene.leak.config?.digest) ?? ''
  const seed = ['debug-42/tools', 'debug-42/secret'].find((each) => layer(each).digest === last) ?? ''
  const asked: string[] = []
  registry.options.intercept = ({ method, path }, store) => {
    const digest = own.find((each) => path.endsWith(`/blobs/${each}`))
    if (method !== 'DELETE' || digest === undefined) return undefined
    asked.push(digest)
    if (asked.length > 1) return undefined
    pushImage(store, REPO, ociImage('fresh', { layers: [seed] }), 'fresh')
    return error(429, 'TOOMANYREQUESTS', { 'Retry-After': '3' })
  }
  const run = await runEngine(registry, { ...IMAGE, concurrency: '1' })
  expect(asked[0]).not.toBe(last)
  expect(asked).not.toContain(last)
  expect(registry.store.hasBlob(REPO, last)).toBe(true)
  expect(run.result).toBe('incomplete')
})

test('a DELETE with an unknown outcome is looked at right before it is sent again', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  const secret = layer('debug-42/secret').digest
  const order: string[] = []
  registry.options.intercept = ({ method, path }) => {
    const own = path.endsWith(secret)
    if (method === 'DELETE' && own) order.push('DELETE')
    else if (path.endsWith('/tags/list')) order.push('list')
    return method === 'DELETE' && own && order.filter((each) => each === 'DELETE').length < 4
      ? error(503, 'UNAVAILABLE')
      : undefined
  }
  const run = await runEngine(registry, { ...IMAGE, concurrency: '1' })
  expect(run.result).toBe('purged')
  expect(order.join(' ')).toContain('DELETE list DELETE list DELETE list DELETE')
})

test('a DELETE with an unknown outcome is not sent again where the look fails', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const secret = layer('debug-42/secret').digest
  let deletes = 0
  registry.options.intercept = ({ method, path }) => {
    const own = path.endsWith(secret)
    if (own && method === 'DELETE') deletes++
    return deletes > 0 && own ? error(500, 'UNKNOWN') : undefined
  }
  const run = await runEngine(registry, IMAGE)
  expect([run.result, deletes]).toEqual(['incomplete', 1])
  expectHonest(run, registry, scene)
})

/** Three answers in ten are lost, in all the ways that there are. */
const STORM: readonly Given[] = [
  error(429, 'TOOMANYREQUESTS'),
  error(429, 'TOOMANYREQUESTS', { 'Retry-After': '1' }),
  error(500, 'UNKNOWN'),
  error(502, 'UNKNOWN'),
  error(503, 'UNAVAILABLE', { 'Retry-After': '1' }),
  error(504, 'UNKNOWN'),
  'reset',
]

test('a purge goes through although three answers in ten are lost', async () => {
  const figures: { requests: number; ms: number }[] = []
  const results: string[] = []
  for (let seed = 1; seed <= 20; seed++) {
    const random = new SeededRandom(seed)
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    registry.options.intercept = () => (random.int(10) < 3 ? STORM[random.int(STORM.length)] : undefined)
    const run = await runEngine(
      registry,
      { ...IMAGE, 'verify-attempts': '5', 'verify-timeout': '5m' },
      { seed },
    )
    expectHonest(run, registry, scene)
    results.push(run.result)
    figures.push({ requests: registry.requests.length, ms: run.ms })
    await registry.stop()
  }
  // A read that fails six times in a row refuses or ends a run: that happens, but not often.
  expect(results.filter((result) => result === 'purged').length).toBeGreaterThanOrEqual(18)
  const middle = (of: (figure: { requests: number; ms: number }) => number): number =>
    figures.map(of).sort((one, other) => one - other)[10] ?? 0
  expect(middle(({ requests }) => requests)).toBeLessThan(250)
  expect(middle(({ ms }) => ms)).toBeLessThan(5 * MINUTE)
})
