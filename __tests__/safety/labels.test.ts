/** `scope: tag`: one label goes, by the way that the registry has, and nothing else changes. */
import { describe, expect, test } from '@jest/globals'
import { dockerImage, ociImage } from '../../testbed/images/image.js'
import { OCI_INDEX } from '../../testbed/images/media-types.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import { type MemoryOptions, type MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { realDeletes } from './wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const LABEL = { image: `${REPO}:debug-42`, scope: 'tag' }

const WAYS: [string, MemoryOptions, string][] = [
  ['3.1', {}, 'tag'],
  ['olareg', { dialect: 'olareg' }, 'tag'],
  ['zot', { dialect: 'zot' }, 'tag'],
  ['GitLab', { gitlab: true }, 'tag'],
  ['an older GitLab', { gitlab: true, unsupported: { tag: 405 } }, 'gitlab'],
  ['2.8', { dialect: '2.8' }, 'placeholder'],
  ['2.8 that refuses an empty index', { dialect: '2.8', refuseEmptyIndex: true }, 'placeholder'],
  [
    'a registry of relative uploads',
    { dialect: '2.8', refuseEmptyIndex: true, uploadLocation: 'relative' },
    'placeholder',
  ],
]

function scene(registry: MemoryRegistry): {
  digest: string
  before: ReturnType<MemoryRegistry['store']['snapshot']>
} {
  const { leak } = referenceScene(registry.store)
  registry.store.tag(REPO, 'alias', leak.digest)
  return { digest: leak.digest, before: registry.store.snapshot() }
}

/** The repository as it was, without these labels. */
function without(
  before: ReturnType<MemoryRegistry['store']['snapshot']>,
  ...labels: string[]
): typeof before {
  const repository = before[REPO]
  if (repository === undefined) throw new Error('the repository is not there')
  const tags = Object.fromEntries(Object.entries(repository.tags).filter(([tag]) => !labels.includes(tag)))
  return { ...before, [REPO]: { ...repository, tags } }
}

const vias = ({ report }: EngineRun): unknown[] =>
  report.repositories.flatMap(({ tags }) => tags.map(({ via, outcome }) => [via, outcome]))

describe.each(WAYS)('on %s', (_, options, way) => {
  test('the label goes, and everything else is as it was', async () => {
    const registry = await registryWith(options)
    const { digest, before } = scene(registry)
    const run = await runEngine(registry, LABEL)
    expect(run.problems).toBe('')
    expect(run.result).toBe('purged')
    expect(registry.store.snapshot()).toEqual(without(before, 'debug-42'))
    expect(vias(run)).toEqual([[way, 'deleted']])
    const [entry] = run.report.repositories
    expect([entry?.manifests, entry?.blobs, entry?.kept]).toEqual([[], [], []])
    expect(entry?.remaining.find(({ tag }) => tag === 'alias')).toMatchObject({ digest, verdict: 'intact' })
  })

  test('several labels go at once', async () => {
    const registry = await registryWith(options)
    const { before } = scene(registry)
    const run = await runEngine(registry, {
      ...LABEL,
      image: `${REPO}:debug-42\n${REPO}:alias\n${REPO}:v1.0.0`,
    })
    expect(run.result).toBe('purged')
    expect(registry.store.snapshot()).toEqual(without(before, 'debug-42', 'alias', 'v1.0.0'))
  })

  test('a dry run changes nothing', async () => {
    const registry = await registryWith(options)
    const { before } = scene(registry)
    expect((await runEngine(registry, { ...LABEL, 'dry-run': 'true' })).result).toBe('planned')
    expect(registry.store.snapshot()).toEqual(before)
    expect(registry.requests.filter(({ method }) => method === 'PUT' || method === 'POST')).toEqual([])
  })
})

describe('the probe covers what the way needs, and nothing more', () => {
  const probes = (registry: MemoryRegistry): string[] =>
    registry.requests.filter(({ method }) => method === 'DELETE').map(({ path }) => path)

  test('a registry that deletes tags, but neither manifests nor blobs', async () => {
    const registry = await registryWith({ unsupported: { manifest: 405, blob: 405 } })
    scene(registry)
    expect((await runEngine(registry, LABEL)).result).toBe('purged')
    expect(probes(registry)).toHaveLength(2)
  })

  test.each([
    ['deletion is off', { deleteOff: true }],
    ['deletion is off on 2.8', { dialect: '2.8', deleteOff: true }],
    ['the registry is read-only', { readOnly: true }],
    ['the user may not delete', { permissions: ({ action }) => (action === 'delete' ? 403 : undefined) }],
  ] satisfies [string, MemoryOptions][])('refuses when %s', async (_, options) => {
    const registry = await registryWith(options)
    const { before } = scene(registry)
    expect((await runEngine(registry, LABEL)).result).toBe('refused')
    expect(registry.store.snapshot()).toEqual(before)
  })

  test.each([500, 429, 401, 403])(
    'an answer of %d to the probe of the tag endpoint opens no other way',
    async (status) => {
      const registry = await registryWith({ dialect: '2.8' })
      const { before } = scene(registry)
      registry.options.intercept = ({ method, path }) =>
        method === 'DELETE' && path.includes('/manifests/registry-purge-probe') ? { status } : undefined
      expect((await runEngine(registry, LABEL)).result).not.toBe('purged')
      expect(registry.store.snapshot()).toEqual(before)
    },
  )
})

