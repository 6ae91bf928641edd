import { expect, test } from '@jest/globals'
import { verdict } from '../../../src/report/verdict.js'
import { runEngine } from '../../support/engine.js'
import { useRegistries } from '../../support/registries.js'
import { referenceScene } from '../../support/scene.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const nobody = `sha256:${'ab'.repeat(32)}`

test('a blob that never was there is neither deleted nor called gone', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  const run = await runEngine(registry, { blobs: `${REPO}@${nobody}` })
  expect(run.result).toBe('purged')
  expect(run.report.repositories[0]?.blobs[0]?.outcome).toBe('already-gone')
  expect(verdict(run.report)).toBe('Nothing was deleted: 1 digest was not there to be deleted')
  expect(run.report.repositories[0]?.warnings.join()).toContain('not by the DiffID in its config')
})

test('beside what is deleted it is told apart', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  const run = await runEngine(registry, { image: `${REPO}:debug-42`, blobs: `${REPO}@${nobody}` })
  expect(run.result).toBe('purged')
  expect(verdict(run.report)).toMatch(/^1 tag removed, 4 digests gone, 1 digest was not there to be deleted/)
})

test('what a first run deleted is not called gone by a second one', async () => {
  const registry = await registryWith()
  const { leak, gone } = referenceScene(registry.store)
  await runEngine(registry, { image: `${REPO}:debug-42` })
  const blobs = gone.filter((digest) => digest !== leak.digest).map((digest) => `${REPO}@${digest}`)
  const run = await runEngine(registry, { image: `${REPO}@${leak.digest}`, blobs: blobs.join('\n') })
  expect(run.result).toBe('purged')
  expect(verdict(run.report)).toContain('Nothing was deleted: 4 digests were not there to be deleted')
})
