import { describe, expect, test } from '@jest/globals'
import { runEngine, type EngineRun } from '../support/engine.js'
import type { DeleteTarget, MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene, type ReferenceScene } from '../support/scene.js'
import { realDeletes, served } from '../safety/wire.js'
import { LEAK, REPO } from './purged.js'

const registryWith = useRegistries()

const LOCKS: readonly [product: string, status: number, code: string][] = [
  ['an image with a lock of its own', 405, 'UNSUPPORTED'],
  ['a rule of the product', 400, 'FAILED_PRECONDITION'],
  ['for legal reasons', 451, 'UNAVAILABLE'],
  ['Harbor, immutable tag', 412, 'PRECONDITION'],
  ['Harbor, older', 412, 'DENIED'],
  ['Quay, immutable tag', 409, 'TAG_IMMUTABLE'],
  ['a lock', 405, 'OPERATION_NOT_ALLOWED'],
  ['a legal hold', 403, 'LEGAL_HOLD'],
  ['a retention period', 409, 'RETENTION'],
  ['WebDAV', 423, 'LOCKED'],
]

/** Purges the reference scene on a registry that refuses to delete what `locked` picks. */
async function purgeLocked(
  status: number,
  code: string,
  locked: (target: DeleteTarget, scene: ReferenceScene) => boolean,
): Promise<{ registry: MemoryRegistry; scene: ReferenceScene; run: EngineRun }> {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const answer = { status, body: { errors: [{ code, message: 'ask the owner' }] } }
  registry.options.onDelete = (target) => (locked(target, scene) ? { worked: false, answer } : undefined)
  return { registry, scene, run: await runEngine(registry, LEAK) }
}

describe.each(LOCKS)('%s: %d %s', (_, status, code) => {
  test('of the tag: nothing is deleted, and the message says to unlock it', async () => {
    const { registry, scene, run } = await purgeLocked(status, code, ({ kind }) => kind === 'tag')
    expect(run.result).toBe('refused')
    expectOneError(run, `tag ${REPO}:debug-42`, `${status} ${code} (ask the owner)`)
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
    expect(realDeletes(registry, scene.gone)).toEqual([])
  })

  test('of the manifest: nothing below it is deleted', async () => {
    const { registry, scene, run } = await purgeLocked(status, code, ({ kind }) => kind === 'manifest')
    expect(run.result).toBe('incomplete')
    expectOneError(run, `manifest ${REPO}@${scene.leak.digest}`, `${status} ${code} (ask the owner)`)
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
    const [repository] = run.report.repositories
    expect(repository?.manifests).toMatchObject([{ outcome: 'failed' }])
    expect(repository?.blobs.map(({ outcome }) => outcome)).toEqual(['kept', 'kept', 'kept'])
  })

  test('of one blob: the others are deleted', async () => {
    const { registry, scene, run } = await purgeLocked(
      status,
      code,
      ({ reference }, { gone }) => reference === gone.at(-1),
    )
    expect(run.result).toBe('incomplete')
    const secret = scene.gone.at(-1) ?? ''
    expectOneError(run, `blob ${REPO}@${secret}`, `${status} ${code} (ask the owner)`)
    expect(served(registry, REPO, scene.gone)).toEqual([secret])
  })
})

describe('a refusal without the JSON of the specification', () => {
  test.each<[string, number, unknown]>([
    ['of Django', 400, { detail: 'This is protected.' }],
    ['of nothing', 409, ''],
    ['of a lower-case code', 405, { errors: [{ code: 'locked' }] }],
  ])('%s is a lock as well (%d)', async (_, status, body) => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    registry.options.onDelete = ({ kind }) =>
      kind === 'manifest' ? { worked: false, answer: { status, body } } : undefined
    const run = await runEngine(registry, LEAK)
    expect(run.result).toBe('incomplete')
    expect(run.report.repositories[0]?.problems).toHaveLength(1)
    expect(run.problems).toContain('Unlock it and run again')
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
  })
})

