/** A cache in front of the registry keeps a 404 for a while: that is one check, however often it is answered. */
import { describe, expect, test } from '@jest/globals'
import { runEngine } from '../../support/engine.js'
import type { MemoryRegistry, RecordedRequest } from '../../support/memory-registry.js'
import { useRegistries } from '../../support/registries.js'
import { referenceScene } from '../../support/scene.js'
import { about, served } from '../../safety/wire.js'
import { layer } from '../../../testbed/images/content.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const secret = layer('debug-42/secret').digest
const IMAGE = { image: `${REPO}:debug-42`, 'verify-timeout': '20s', 'verify-attempts': '4' }
const unknown = { errors: [{ code: 'BLOB_UNKNOWN' }] }

/** Answers GETs of the secret with a 404 that it stored, while the registry goes on to serve it. */
function cache404(
  registry: MemoryRegistry,
  headers: Record<string, string>,
  stored: (request: RecordedRequest) => boolean,
): void {
  registry.options.onDelete = ({ reference }) =>
    reference === secret ? { worked: false, answer: { status: 202 } } : undefined
  registry.options.intercept = (request) =>
    request.method === 'GET' && request.path.endsWith(secret) && stored(request)
      ? { status: 404, headers: { 'Content-Type': 'application/json', ...headers }, body: unknown }
      : undefined
}

describe('a 404 out of a cache is no check', () => {
  test.each([
    ['Age', { Age: '7' }],
    ['X-Cache', { 'X-Cache': 'HIT' }],
    ['CF-Cache-Status', { 'CF-Cache-Status': 'STALE' }],
    ['Cache-Status', { 'Cache-Status': 'edge; hit' }],
  ])('%s says so, whatever the query', async (_name, headers) => {
    const registry = await registryWith()
    referenceScene(registry.store)
    cache404(registry, headers, () => true)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(run.report.repositories[0]?.blobs.find(({ digest }) => digest === secret)?.verdict).toBe(
      'inconclusive',
    )
    expect(run.problems).toContain('comes out of a cache in front of the registry')
  })

  test('a silent cache is passed by every second round, which finds what is still served', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    cache404(registry, {}, ({ url, path }) => url === path)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain(`${secret} STILL ANSWERS`)
  })

  test('a cache that a query passes does not stand in the way of a proof', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    registry.options.intercept = ({ method, path, url }) => {
      const first = registry.requests.filter((each) => each.url === url && each.method === 'GET').length === 1
      return method === 'GET' &&
        !first &&
        url === path &&
        path.endsWith(secret) &&
        !registry.store.hasBlob(REPO, secret)
        ? { status: 404, headers: { 'Content-Type': 'application/json', Age: '3' }, body: unknown }
        : undefined
    }
    const run = await runEngine(registry, IMAGE)
    expect([run.result, served(registry, REPO, scene.gone)]).toEqual(['purged', []])
  })

  test('every second round carries a query of its own', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
    const queries = about(registry, secret)
      .filter(({ method, headers }) => method === 'GET' && headers.range === undefined)
      .map(({ url, path }) => url.slice(path.length))
    expect(queries.map((query) => query !== '')).toEqual([false, true, false, true])
    expect(queries[1]).not.toBe(queries[3])
  })

  test('a control out of a cache does not show that the registry answers', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    let deleted = false
    registry.options.onDelete = ({ kind }) => {
      if (kind !== 'blob') return undefined
      deleted = true
      return { worked: false, answer: { status: 202 } }
    }
    // Behind the cache, which still has what remains, every request gets the registry's 404.
    registry.options.intercept = ({ method, route }, store) => {
      if (!deleted || method !== 'GET' || !('reference' in route) || !route.reference.includes(':'))
        return undefined
      const kept =
        route.kind === 'manifest'
          ? store.hasManifest(REPO, route.reference)
          : store.hasBlob(REPO, route.reference)
      const purged = scene.gone.includes(route.reference)
      const body = store.content(route.reference)
      if (kept && !purged && body !== undefined)
        return { status: 200, headers: { Age: '9' }, body: body.toString() }
      const code = route.kind === 'manifest' ? 'MANIFEST_UNKNOWN' : 'BLOB_UNKNOWN'
      return { status: 404, headers: { 'Content-Type': 'application/json' }, body: { errors: [{ code }] } }
    }
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
  })
})

describe('a control', () => {
  test('that the cache of a store behind a redirect answers shows that the registry answers', async () => {
    const registry = await registryWith({ redirectBlobs: true })
    referenceScene(registry.store)
    const { createServer } = await import('node:http')
    const store = createServer(({ url = '' }, response) => {
      const body = registry.store.content(url.slice(1).split('?')[0] ?? '')
      response
        .writeHead(body === undefined ? 404 : 200, { 'X-Cache': 'Hit from a store', Age: '100' })
        .end(body)
    })
    await new Promise<void>((done) => store.listen(0, '127.0.0.1', done))
    const { port } = store.address() as { port: number }
    registry.options.intercept = ({ method, route, headers }) => {
      const there =
        'reference' in route &&
        (registry.store.hasBlob(REPO, route.reference) || registry.store.hasManifest(REPO, route.reference))
      if (method === 'DELETE' || !there) return undefined
      if (route.kind === 'blob')
        return { status: 307, headers: { Location: `http://127.0.0.1:${port}/${route.reference}` } }
      // Manifests come out of a cache of the registry's own front, so they do not vouch for it.
      return headers.connection === 'close'
        ? {
            status: 200,
            headers: { 'X-Cache': 'HIT' },
            body: registry.store.content(route.reference)?.toString('utf8') ?? '',
          }
        : undefined
    }
    const run = await runEngine(registry, IMAGE)
    store.close()
    expect([run.result, run.problems]).toEqual(['purged', ''])
  })

  test('is asked for on the other endpoint if a cache answers on one', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    registry.options.intercept = ({ method, route }, store) => {
      if (method !== 'GET' || route.kind !== 'blob' || !store.hasBlob(REPO, route.reference)) return undefined
      const body = store.content(route.reference)?.toString('utf8') ?? ''
      return { status: 200, headers: { 'X-Cache': 'HIT' }, body }
    }
    const run = await runEngine(registry, IMAGE)
    expect([run.result, run.problems]).toEqual(['purged', ''])
  })

  test('that fails is told in the problems', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    registry.options.intercept = ({ method, headers, route }, store) =>
      method === 'GET' &&
      headers.connection === 'close' &&
      'reference' in route &&
      (store.hasBlob(REPO, route.reference) || store.hasManifest(REPO, route.reference))
        ? { status: 403, body: { errors: [{ code: 'DENIED' }] } }
        : undefined
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('which must be there, gets 403 DENIED')
  })
})

test('no-cache goes along with every request', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  await runEngine(registry, IMAGE)
  expect(registry.requests.length).toBeGreaterThan(40)
  expect(registry.requests.filter(({ headers }) => headers['cache-control'] !== 'no-cache')).toEqual([])
})
