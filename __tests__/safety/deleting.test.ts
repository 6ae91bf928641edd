import { describe, expect, test } from '@jest/globals'
import { artifact } from '../../testbed/images/artifacts.js'
import { EMPTY_CONFIG, layer } from '../../testbed/images/content.js'
import { ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import { deleteTwists, type DeleteTwist, type MemoryOptions } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { about, positionOf, realDeletes, served } from './wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }

test('rule 4: the well-known empty blobs are never deleted, and stand nowhere in the result', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  pushImage(registry.store, REPO, artifact('leaked sbom'), 'sbom')
  const run = await runEngine(registry, { image: `${REPO}:sbom` })
  expect(run.result).toBe('purged')
  expect(registry.store.hasBlob(REPO, EMPTY_CONFIG.digest)).toBe(true)
  const [entry] = run.report.repositories
  expect(JSON.stringify([entry?.blobs, entry?.kept])).not.toContain(EMPTY_CONFIG.digest)
})

describe('rule 6: the order of things', () => {
  test('tags, then the manifest by digest, then manifests from the root down, then a look, then blobs', async () => {
    const registry = await registryWith()
    const inner = ociIndex([ociImage('grandchild')])
    const [grandchild] = inner.children
    const root = ociIndex([inner, ociImage('child')])
    pushImage(registry.store, REPO, root, 'debug-42')
    pushImage(registry.store, REPO, ociImage('latest'), 'latest')
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
    const lastLook = registry.requests.findLastIndex(
      ({ path }, at) =>
        path.endsWith('/tags/list') && at < positionOf(registry, 'DELETE', blobOf(grandchild)),
    )
    const order = [
      positionOf(registry, 'DELETE', 'debug-42'),
      positionOf(registry, 'DELETE', root.digest),
      positionOf(registry, 'DELETE', inner.digest),
      positionOf(registry, 'DELETE', grandchild?.digest ?? ''),
      lastLook,
      positionOf(registry, 'DELETE', blobOf(grandchild)),
    ]
    expect(order).toEqual([...order].sort((one, other) => one - other))
    expect(order).not.toContain(-1)
    // Every remaining tag is read again between the last manifest and the first blob.
    const after = registry.requests.slice(order[3], order[5]).map(({ method, path }) => `${method} ${path}`)
    expect(after).toContain(`GET /v2/${REPO}/manifests/latest`)
  })

  test.each(['DENIED', 'MANIFEST_REFERENCED', 'PRECONDITION'] as const)(
    'children that are refused (%s) while a parent exists go after it',
    async (parentsFirst) => {
      const registry = await registryWith({ parentsFirst })
      const shared = ociImage('shared child')
      const root = ociIndex([ociIndex([shared]), shared])
      pushImage(registry.store, REPO, root, 'debug-42')
      expect((await runEngine(registry, IMAGE)).result).toBe('purged')
      expect(served(registry, REPO, [root.digest, shared.digest])).toEqual([])
    },
  )

  test('blobs that are refused while a manifest names them go after it', async () => {
    const registry = await registryWith({ dialect: 'zot' })
    const scene = referenceScene(registry.store)
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
    expect(served(registry, REPO, scene.gone)).toEqual([])
  })

  test('a tag pushed before the blobs keeps the layer that it needs, and the result is incomplete', async () => {
    const secret = layer('debug-42/secret').digest
    const registry = await registryWith({
      after: ({ method, path }, store) => {
        if (method === 'DELETE' && path.endsWith(leak))
          pushImage(store, REPO, ociImage('fresh', { layers: ['debug-42/secret'] }), 'fresh')
      },
    })
    const scene = referenceScene(registry.store)
    const leak = scene.leak.digest
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(registry.store.hasBlob(REPO, secret)).toBe(true)
    expect(realDeletes(registry, [secret])).toEqual([])
    expect(run.problems).toContain('fresh')
    expect(run.report.repositories[0]?.remaining).toContainEqual(
      expect.objectContaining({ tag: 'fresh', verdict: 'intact' }),
    )
  })

  test('a remaining tag moved before the blobs keeps what it needs now', async () => {
    const secret = layer('debug-42/secret').digest
    const registry = await registryWith({
      after: ({ method, path }, store) => {
        if (method === 'DELETE' && path.endsWith(leak))
          pushImage(store, REPO, ociImage('moved', { layers: ['debug-42/secret'] }), 'v1.0.0')
      },
    })
    const leak = referenceScene(registry.store).leak.digest
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(realDeletes(registry, [secret])).toEqual([])
    expect(registry.store.hasBlob(REPO, secret)).toBe(true)
  })

  test('what no tag needs any more before the blobs goes, too', async () => {
    const registry = await registryWith({
      after: ({ method, path }, store) => {
        if (method !== 'DELETE' || !path.endsWith('debug-42')) return
        for (const tag of ['latest', 'stable']) store.untag(REPO, tag)
      },
    })
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(served(registry, REPO, scene.kept)).toEqual([])
    // The tags that vanished are told, too.
    expect(run.result).toBe('incomplete')
    expect(run.report.repositories[0]?.remaining).toContainEqual(
      expect.objectContaining({ tag: 'latest', verdict: 'removed' }),
    )
  })

  test('a leaked tag that moves before the first write refuses', async () => {
    const registry = await registryWith({
      after: ({ method, route }, store) => {
        if (method === 'GET' && route.kind === 'tags') pushImage(store, REPO, ociImage('moved'), 'debug-42')
      },
    })
    const scene = referenceScene(registry.store)
    let lists = 0
    const { after } = registry.options
    registry.options.after = (request, store, answer) =>
      request.url.endsWith('/tags/list') && lists++ === 1 ? after?.(request, store, answer) : undefined
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('refused')
    expect(realDeletes(registry, ['debug-42', ...scene.gone])).toEqual([])
  })
})

