import { describe, expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { runEngine } from '../support/engine.js'
import type { MemoryOptions, MemoryRegistry } from '../support/memory-registry.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { served } from '../safety/wire.js'
import { expectPurged, expectUntouched, LEAK, REPO } from './purged.js'

const registryWith = useRegistries()

/** Harbor (source): NOT_FOUND for whatever it does not know, no DELETE of a tag, `{}` as the referrers of an unknown digest. */
const HARBOR: MemoryOptions = {
  unknownCode: 'NOT_FOUND',
  unsupported: { tag: 400 },
  parentsFirst: 'PRECONDITION',
  referrers: true,
}

async function harbor(): Promise<MemoryRegistry> {
  const registry = await registryWith(HARBOR)
  registry.options.referrersTwist = (repo, digest) =>
    registry.store.hasManifest(repo, digest) ? undefined : { status: 200, body: {} }
  return registry
}

describe('Harbor', () => {
  test('is purged, although it says NOT_FOUND', async () => {
    const registry = await harbor()
    await expectPurged(registry)
  })

  test('lists what is attached to the leak, which goes too', async () => {
    const registry = await harbor()
    const { leak, latest } = referenceScene(registry.store)
    const signature = ociImage('signature of the leak', { subject: leak })
    const kept = ociImage('signature of latest', { subject: latest })
    for (const image of [signature, kept]) pushImage(registry.store, REPO, image)
    expect((await runEngine(registry, LEAK)).result).toBe('purged')
    expect(served(registry, REPO, [signature.digest, kept.digest])).toEqual([kept.digest])
  })

  test('a tag that was broken before needs nothing', async () => {
    const registry = await harbor()
    const scene = referenceScene(registry.store)
    registry.options.extraListed = ['broken']
    const run = await runEngine(registry, LEAK)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(run.report.repositories[0]?.remaining).toContainEqual(
      expect.objectContaining({ tag: 'broken', verdict: 'broken-before' }),
    )
    expectUntouched(registry, scene, ['debug-42'])
  })

  test('whose repository has no tags left is purged by digest', async () => {
    const registry = await harbor()
    registry.options.emptyIsUnknown = true
    const leak = ociImage('leak')
    pushImage(registry.store, REPO, leak)
    const run = await runEngine(registry, { image: `${REPO}@${leak.digest}` })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(served(registry, REPO, [leak.digest])).toEqual([])
  })

  test('of an immutable tag the artifact stays, with all that is below it', async () => {
    const registry = await harbor()
    const scene = referenceScene(registry.store)
    registry.options.onDelete = ({ kind }) =>
      kind === 'manifest'
        ? {
            worked: false,
            answer: {
              status: 412,
              body: { errors: [{ code: 'PRECONDITION', message: 'matched by an immutable rule' }] },
            },
          }
        : undefined
    const run = await runEngine(registry, LEAK)
    expect(run.result).toBe('refused')
    expect(run.report.repositories[0]?.problems).toHaveLength(1)
    expect(run.problems).toMatch(/412 PRECONDITION \(matched by an immutable rule\).*Unlock it and run again/)
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
    expect(run.report.repositories[0]?.tags).toMatchObject([{ tag: 'debug-42', outcome: 'kept' }])
  })
})

describe('a gateway that says NOT_FOUND in front of another registry', () => {
  test.each(['stable', 'latest'])('does not make %s a tag that needs nothing', async (tag) => {
    const registry = await registryWith({
      reads: { [tag]: { status: 404, body: { errors: [{ code: 'NOT_FOUND', message: 'no route' }] } } },
    })
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, LEAK)
    expect(run.result).toBe('refused')
    expect(run.problems).toContain(`${REPO}:${tag}`)
    expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
  })
})