describe('a user who may not delete the real one', () => {
  test.each([
    ['tag', 'refused'],
    ['manifest', 'incomplete'],
  ] as const)('a %s: told once, and nothing below it is deleted', async (locked, result) => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    const answer = { status: 403, body: { errors: [{ code: 'DENIED' }] } }
    registry.options.onDelete = ({ kind }) => (kind === locked ? { worked: false, answer } : undefined)
    const run = await runEngine(registry, LEAK)
    expect(run.result).toBe(result)
    expect(run.report.repositories[0]?.problems).toHaveLength(1)
    expect(run.problems).toMatch(/no permission \(403 DENIED\)/)
    expect(run.problems).not.toMatch(/cache|replica/i)
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
  })
})

describe('a locked tag', () => {
  test('beside one that goes: its manifest stays, and the other image is purged', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    const answer = { status: 409, body: { errors: [{ code: 'TAG_IMMUTABLE' }] } }
    registry.options.onDelete = ({ reference }) =>
      reference === 'debug-42' ? { worked: false, answer } : undefined
    const run = await runEngine(registry, { image: `${REPO}:debug-42\n${REPO}:v1.0.0` })
    expect(run.result).toBe('incomplete')
    expectOneError(run, `tag ${REPO}:debug-42`, '409 TAG_IMMUTABLE')
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
    expect(served(registry, REPO, [scene.v100.digest])).toEqual([])
  })
})

describe('a locked label', () => {
  const answer = { status: 409, body: { errors: [{ code: 'TAG_IMMUTABLE' }] } }

  test('with scope: tag is told once, and not deleted again and again', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    registry.options.onDelete = () => ({ worked: false, answer })
    const run = await runEngine(registry, { image: `${REPO}:stable`, scope: 'tag' })
    expect(['refused', 'incomplete']).toContain(run.result)
    expect(realDeletes(registry, ['stable'])).toHaveLength(1)
    expect(run.problems).toContain('409 TAG_IMMUTABLE')
    expect(run.ms).toBeLessThan(5_000)
  })

  test('of a cleanup is told once, and the rest is cleaned up', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    registry.store.tag(REPO, 'debug-label', scene.latest.digest)
    registry.options.onDelete = ({ reference }) =>
      reference === 'debug-label' ? { worked: false, answer } : undefined
    const run = await runEngine(registry, { repositories: REPO, tags: 'debug-*', 'older-than': '0s' })
    expect(run.result).toBe('incomplete')
    expect(realDeletes(registry, ['debug-label'])).toHaveLength(1)
    expect(served(registry, REPO, scene.gone)).toEqual([])
    expect(run.ms).toBeLessThan(10_000)
  })
})

describe('a firewall that blocks the DELETE of the manifest, and let the probe pass', () => {
  test.each([403, 405])('is told as such, and nothing below it is deleted (%d)', async (status) => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    const answer = { status, headers: { 'Content-Type': 'text/html' }, body: '<html>Request blocked</html>' }
    registry.options.onDelete = ({ kind }) => (kind === 'manifest' ? { worked: false, answer } : undefined)
    const run = await runEngine(registry, LEAK)
    expect(run.result).toBe('incomplete')
    expect(run.report.repositories[0]?.problems).toHaveLength(1)
    expect(run.problems).toContain('Something in front of the registry answered')
    expect(run.problems).not.toMatch(/Unlock|turn deletion on/i)
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
  })
})

/** Expects one error with the registry's own words, and no advice that is for something else. */
function expectOneError(run: EngineRun, item: string, words: string): void {
  expect(run.report.repositories[0]?.problems).toHaveLength(1)
  expect(run.problems).toContain(`${item} was not deleted: the registry returned ${words}`)
  expect(run.problems).toContain('Unlock it and run again')
  expect(run.problems).not.toMatch(/cache|resolves again|answers again|replica|turn deletion on/i)
}
