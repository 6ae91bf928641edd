import { expect } from '@jest/globals'
import { runEngine, type EngineRun } from '../support/engine.js'
import type { MemoryRegistry } from '../support/memory-registry.js'
import { referenceScene, type ReferenceScene } from '../support/scene.js'
import { served } from '../safety/wire.js'

export const REPO = 'acme/search-indexer'
export const LEAK = { image: `${REPO}:debug-42` }

/** Purges the reference scene, and expects that it worked: the leak is gone, and everything else is there. */
export async function expectPurged(
  registry: MemoryRegistry,
  inputs: Readonly<Record<string, string>> = LEAK,
): Promise<EngineRun> {
  const scene = referenceScene(registry.store)
  const run = await runEngine(registry, inputs)
  expect([run.result, run.problems]).toEqual(['purged', ''])
  expect(served(registry, REPO, scene.gone)).toEqual([])
  expectUntouched(registry, scene, ['debug-42'])
  return run
}

/** Runs, and expects that it was refused before the first write, with this in its message. */
export async function expectRefused(
  registry: MemoryRegistry,
  message: RegExp,
  inputs: Readonly<Record<string, string>> = LEAK,
): Promise<EngineRun> {
  const scene = referenceScene(registry.store)
  const run = await runEngine(registry, inputs)
  expect(run.result).toBe('refused')
  expect(run.problems).toMatch(message)
  expectUntouched(registry, scene, [])
  expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
  return run
}

/** Expects every tag but these to point where it did, with its content in the registry. */
export function expectUntouched(
  { store }: MemoryRegistry,
  { tags, kept, latest, v100, v110 }: ReferenceScene,
  without: readonly string[],
): void {
  for (const [tag, digest] of Object.entries(tags))
    if (!without.includes(tag)) expect([tag, store.resolve(REPO, tag)]).toEqual([tag, digest])
  for (const image of [latest, v100, v110])
    for (const { digest } of [...(image.config === undefined ? [] : [image.config]), ...image.layers])
      expect(store.hasBlob(REPO, digest)).toBe(true)
  for (const digest of kept) expect(store.hasBlob(REPO, digest)).toBe(true)
}