describe('the placeholder', () => {
  test('is not put on a tag that has moved since the look', async () => {
    const registry = await registryWith({ dialect: '2.8' })
    scene(registry)
    const other = ociImage('other')
    let reads = 0
    registry.options.intercept = ({ method, path }, store) => {
      if (method === 'GET' && path.endsWith('/manifests/debug-42') && ++reads === 3)
        pushImage(store, REPO, other, 'debug-42')
    }
    const run = await runEngine(registry, LABEL)
    expect(reads).toBeGreaterThanOrEqual(3)
    expect(run.result).not.toBe('purged')
    expect(registry.store.resolve(REPO, 'debug-42')).toBe(other.digest)
    expect(registry.requests.filter(({ method }) => method === 'PUT')).toEqual([])
  })

  test.each([
    ['405', { status: 405, body: { errors: [{ code: 'UNSUPPORTED' }] } }],
    ['403', { status: 403, body: { errors: [{ code: 'DENIED' }] } }],
    ['500', { status: 500 }],
  ])('that cannot be deleted (%s) gives way to the tag as it was', async (_, answer) => {
    const registry = await registryWith({ dialect: '2.8' })
    const { digest } = scene(registry)
    pushImage(registry.store, REPO, dockerImage('docker'), 'second')
    const second = registry.store.resolve(REPO, 'second')
    registry.options.onDelete = ({ kind }) => (kind === 'manifest' ? { answer, worked: false } : undefined)
    const run = await runEngine(registry, { ...LABEL, image: `${REPO}:debug-42,${REPO}:second` })
    expect(run.result).toBe('incomplete')
    expect(registry.store.resolve(REPO, 'debug-42')).toBe(digest)
    expect(registry.store.resolve(REPO, 'second')).toBe(second)
    expect(registry.store.manifest(REPO, 'debug-42')).toMatchObject({ digest })
    expect(run.problems).toContain('was put back')
  })

  test('a 500 that worked is a success', async () => {
    const registry = await registryWith({ dialect: '2.8' })
    const { before } = scene(registry)
    registry.options.onDelete = () => ({ answer: { status: 500 }, worked: true })
    expect((await runEngine(registry, LABEL)).result).toBe('purged')
    expect(registry.store.snapshot()).toEqual(without(before, 'debug-42'))
  })

  test('that the registry stores in other bytes is known by its content, and deleted as what it is', async () => {
    const registry = await registryWith({ dialect: '2.8', rewritesPut: true })
    const { before } = scene(registry)
    expect((await runEngine(registry, LABEL)).result).toBe('purged')
    expect(registry.store.snapshot()).toEqual(without(before, 'debug-42'))
  })

  test('is never taken for what the registry says that it is', async () => {
    const registry = await registryWith({ dialect: '2.8' })
    const { before } = scene(registry)
    const stable = registry.store.resolve(REPO, 'stable') ?? ''
    registry.options.onPut = ({ body, path }) => {
      registry.store.putManifest(REPO, OCI_INDEX, body, path.split('/').at(-1))
      return { worked: false, answer: { status: 201, headers: { 'Docker-Content-Digest': stable } } }
    }
    await runEngine(registry, LABEL)
    expect(registry.store.snapshot()).toEqual(without(before, 'debug-42'))
  })

  test('is not tried with a user that may not push: nothing was changed, so it is a refusal', async () => {
    const registry = await registryWith({
      dialect: '2.8',
      permissions: ({ action }) => (action === 'push' ? 403 : undefined),
    })
    const { before } = scene(registry)
    const run = await runEngine(registry, LABEL)
    expect(run.result).toBe('refused')
    expect(run.problems).toContain('`push`')
    expect(registry.store.snapshot()).toEqual(before)
  })

  test('uploads nothing where the registry names another host for it', async () => {
    const registry = await registryWith({ dialect: '2.8', refuseEmptyIndex: true, uploadLocation: 'foreign' })
    const { digest } = scene(registry)
    const run = await runEngine(registry, LABEL)
    expect(run.result).not.toBe('purged')
    expect(registry.storage.requests).toEqual([])
    expect(registry.store.resolve(REPO, 'debug-42')).toBe(digest)
  })

  test('never stays on a tag when the run is stopped', async () => {
    const registry = await registryWith({ dialect: '2.8' })
    scene(registry)
    const stop = new AbortController()
    registry.options.after = ({ method }) => {
      if (method === 'PUT') stop.abort()
    }
    const run = await runEngine(
      registry,
      { ...LABEL, image: `${REPO}:debug-42,${REPO}:v1.0.0` },
      { stop: stop.signal },
    )
    expect(run.result).toBe('cancelled')
    const left = registry.store
      .tags(REPO)
      .map((tag) => registry.store.manifest(REPO, tag)?.bytes.toString() ?? '')
    expect(left.filter((text) => text.includes('registry-purge'))).toEqual([])
  })
})

