import { describe, expect, test } from '@jest/globals'
import { dockerImage, ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import type { MemoryOptions } from '../support/memory-registry.js'
import { realDeletes, served } from './wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }

describe('rule 1: the probe stops the run before any write', () => {
  const cases: [string, MemoryOptions][] = [
    ['deletion is off', { deleteOff: true }],
    ['deletion is off on 3.0.0, where a tag would go all the same', { deleteOff30: true }],
    ['the registry is read-only', { readOnly: true }],
    ['the registry is a pull-through cache', { pullThrough: true }],
    ['there is no DELETE endpoint', { noDeleteEndpoint: true }],
    ['blobs cannot be deleted', { unsupported: { blob: 405 } }],
    ['the user may not delete', { permissions: ({ action }) => (action === 'delete' ? 403 : undefined) }],
  ]
  test.each(cases)('refuses when %s', async (_, options) => {
    const registry = await registryWith(options)
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('refused')
    expect(realDeletes(registry, ['debug-42', ...scene.gone])).toEqual([])
    expect(registry.store.tags(REPO)).toContain('debug-42')
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
  })

  test.each([{ deleteOff: true }, { deleteOff30: true }, { readOnly: true }, { pullThrough: true }])(
    'names the setting that turns deletion on (%j)',
    async (options) => {
      const registry = await registryWith(options)
      referenceScene(registry.store)
      const { problems } = await runEngine(registry, IMAGE)
      expect(problems).toContain('storage.delete.enabled')
      expect(problems).toContain('REGISTRY_STORAGE_DELETE_ENABLED=true')
    },
  )

  test('a dry run plans although the user may not delete, with a warning', async () => {
    const registry = await registryWith({
      permissions: ({ action }) => (action === 'delete' ? 403 : undefined),
    })
    referenceScene(registry.store)
    const run = await runEngine(registry, { ...IMAGE, 'dry-run': 'true' })
    expect(run.result).toBe('planned')
    expect(run.log.join('\n')).toContain('No permission')
  })
})

describe('rule 2: what cannot be read cannot be known', () => {
  test.each([500, 403, 'reset', 'html', 'cut-body'] as const)(
    'refuses when a remaining tag answers %s',
    async (twist) => {
      const registry = await registryWith({ reads: { latest: twist } })
      const scene = referenceScene(registry.store)
      const run = await runEngine(registry, IMAGE)
      expect(run.result).toBe('refused')
      expect(run.problems).toContain(`${REPO}:latest`)
      expect(realDeletes(registry, ['debug-42', ...scene.gone])).toEqual([])
    },
  )

  test('a dry run refuses as well', async () => {
    const registry = await registryWith({ reads: { latest: 500 } })
    referenceScene(registry.store)
    expect((await runEngine(registry, { ...IMAGE, 'dry-run': 'true' })).result).toBe('refused')
  })

  test('refuses when the child of a remaining index is missing', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    const child = ociImage('child')
    pushImage(registry.store, REPO, ociIndex([child]), 'multi')
    registry.store.deleteManifest(REPO, child.digest)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('refused')
    expect(run.problems).toContain('multi')
  })

  test('a dangling tag is broken before, and the purge goes on', async () => {
    const registry = await registryWith({ extraListed: ['ghost'] })
    referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    expect(run.report.repositories[0]?.remaining).toContainEqual(
      expect.objectContaining({ tag: 'ghost', digest: null, verdict: 'broken-before' }),
    )
  })

  test('one 404 on a remaining tag is not enough to take it for dangling', async () => {
    let asked = 0
    const registry = await registryWith({
      reads: {
        latest: () =>
          asked++ === 0 ? { status: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN' }] } } : undefined,
      },
    })
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    expect(served(registry, REPO, scene.kept)).toEqual(scene.kept)
  })

  test('a protected tag is never taken for dangling', async () => {
    const registry = await registryWith({ extraListed: ['ghost'] })
    referenceScene(registry.store)
    for (const dry of ['true', 'false']) {
      const run = await runEngine(registry, { ...IMAGE, 'protected-tags': 'ghost', 'dry-run': dry })
      expect(run.result).toBe('refused')
      expect(run.problems).toContain('ghost')
    }
  })

  test('a tag that the list leaves out is protected by its name', async () => {
    const registry = await registryWith({ unlisted: ['latest'] })
    const scene = referenceScene(registry.store)
    registry.store.untag(REPO, 'stable')
    const run = await runEngine(registry, { ...IMAGE, 'protected-tags': 'latest' })
    expect(run.result).toBe('purged')
    expect(served(registry, REPO, scene.kept)).toEqual(scene.kept)
  })

  test('a remaining manifest of unknown kind needs every digest written in it', async () => {
    const registry = await registryWith({ dialect: 'zot', referrers: false })
    const scene = referenceScene(registry.store)
    const secret = scene.leak.layers[3]?.digest ?? ''
    const odd = { schemaVersion: 2, mediaType: 'application/vnd.acme.bundle+json', parts: { main: secret } }
    registry.store.putManifest(REPO, 'application/vnd.acme.bundle+json', odd, 'bundle')
    const run = await runEngine(registry, { ...IMAGE, 'dry-run': 'true' })
    expect(run.result).toBe('planned')
    expect(run.report.repositories[0]?.kept).toContainEqual({ digest: secret, heldBy: ['bundle'] })
  })
})

describe('rule 3: an alias of the leak refuses', () => {
  test('a second tag on the same manifest', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    registry.store.tag(REPO, 'alias', scene.leak.digest)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('refused')
    expect(run.problems).toContain(`${REPO}:alias@${scene.leak.digest}`)
    expect(run.problems).toContain('scope: tag')
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
  })

  test('another manifest with the same config', async () => {
    const registry = await registryWith()
    const layers = ['base/1', 'secret']
    const leak = ociImage('twin', { layers })
    pushImage(registry.store, REPO, leak, 'debug-42')
    pushImage(registry.store, REPO, ociImage('twin', { layers, annotations: { other: 'bytes' } }), 'alias')
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('refused')
    expect(run.problems).toContain('alias')
  })

  test('a tag straight on a child of the leaked index', async () => {
    const registry = await registryWith()
    const child = ociImage('child')
    pushImage(registry.store, REPO, ociIndex([child, ociImage('other')]), 'debug-42')
    registry.store.tag(REPO, 'alias', child.digest)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('refused')
    expect(run.problems).toContain('alias')
  })

  test('a leaked image that a remaining index lists is needed', async () => {
    const registry = await registryWith()
    const child = ociImage('child')
    const index = ociIndex([child])
    pushImage(registry.store, REPO, index, 'multi')
    const run = await runEngine(registry, { image: `${REPO}@${child.digest}` })
    expect(run.result).toBe('refused')
    expect(run.problems).toContain('multi')
    expect(run.problems).toContain(index.digest)
  })

  test('shared-blobs: fail refuses with the digests and the tags that hold them', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, { ...IMAGE, 'shared-blobs': 'fail' })
    expect(run.result).toBe('refused')
    for (const digest of scene.kept) expect(run.problems).toContain(digest)
    expect(run.problems).toContain('latest, stable')
  })

  test('a named blob that a remaining tag needs refuses', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    const shared = scene.kept[0] ?? ''
    const run = await runEngine(registry, { blobs: `${REPO}@${shared}` })
    expect(run.result).toBe('refused')
    expect(run.problems).toContain('latest, stable')
  })
})

