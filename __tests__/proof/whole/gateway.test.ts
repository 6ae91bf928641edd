/** A gateway in front of the registry answers in its place: nothing of what it says proves anything. */
import { describe, expect, test } from '@jest/globals'
import { runEngine } from '../../support/engine.js'
import type { GivenAnswer } from '../../support/memory/answer.js'
import type { MemoryRegistry } from '../../support/memory-registry.js'
import { useRegistries } from '../../support/registries.js'
import { referenceScene } from '../../support/scene.js'
import { about, served } from '../../safety/wire.js'
import { layer } from '../../../testbed/images/content.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42`, 'verify-timeout': '20s' }
const secret = layer('debug-42/secret').digest
const html = { 'Content-Type': 'text/html' }
const json = { 'Content-Type': 'application/json' }

/** Answers every request for some digests from the moment at which the first of them is deleted. */
function blockFromDelete(registry: MemoryRegistry, digests: readonly string[], page: GivenAnswer): void {
  let blocks = false
  registry.options.intercept = ({ method, path }) => {
    if (!digests.some((digest) => path.endsWith(digest))) return undefined
    blocks ||= method === 'DELETE'
    return blocks ? page : undefined
  }
}

const pages: [string, GivenAnswer][] = [
  ['a page of HTML', { status: 404, headers: html, body: '<h1>Not Found</h1>' }],
  ['another code', { status: 404, headers: json, body: { errors: [{ code: 'NOT_FOUND' }] } }],
  ['no code', { status: 404, headers: json, body: {} }],
  ['plain text', { status: 404, headers: { 'Content-Type': 'text/plain' }, body: '404 page not found' }],
  ['410', { status: 410, headers: json, body: { errors: [{ code: 'BLOB_UNKNOWN' }] } }],
]

describe('a 404 counts only as the registry gives it to what never existed', () => {
  test.each(pages)('%s, DELETE included', async (_what, page) => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    blockFromDelete(registry, scene.gone, page)
    const run = await runEngine(registry, IMAGE)
    expect(served(registry, REPO, scene.gone)).not.toEqual([])
    expect(run.result).toBe('incomplete')
    const [entry] = run.report.repositories
    for (const each of [...(entry?.manifests ?? []), ...(entry?.blobs ?? [])]) {
      expect(each.outcome).not.toBe('deleted')
      expect(each.verdict).not.toBe('gone')
    }
  })

  test('on one endpoint of a manifest only', async () => {
    const registry = await registryWith()
    const { leak } = referenceScene(registry.store)
    registry.options.intercept = ({ method, path }) =>
      method === 'GET' && path.endsWith(`/blobs/${leak.digest}`)
        ? { status: 404, headers: html, body: 'no' }
        : undefined
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('something between this runner and the registry may answer in its place')
  })

  test('bodies and parameters of the media type may differ', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    let turn = 0
    registry.options.intercept = ({ route, method }, store) => {
      const missing = route.kind === 'blob' && !store.hasBlob(REPO, route.reference)
      if (method !== 'GET' || !missing) return undefined
      const headers = {
        'Content-Type': turn++ % 2 === 0 ? 'application/json' : 'Application/JSON; charset=utf-8',
      }
      return { status: 404, headers, body: { errors: [{ code: 'BLOB_UNKNOWN', message: `no ${turn}` }] } }
    }
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
    expect(served(registry, REPO, scene.gone)).toEqual([])
  })

  test('a registry that has other words for tags is no gateway', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    registry.options.intercept = ({ route, method }, store) =>
      method === 'GET' &&
      route.kind === 'manifest' &&
      !route.reference.includes(':') &&
      store.resolve(REPO, route.reference) === undefined
        ? { status: 404, headers: json, body: { errors: [{ code: 'NAME_UNKNOWN' }] } }
        : undefined
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
  })

  test.each([200, 401, 503])('what never existed is answered with %i', async (status) => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    const known = [...scene.gone, ...scene.kept]
    registry.options.intercept = ({ method, path, route }, store) => {
      const random = route.kind === 'blob' && !known.some((each) => path.endsWith(each))
      if (method !== 'GET' || !random || store.hasBlob(REPO, route.reference)) return undefined
      return { status, body: status === 200 ? 'welcome' : {} }
    }
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('so a 404 there proves nothing')
  })
})

describe('`deleted` needs a 2xx, or a check before and after', () => {
  test('a DELETE that is answered 500 and worked, of a blob that nobody saw', async () => {
    const registry = await registryWith({
      onDelete: ({ reference }) =>
        reference === secret ? { worked: true, answer: { status: 500, body: {} } } : undefined,
    })
    referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    const blob = run.report.repositories[0]?.blobs.find(({ digest }) => digest === secret)
    expect(blob?.outcome).toBe('already-gone')
  })

  test('a DELETE that is answered 500 and worked, of a manifest that was read', async () => {
    const registry = await registryWith({
      onDelete: ({ kind }) =>
        kind === 'manifest' ? { worked: true, answer: { status: 500, body: {} } } : undefined,
    })
    const { leak } = referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    expect(run.report.repositories[0]?.manifests[0]).toMatchObject({
      digest: leak.digest,
      outcome: 'deleted',
    })
    expect(about(registry, leak.digest).some(({ method }) => method === 'DELETE')).toBe(true)
  })
})
