/** What is asked when everything is proven: reads that can bring a purged blob back come last. */
import { describe, expect, test } from '@jest/globals'
import { runEngine } from '../../support/engine.js'
import { useRegistries } from '../../support/registries.js'
import { referenceScene } from '../../support/scene.js'
import { about, realDeletes, served } from '../../safety/wire.js'
import { layer } from '../../../testbed/images/content.js'
import { ociImage } from '../../../testbed/images/image.js'
import { pushImage } from '../../support/push.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const secret = layer('debug-42/secret').digest
const IMAGE = { image: `${REPO}:debug-42`, 'verify-timeout': '20s' }

describe('a store that shares blobs between repositories', () => {
  test('serves a purged blob for a ranged request: it is deleted once more, and the run is not green', async () => {
    const registry = await registryWith({ dedupe: true })
    const scene = referenceScene(registry.store)
    registry.store.linkBlob('acme/other', secret)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('another repository of this registry holds it')
    expect(run.problems).toContain('If another repository holds it, purge it there in the same run')
    const blob = run.report.repositories[0]?.blobs.find(({ digest }) => digest === secret)
    expect(blob?.verdict).toBe('present')
    expect(served(registry, REPO, scene.gone)).toEqual([])
    const last = registry.requests.at(-1)
    expect([last?.method, last?.path.endsWith(secret)]).toEqual(['DELETE', true])
    expect(realDeletes(registry, [secret])).toHaveLength(2)
  })

  test('purged in both repositories in one run it is gone', async () => {
    const registry = await registryWith({ dedupe: true })
    const scene = referenceScene(registry.store)
    pushImage(registry.store, 'acme/other', ociImage('copy', { layers: ['debug-42/secret'] }), 'copy')
    pushImage(registry.store, 'acme/other', ociImage('stays'), 'latest')
    const run = await runEngine(registry, { ...IMAGE, image: `${REPO}:debug-42\nacme/other:copy` })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(served(registry, REPO, scene.gone)).toEqual([])
    expect(served(registry, 'acme/other', [secret])).toEqual([])
  })

  test('a storage behind a redirect is no answer of the registry: a redirect is', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    registry.options.intercept = ({ headers, path }) =>
      headers.range !== undefined && path === `/v2/${REPO}/blobs/${secret}`
        ? { status: 307, headers: { Location: `${registry.url}/v2/nobody/blobs/${secret}` }, body: '' }
        : undefined
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('shows that the registry knows it again')
  })

  test('one that answers nothing to the purpose, again and again, is no proof', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    registry.options.intercept = ({ headers, path }) =>
      headers.range !== undefined && path.endsWith(secret) ? { status: 503, body: {} } : undefined
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('the final check by a ranged GET failed')
  })

  test.each([
    ['a page of its own', { status: 404, headers: { 'Content-Type': 'text/html' }, body: 'no' }],
    [
      'a stored 404',
      {
        status: 404,
        headers: { 'Content-Type': 'application/json', Age: '7' },
        body: { errors: [{ code: 'BLOB_UNKNOWN' }] },
      },
    ],
  ])('%s in front of the registry is no answer to a range', async (_what, page) => {
    const registry = await registryWith({ dedupe: true })
    referenceScene(registry.store)
    registry.store.linkBlob('acme/other', secret)
    registry.options.intercept = ({ headers, path, url }) =>
      headers.range !== undefined && path.endsWith(secret) && url === path ? page : undefined
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
  })

  test('a registry that takes no ranges serves nothing by them', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    registry.options.intercept = ({ headers }) =>
      headers.range === undefined ? undefined : { status: 501, body: {} }
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
  })

  test('what a tag needs by now is not deleted at the end', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    let pushed = false
    registry.options.intercept = ({ headers }, store) => {
      if (headers.range !== undefined && !pushed)
        pushImage(store, REPO, ociImage('fresh', { layers: ['debug-42/secret'] }), 'fresh')
      pushed ||= headers.range !== undefined
    }
    const run = await runEngine(registry, { ...IMAGE, concurrency: '1' })
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('a tag needs it now: fresh')
    expect(registry.store.hasBlob(REPO, secret)).toBe(true)
  })

  test('one hiccup does not matter', async () => {
    let hiccups = 0
    const registry = await registryWith()
    referenceScene(registry.store)
    registry.options.intercept = ({ headers, path }) =>
      headers.range !== undefined && path.endsWith(secret) && hiccups++ === 0
        ? { status: 503, body: {} }
        : undefined
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
  })
})

describe('a digest that is a layer here and a manifest there', () => {
  test('a purged blob of no known type that is served as a manifest is not gone', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    const other = ociImage('as a manifest')
    const digest = pushImage(registry.store, REPO, other)
    registry.store.putBlob(REPO, other.bytes)
    const run = await runEngine(registry, { blobs: `${REPO}@${digest}`, 'verify-timeout': '20s' })
    expect(registry.store.hasManifest(REPO, digest)).toBe(true)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('the registry serves it as a manifest')
    expect(
      about(registry, digest).filter(
        ({ method, path }) => method === 'DELETE' && path.includes('/manifests/'),
      ),
    ).toEqual([])
  })

  test.each([404, 500, 400])('an answer of %i there is none', async (status) => {
    const registry = await registryWith()
    referenceScene(registry.store)
    const digest = registry.store.putBlob(REPO, 'a blob without a manifest')
    registry.options.intercept = ({ path }) =>
      path.endsWith(`/manifests/${digest}`) ? { status, body: { errors: [{ code: 'UNKNOWN' }] } } : undefined
    const run = await runEngine(registry, { blobs: `${REPO}@${digest}` })
    expect(run.result).toBe('purged')
    expect(about(registry, digest).filter(({ path }) => path.includes('/manifests/'))).toHaveLength(1)
  })

  test('layers and configs of known types are not sent there', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    await runEngine(registry, IMAGE)
    const blobs = scene.gone.filter((digest) => digest !== scene.leak.digest)
    expect(about(registry, ...blobs).filter(({ path }) => path.includes('/manifests/'))).toEqual([])
  })
})
