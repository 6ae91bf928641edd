import { describe, expect, test } from '@jest/globals'
import { runEngine } from '../support/engine.js'
import type { Interception, MemoryOptions, RecordedRequest } from '../support/memory-registry.js'
import { isDigest } from '../support/memory/request.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { served } from '../safety/wire.js'
import { expectPurged, expectRefused, LEAK, REPO } from './purged.js'

const registryWith = useRegistries()

const invalid = {
  status: 400,
  body: { errors: [{ code: 'INVALID_REQUEST', message: 'A manifest can only be deleted by digest.' }] },
}

/** Whether a request is the DELETE of a tag. */
const untags = ({ method, route }: RecordedRequest): boolean =>
  method === 'DELETE' && route.kind === 'manifest' && !isDigest(route.reference)

/** Pulp 2.30 (seen): every DELETE of a tag is 400 INVALID_REQUEST. */
const PULP: MemoryOptions = {
  intercept: (request): Interception => (untags(request) ? invalid : undefined),
}

describe('Pulp', () => {
  test('is purged: no tag can be deleted by name, so it goes with its manifest', async () => {
    const registry = await registryWith(PULP)
    const { report } = await expectPurged(registry)
    expect(report.repositories[0]?.tags).toMatchObject([
      { tag: 'debug-42', outcome: 'with-manifest', via: 'manifest' },
    ])
    expect(registry.requests.filter(untags)).toHaveLength(2)
  })

  test('cannot lose a label alone: that needs an endpoint for tags', async () => {
    const registry = await registryWith(PULP)
    await expectRefused(registry, /removal of tags from .* returned 400 INVALID_REQUEST/, {
      ...LEAK,
      scope: 'tag',
    })
  })
})

describe('a registry that refuses one tag as Pulp refuses all', () => {
  test.each([400, 405])('has locked that tag: nothing is deleted (%d)', async (status) => {
    const registry = await registryWith({
      onDelete: ({ kind }) =>
        kind === 'tag' ? { worked: false, answer: { ...invalid, status } } : undefined,
    })
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, LEAK)
    expect(run.result).toBe('refused')
    expect(run.report.repositories[0]?.problems).toHaveLength(1)
    expect(run.problems).toMatch(/tag acme\/search-indexer:debug-42 was not deleted.*Unlock it/)
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
    expect(registry.store.tags(REPO)).toContain('debug-42')
  })
})

describe('a registry that answers the DELETE of a tag with 404 and a code of its own', () => {
  const answer = { status: 404, body: { errors: [{ code: 'NO_SUCH_ENDPOINT' }] } }

  test('has no such endpoint if every tag gets it: the tag goes with its manifest', async () => {
    const registry = await registryWith({
      intercept: (request): Interception => (untags(request) ? answer : undefined),
    })
    await expectPurged(registry)
  })

  test('has locked the tag if only this one gets it', async () => {
    const registry = await registryWith({
      onDelete: ({ kind }) => (kind === 'tag' ? { worked: false, answer } : undefined),
    })
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, LEAK)
    expect(run.result).toBe('refused')
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
  })

  test('has deleted the tag if it is gone', async () => {
    const registry = await registryWith({
      onDelete: ({ kind }) => (kind === 'tag' ? { worked: true, answer } : undefined),
    })
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, LEAK)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(served(registry, REPO, scene.gone)).toEqual([])
  })
})