describe('rule 5: an answer is judged by status and content', () => {
  test.each(['wrong-body', 'wrong-digest-header', 'schema-1'] as const)(
    'refuses a leaked tag whose answer is %s',
    async (twist) => {
      const registry = await registryWith({ reads: { 'debug-42': twist } })
      const scene = referenceScene(registry.store, REPO, dockerImage)
      const run = await runEngine(registry, IMAGE)
      expect(run.result).toBe('refused')
      expect(realDeletes(registry, ['debug-42', ...scene.gone])).toEqual([])
    },
  )

  test.each(['wrong-body', 'wrong-digest-header'] as const)(
    'refuses a remaining tag whose answer is %s',
    async (twist) => {
      const registry = await registryWith({ reads: { latest: twist } })
      referenceScene(registry.store)
      expect((await runEngine(registry, IMAGE)).result).toBe('refused')
    },
  )

  test('a missing Docker-Content-Digest does no harm: the body is hashed', async () => {
    const registry = await registryWith({ reads: { 'debug-42': 'no-digest-header' } })
    referenceScene(registry.store)
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
  })

  test('refuses a list that lacks the leaked tag', async () => {
    const registry = await registryWith({ unlisted: ['debug-42'] })
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('refused')
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
  })

  test.each([
    ['foreign', { size: 2, target: 'foreign' }],
    ['repeated', { size: 1, target: 'repeated' }],
  ] as const)('refuses a %s page link', async (_, paging) => {
    const registry = await registryWith({ paging })
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('refused')
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
  })

  test.each([
    { size: 2 },
    { size: 1, rel: 'unquoted' },
    { size: 2, target: 'absolute' },
    { size: 2, emptyLast: true },
    { size: 2, missingOnce: true },
  ] as const)('follows pages %j to the last tag', async (paging) => {
    const registry = await registryWith({ paging })
    const scene = referenceScene(registry.store)
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
    expect(served(registry, REPO, scene.kept)).toEqual(scene.kept)
  })
})

test('the report is on the disk, with every digest of the plan, before the first write', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const { fileBeforeFirstWrite } = await runEngine(registry, IMAGE)
  const [entry] = fileBeforeFirstWrite?.repositories ?? []
  const digests = [...(entry?.manifests ?? []), ...(entry?.blobs ?? [])].map(({ digest }) => digest)
  expect(digests.sort()).toEqual([...scene.gone].sort())
  expect(entry?.blobs.every(({ outcome }) => outcome === 'planned')).toBe(true)
})
