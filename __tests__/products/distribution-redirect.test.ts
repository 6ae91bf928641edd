/** distribution whose blobs redirect to a storage (`middleware.storage: redirect`, S3, GCS, Azure) that fails for this runner. */
import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ociImage } from '../../testbed/images/image.js'
import { runEngine, type EngineOptions, type EngineRun } from '../support/engine.js'
import type { MemoryOptions, MemoryRegistry } from '../support/memory-registry.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene, type ReferenceScene } from '../support/scene.js'
import { realDeletes, served } from '../safety/wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }
/** A port on which nothing listens. */
const CLOSED = 'http://127.0.0.1:1'
const ADVICE = 'storage.redirect.disable: true'

interface Scene extends ReferenceScene {
  readonly registry: MemoryRegistry
}

async function sceneWith(options: MemoryOptions): Promise<Scene> {
  const registry = await registryWith(options)
  return { ...referenceScene(registry.store), registry }
}

const run = (
  { registry }: Scene,
  inputs: Record<string, string> = {},
  options: EngineOptions = {},
): Promise<EngineRun> => runEngine(registry, { ...IMAGE, 'shared-blobs': 'keep', ...inputs }, options)

/** Nothing was deleted, and the message tells the storage, the way out, and no signed link. */
function expectRefused({ registry, gone }: Scene, { result, report, log, problems }: EngineRun): void {
  expect(result).toBe('refused')
  expect(realDeletes(registry, ['debug-42', ...gone])).toEqual([])
  expect(report.repositories[0]?.problems).toMatchObject([{ kind: 'blobs-unreadable', items: [REPO] }])
  expect(problems).toContain(ADVICE)
  expect([problems, ...log].join('\n')).not.toContain('signature')
}

function certificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'registry-purge-redirect-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
    execFileSync('openssl', ['req', '-x509', ...curve, ...name, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const plainBehindHttps = async (): Promise<{ scene: Scene; inputs: Record<string, string> }> => {
  const tls = certificate()
  return { scene: await sceneWith({ tls, redirectBlobs: true }), inputs: { 'ca-certificate': tls.cert } }
}

describe('a storage that this runner cannot follow refuses before the first write', () => {
  test('plain http behind https', async () => {
    const { scene, inputs } = await plainBehindHttps()
    const ended = await run(scene, inputs)
    expectRefused(scene, ended)
    expect(ended.problems).toContain(`its storage at ${new URL(scene.registry.storage.url).host}`)
    expect(ended.problems).toContain('(plain http after https)')
    expect(scene.registry.storage.requests).toEqual([])
  })

  test('a name that does not resolve', async () => {
    const scene = await sceneWith({ redirectBlobs: 'http://minio.invalid:9000' })
    const ended = await run(scene)
    expectRefused(scene, ended)
    expect(ended.problems).toMatch(
      /storage at minio\.invalid:9000, a name that this runner cannot resolve \((ENOTFOUND|EAI_AGAIN)\)/,
    )
    expect(ended.problems).not.toContain('spelling of `registry`')
  })

  test('a refused connection', async () => {
    const scene = await sceneWith({ redirectBlobs: CLOSED })
    const ended = await run(scene)
    expectRefused(scene, ended)
    expect(ended.problems).toContain('storage at 127.0.0.1:1, where nothing listens (ECONNREFUSED)')
  })

  test('a certificate that is not trusted', async () => {
    const other = await registryWith({ tls: certificate() })
    const scene = await sceneWith({ redirectBlobs: other.url })
    const ended = await run(scene)
    expectRefused(scene, ended)
    expect(ended.problems).toMatch(/whose certificate this runner does not trust \(\w+\)/)
  })

  test.each([403, 500])('a storage that returns %i', async (status) => {
    const scene = await sceneWith({ redirectBlobs: true })
    scene.registry.storage.status = status
    const ended = await run(scene)
    expectRefused(scene, ended)
    expect(ended.problems).toContain(`${new URL(scene.registry.storage.url).host}, which returned ${status}`)
  })

  test('in a dry run, too', async () => {
    const scene = await sceneWith({ redirectBlobs: CLOSED })
    expectRefused(scene, await run(scene, { 'dry-run': 'true' }))
  })

  test('with `scope: tag`, too: what stays is verified at the end', async () => {
    const scene = await sceneWith({ redirectBlobs: CLOSED })
    const ended = await runEngine(scene.registry, { ...IMAGE, scope: 'tag' })
    expectRefused(scene, ended)
  })

  test('where nothing remains but the leak itself', async () => {
    const registry = await registryWith({ redirectBlobs: CLOSED })
    const leak = ociImage('leak')
    pushImage(registry.store, REPO, leak, 'debug-42')
    const ended = await runEngine(registry, IMAGE)
    expect(ended.result).toBe('refused')
    expect(realDeletes(registry, ['debug-42', leak.digest])).toEqual([])
  })

  test('in a cleanup only that repository', async () => {
    const registry = await registryWith()
    for (const repo of ['a/one', 'a/two']) {
      pushImage(registry.store, repo, ociImage('old'), 'debug-1')
      pushImage(registry.store, repo, ociImage(`stays in ${repo}`), 'v1')
    }
    registry.options.intercept = ({ path, method }) =>
      method === 'GET' && path.startsWith('/v2/a/two/blobs/')
        ? { status: 307, headers: { location: `${CLOSED}${path}?signature=secret` } }
        : undefined
    const ended = await runEngine(registry, {
      repositories: 'a/one\na/two',
      tags: 'debug-*',
      'keep-newest': '0',
    })
    expect(ended.report.repositories.map(({ name, result }) => [name, result])).toEqual([
      ['a/one', 'purged'],
      ['a/two', 'refused'],
    ])
    expect([ended.result, registry.store.resolve('a/two', 'debug-1')]).toEqual([
      'incomplete',
      ociImage('old').digest,
    ])
  })
})

describe('the look at one blob', () => {
  test('is one plain GET, of the largest blob that remains', async () => {
    const scene = await sceneWith({})
    const ended = await run(scene, { 'dry-run': 'true' })
    expect(ended.result).toBe('planned')
    const blobs = scene.registry.requests.filter(
      ({ route, method }) => route.kind === 'blob' && method !== 'DELETE',
    )
    expect(blobs.map(({ method, headers }) => [method, headers.range])).toEqual([['GET', undefined]])
    expect(ended.report.requests['check-blob']).toBe(1)
  })

  test('lets a purge go on where the storage answers', async () => {
    const scene = await sceneWith({ redirectBlobs: true })
    const ended = await run(scene)
    expect([ended.result, served(scene.registry, REPO, scene.gone)]).toEqual(['purged', []])
  })

  test('tries another blob where tags were broken before', async () => {
    const scene = await sceneWith({})
    const { store } = scene.registry
    for (const { layers, config } of [scene.latest, scene.v100])
      for (const blob of [...layers, config]) if (blob !== undefined) store.deleteBlob(REPO, blob.digest)
    const ended = await run(scene)
    expect(ended.result).toBe('purged')
    expect(ended.report.repositories[0]?.remaining).toContainEqual(
      expect.objectContaining({ tag: 'v1.0.0', verdict: 'broken-before' }),
    )
  })

  test('refuses where not one blob of what stays can be read: no proof could be complete', async () => {
    const scene = await sceneWith({})
    scene.registry.options.intercept = ({ route, method }) =>
      route.kind === 'blob' && method !== 'DELETE'
        ? { status: 404, body: { errors: [{ code: 'BLOB_UNKNOWN' }] } }
        : undefined
    const ended = await run(scene)
    expect(ended.result).toBe('refused')
    expect(ended.report.repositories[0]?.problems).toMatchObject([{ kind: 'blobs-missing' }])
    expect(ended.problems).toContain('can be read, so nothing could be verified after the purge')
  })

  test.each([
    [401, 'the action `pull`'],
    [403, 'the action `pull`'],
    [503, 'Check the registry and its storage'],
  ])('refuses where the registry itself returns %i for blobs', async (status, advice) => {
    const scene = await sceneWith({})
    scene.registry.options.intercept = ({ route, method }) =>
      route.kind === 'blob' && method === 'GET' ? { status } : undefined
    const ended = await run(scene)
    expect(ended.result).toBe('refused')
    expect(ended.problems).toContain(`The registry returned ${status}`)
    expect(ended.problems).toContain(advice)
    expect(realDeletes(scene.registry, ['debug-42', ...scene.gone])).toEqual([])
  })

  test('is not needed where blobs alone are named', async () => {
    const registry = await registryWith({ redirectBlobs: CLOSED, reads: {} })
    const leak = ociImage('leak')
    pushImage(registry.store, REPO, leak, 'debug-42')
    registry.store.deleteManifest(REPO, leak.digest)
    const blobs = leak.layers.map(({ digest }) => `${REPO}@${digest}`).join('\n')
    const ended = await runEngine(registry, { blobs, image: `${REPO}@${leak.digest}` })
    expect([
      ended.result,
      served(
        registry,
        REPO,
        leak.layers.map(({ digest }) => digest),
      ),
    ]).toEqual(['purged', []])
  })
})

describe('a storage that fails after the first write', () => {
  /** The storage fails once the first blob is deleted. */
  function failing(scene: Scene, fail: () => void): void {
    scene.registry.options.after = ({ method, route }) => {
      if (method === 'DELETE' && route.kind === 'blob' && scene.gone.includes(route.reference)) fail()
    }
  }

  test.each<[string, (scene: Scene) => void]>([
    ['refuses connections', ({ registry }) => void (registry.options.redirectBlobs = CLOSED)],
    ['returns 503', ({ registry }) => void (registry.storage.status = 503)],
    ['returns 401', ({ registry }) => void (registry.storage.status = 401)],
  ])('and %s: a tag that could not be checked is not called broken', async (_, fail) => {
    const scene = await sceneWith({ redirectBlobs: true })
    failing(scene, () => fail(scene))
    const ended = await run(scene, { 'verify-timeout': '5s' })
    expect(ended.result).toBe('incomplete')
    const [entry] = ended.report.repositories
    expect(entry?.remaining.map(({ tag, verdict }) => [tag, verdict])).toEqual(
      ['latest', 'stable', 'v1.0.0', 'v1.1.0'].map((tag) => [tag, 'unchecked']),
    )
    expect(entry?.problems.map(({ kind }) => kind)).toContain('remaining-not-verified')
    expect(ended.problems).toMatch(/latest, stable, v1\.0\.0, v1\.1\.0 could not be verified at the end/)
    expect([ended.problems, ...ended.log].join('\n')).not.toMatch(/broken|should have stayed|signature/i)
  })
})

describe('a cleanup that needs dates', () => {
  const CLEANUP = { repositories: REPO, tags: 'v*', 'older-than': '1d' }

  test.each([{ 'older-than': '1d' }, { 'keep-newest': '1' }])(
    'is refused if no date can be read, and not silently green: %o',
    async (age) => {
      const scene = await sceneWith({ redirectBlobs: CLOSED })
      const { 'older-than': _, ...cleanup } = CLEANUP
      const ended = await runEngine(scene.registry, { ...cleanup, ...age })
      expect(ended.result).toBe('refused')
      expect(ended.report.repositories[0]?.problems).toMatchObject([
        { kind: 'selection-unread', items: [REPO] },
      ])
      expect(ended.problems).toContain(
        'nothing could be selected, because requests for 2 matching tags failed',
      )
      expect(ended.problems).toContain('storage at 127.0.0.1:1, where nothing listens (ECONNREFUSED)')
      expect(ended.problems).toContain(ADVICE)
    },
  )

  test.each([401, 403, 503])('is refused if the storage returns %i', async (status) => {
    const scene = await sceneWith({ redirectBlobs: true })
    scene.registry.storage.status = status
    const ended = await runEngine(scene.registry, { ...CLEANUP, 'dry-run': 'true' })
    expect(ended.result).toBe('refused')
    expect(ended.problems).toContain(`returned ${status} from its storage at`)
  })

  test.each([
    ['manifest', 200],
    ['blob', 200],
    ['blob', 404],
  ])('is refused behind a login page that answers for every %s (%d)', async (kind, status) => {
    const scene = await sceneWith({})
    const page = { status, headers: { 'Content-Type': 'text/html' }, body: '<html>Sign in</html>' }
    scene.registry.options.intercept = ({ method, route }) =>
      method === 'GET' && route.kind === kind ? page : undefined
    const ended = await runEngine(scene.registry, CLEANUP)
    expect([ended.result, ended.report.repositories[0]?.problems[0]?.kind]).toEqual([
      'refused',
      'selection-unread',
    ])
  })

  test('is refused if the matching tags themselves cannot be read, and nothing else is there', async () => {
    const scene = await sceneWith({ reads: { 'v1.0.0': 503, 'v1.1.0': 503 } })
    const ended = await runEngine(scene.registry, { ...CLEANUP, 'older-than': '0s' })
    expect([ended.result, ended.report.repositories[0]?.problems[0]?.kind]).toEqual([
      'refused',
      'selection-unread',
    ])
    const ignoring = { ...CLEANUP, 'older-than': '0s', 'unreadable-tags': 'ignore' }
    expect((await runEngine(scene.registry, ignoring)).result).toBe('nothing-to-do')
  })

  test('keeps a tag whose date cannot be read, and warns, where other dates came', async () => {
    const scene = await sceneWith({ redirectBlobs: true })
    const config = scene.v110.config?.digest ?? ''
    scene.registry.options.reads = { [config]: 503 }
    const ended = await runEngine(scene.registry, CLEANUP)
    expect([ended.result, scene.registry.store.resolve(REPO, 'v1.1.0')]).toEqual([
      'incomplete',
      scene.v110.digest,
    ])
    expect(ended.report.warnings).toEqual([
      expect.stringMatching(
        /1 matching tag stays only because requests failed\. v1\.1\.0: its date is unknown/,
      ),
    ])
  })

  test('has nothing to do where configs have no date: that was read', async () => {
    const registry = await registryWith({ redirectBlobs: true })
    pushImage(registry.store, REPO, ociImage('one', { created: '1970-01-01T00:00:00Z' }), 'v1')
    const ended = await runEngine(registry, CLEANUP)
    expect([ended.result, ended.report.warnings]).toEqual(['nothing-to-do', []])
  })

  test('does not request thousands of configs from a storage that never responds', async () => {
    const registry = await registryWith({ redirectBlobs: CLOSED })
    for (let at = 0; at < 60; at++) pushImage(registry.store, REPO, ociImage(`image ${at}`), `v${at}`)
    const ended = await runEngine(registry, { ...CLEANUP, concurrency: '4' })
    expect(ended.result).toBe('refused')
    const asked = new Set(
      registry.requests.filter(({ route }) => route.kind === 'blob').map(({ path }) => path),
    )
    expect(asked.size).toBeLessThan(24)
  })
})
