import { describe, expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { runEngine } from '../support/engine.js'
import type { MemoryOptions } from '../support/memory-registry.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { expectPurged, LEAK, REPO } from './purged.js'

const registryWith = useRegistries()

/** GitLab's registry 3.86 (seen): everything works. A child is 409 while its index is there. */
const GITLAB: MemoryOptions = { gitlab: true, parentsFirst: 'MANIFEST_REFERENCED' }

describe('GitLab', () => {
  test('is purged', async () => {
    await expectPurged(await registryWith(GITLAB))
  })

  test('is purged of an index with its children', async () => {
    const registry = await registryWith(GITLAB)
    pushImage(registry.store, REPO, ociIndex([ociImage('amd64'), ociImage('arm64')]), 'multi')
    const run = await runEngine(registry, { image: `${REPO}:multi` })
    expect([run.result, run.problems]).toEqual(['purged', ''])
  })

  test('before 16.4 removes a label by its own endpoint', async () => {
    const registry = await registryWith({ ...GITLAB, unsupported: { tag: 405 } })
    pushImage(registry.store, REPO, ociImage('latest'), 'latest')
    pushImage(registry.store, REPO, ociImage('latest'), 'debug-42')
    const { result, report } = await runEngine(registry, { ...LEAK, scope: 'tag' })
    expect(result).toBe('purged')
    expect(report.repositories[0]?.tags).toMatchObject([
      { tag: 'debug-42', outcome: 'deleted', via: 'gitlab' },
    ])
    expect(registry.store.tags(REPO)).toEqual(['latest'])
  })
})