describe('a way that is not there after all', () => {
  test('a tag endpoint that knows no such way for a real tag: the next way is taken', async () => {
    const registry = await registryWith({ dialect: '2.8' })
    const { before } = scene(registry)
    registry.options.intercept = ({ method, path }) =>
      method === 'DELETE' && path.includes('/manifests/registry-purge-probe')
        ? { status: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN' }] } }
        : undefined
    const run = await runEngine(registry, LABEL)
    expect(run.result).toBe('purged')
    expect(vias(run)).toEqual([['placeholder', 'deleted']])
    expect(registry.store.snapshot()).toEqual(without(before, 'debug-42'))
  })

  test.each([
    ['405 without a code', { status: 405, headers: { Allow: 'GET' } }],
    ['404 with a code of its own', { status: 404, body: { errors: [{ code: 'NOT_FOUND' }] } }],
    ['501', { status: 501 }],
  ])('GitLab’s, in whatever words (%s)', async (_, answer) => {
    const registry = await registryWith({ dialect: '2.8' })
    const { before } = scene(registry)
    registry.options.intercept = ({ path }) => (path.includes('/tags/reference/') ? answer : undefined)
    expect((await runEngine(registry, LABEL)).result).toBe('purged')
    expect(registry.store.snapshot()).toEqual(without(before, 'debug-42'))
  })

  test('one of several repositories has no tag endpoint: the others use theirs', async () => {
    const registry = await registryWith()
    scene(registry)
    pushImage(registry.store, 'acme/old', ociImage('old'), 'label')
    registry.options.intercept = ({ method, path }) =>
      method === 'DELETE' && path.startsWith('/v2/acme/old/') && !path.includes('sha256:')
        ? { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<html>no</html>' }
        : undefined
    const run = await runEngine(registry, { ...LABEL, image: `acme/old:label\n${REPO}:debug-42` })
    expect(run.result).toBe('purged')
    expect(vias(run)).toEqual([
      ['placeholder', 'deleted'],
      ['tag', 'deleted'],
    ])
  })
})

test('a registry that would keep the blobs of an image without content gets none', async () => {
  const registry = await registryWith({ dialect: '2.8', refuseEmptyIndex: true, unsupported: { blob: 405 } })
  const { before } = scene(registry)
  const run = await runEngine(registry, LABEL)
  expect(run.result).toBe('refused')
  expect(registry.store.snapshot()).toEqual(before)
})

test('a label that is gone in the end was removed, whatever was answered on the way', async () => {
  const registry = await registryWith()
  scene(registry)
  registry.options.onDelete = ({ attempt }) =>
    attempt < 6 ? { worked: false, answer: { status: 500 } } : undefined
  const run = await runEngine(registry, LABEL)
  expect(run.result).toBe('purged')
  expect(vias(run)).toEqual([['tag', 'deleted']])
  expect(run.report.repositories[0]?.warnings).toEqual([])
})

test('what the label stood on is proven to be whole', async () => {
  const registry = await registryWith({ tagDeleteTakesManifest: 'always' })
  const { leak } = referenceScene(registry.store)
  const run = await runEngine(registry, LABEL)
  expect(run.result).toBe('incomplete')
  expect(run.problems).toContain(leak.digest)
  expect(run.problems).toContain('does not pull any more')
})

test('a label that comes back is removed again', async () => {
  for (const dialect of ['3.1', '2.8'] as const) {
    const registry = await registryWith({ dialect })
    const { digest } = scene(registry)
    let back = false
    registry.options.intercept = ({ method, path, headers }, store) => {
      const round = method === 'GET' && path.endsWith('/manifests/debug-42') && headers.connection === 'close'
      if (back || !round || store.resolve(REPO, 'debug-42') !== undefined) return
      back = true
      store.tag(REPO, 'debug-42', digest)
    }
    const run = await runEngine(registry, LABEL)
    expect([dialect, back, run.result]).toEqual([dialect, true, 'purged'])
    expect(registry.store.resolve(REPO, 'debug-42')).toBeUndefined()
  }
})

test('a tag that points elsewhere than written is refused, an absent one with a digest is done already', async () => {
  const registry = await registryWith()
  const { digest, before } = scene(registry)
  const wrong = await runEngine(registry, { ...LABEL, image: `${REPO}:v1.0.0@${digest}` })
  expect(wrong.result).toBe('refused')
  const absent = await runEngine(registry, { ...LABEL, image: `${REPO}:nobody@${digest}` })
  expect(absent.result).toBe('purged')
  expect(vias(absent)).toEqual([[null, 'already-gone']])
  expect(registry.store.snapshot()).toEqual(before)
  expect(realDeletes(registry, ['nobody', 'v1.0.0'])).toEqual([])
})

test('the fingerprint is another than that of a purge', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  const prints = []
  for (const scope of ['tag', 'image'])
    prints.push((await runEngine(registry, { ...LABEL, scope, 'dry-run': 'true' })).report.fingerprint)
  expect(new Set(prints).size).toBe(2)
})