describe('rule 7: only a plain refusal means that tags cannot be deleted', () => {
  test('400 DIGEST_INVALID: the tag goes with its manifest', async () => {
    const registry = await registryWith({ dialect: '2.8' })
    referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    expect(run.report.repositories[0]?.tags[0]).toMatchObject({ outcome: 'with-manifest', via: 'manifest' })
    expect(run.log.join('\n')).toContain('cannot delete a tag by name')
  })

  test.each([401, 403, 429, 500, 'reset'] as const)('%s does not', async (answer) => {
    const twist: DeleteTwist = { worked: false, answer: answer === 'reset' ? answer : { status: answer } }
    const registry = await registryWith({
      onDelete: ({ kind, attempt }) => (kind === 'tag' && attempt < 3 ? twist : undefined),
    })
    referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.log.join('\n')).not.toContain('cannot delete a tag by name')
    if (answer === 401 || answer === 403) expect(run.result).toBe('refused')
    else expect(run.report.repositories[0]?.tags[0]).toMatchObject({ outcome: 'deleted', via: 'tag' })
  })
})

describe('rule 8: reads that could bring content back', () => {
  test('what was purged or is shared with it is never asked for with HEAD or Range, but once at the very end', async () => {
    const registry = await registryWith({ dedupe: true })
    const scene = referenceScene(registry.store)
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
    const sensitive = about(registry, ...scene.gone, ...scene.kept)
    const ranged = registry.requests.filter(({ headers }) => headers.range !== undefined)
    const blobs = scene.gone.filter((digest) => digest !== scene.leak.digest)
    expect(sensitive.filter(({ method }) => method === 'HEAD')).toEqual([])
    expect(ranged.map(({ route }) => 'reference' in route && route.reference).sort()).toEqual(blobs.sort())
    expect(registry.requests.slice(-ranged.length)).toEqual(ranged)
    // The other blobs of remaining tags are asked for with HEAD: a twelfth of the cost.
    expect(about(registry, scene.latest.config?.digest ?? '').map(({ method }) => method)).toContain('HEAD')
  })

  test('every read of a manifest says which media types it takes', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    await runEngine(registry, IMAGE)
    const reads = registry.requests.filter(
      ({ method, route }) => method === 'GET' && route.kind === 'manifest',
    )
    expect(reads.length).toBeGreaterThan(10)
    expect(
      reads.filter(
        ({ headers }) => headers.accept?.includes('application/vnd.oci.image.index.v1+json') !== true,
      ),
    ).toEqual([])
  })

  test('a blob digest is never sent to the manifests endpoint', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    const blobs = scene.gone.filter((digest) => digest !== scene.leak.digest)
    await runEngine(registry, IMAGE)
    expect(
      about(registry, ...blobs, ...scene.kept).filter(({ path }) => path.includes('/manifests/')),
    ).toEqual([])
  })

  test('no request is conditional', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    await runEngine(registry, IMAGE)
    expect(registry.requests.filter(({ headers }) => 'if-none-match' in headers)).toEqual([])
  })
})

describe('rule 12: an unknown outcome is looked up before the DELETE is sent again', () => {
  const cases: [string, DeleteTwist][] = [
    ['reset after the work', deleteTwists.resetButWorked],
    ['reset before the work', deleteTwists.reset],
    ['500 after the work', deleteTwists.failedButWorked],
    ['500 before the work', deleteTwists.failed],
    ['202 with errors in it', deleteTwists.acceptedWithErrors],
    ['204', deleteTwists.noContent],
    ['200', deleteTwists.ok],
  ]
  test.each(cases)('%s ends in a proof', async (_, twist) => {
    const registry = await registryWith({ onDelete: ({ attempt }) => (attempt === 1 ? twist : undefined) })
    const scene = referenceScene(registry.store)
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
    expect(served(registry, REPO, scene.gone)).toEqual([])
  })

  test('a tag pushed meanwhile keeps the digest', async () => {
    const secret = layer('debug-42/secret').digest
    const registry = await registryWith({
      onDelete: ({ reference }) => {
        if (reference !== secret) return undefined
        pushImage(registry.store, REPO, ociImage('fresh', { layers: ['debug-42/secret'] }), 'fresh')
        return deleteTwists.reset
      },
    })
    referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(realDeletes(registry, [secret])).toHaveLength(1)
    expect(registry.store.hasBlob(REPO, secret)).toBe(true)
  })
})

describe('rule 11: credentials', () => {
  const users: MemoryOptions = { users: { purger: 'correct-horse' } }
  const login = { username: 'purger', password: 'correct-horse' }

  test('never travel along a redirect to another origin', async () => {
    const registry = await registryWith({ ...users, redirectBlobs: true })
    referenceScene(registry.store)
    await runEngine(registry, { ...IMAGE, ...login, 'verify-timeout': '2s' })
    expect(registry.storage.requests.length).toBeGreaterThan(0)
    expect(registry.storage.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
  })

  test('an error body that echoes them does not bring them into a report', async () => {
    const registry = await registryWith({ ...users, errorMessage: 'you sent correct-horse' })
    referenceScene(registry.store)
    const run = await runEngine(registry, { image: `${REPO}:nothing`, ...login })
    expect(run.result).toBe('refused')
  })
})

function blobOf(image: ReturnType<typeof ociImage> | undefined): string {
  return image?.config?.digest ?? ''
}
