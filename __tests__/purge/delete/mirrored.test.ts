import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Digest } from '../../../src/oci/digest.js'
import { deleteMirrored } from '../../../src/purge/delete/mirrored.js'
import type { MemoryRegistry } from '../../support/memory-registry.js'
import { useRegistries } from '../../support/registries.js'
import { referenceScene } from '../../support/scene.js'
import { purging, REPO, sent, type Purging } from '../purging.js'

const registryWith = useRegistries()
let registry: MemoryRegistry
let at: Purging
let digest: Digest
beforeEach(() => begin(true))

/** A registry that also serves the leaked manifest as a blob. */
async function begin(referrers: boolean): Promise<void> {
  registry = await registryWith({ referrers })
  const { leak } = referenceScene(registry.store)
  registry.store.putBlob(REPO, leak.bytes)
  at = await purging(registry, { tags: ['debug-42'] })
  digest = leak.digest as Digest
}

describe('a manifest that is stored as a blob as well', () => {
  test('is deleted there too, which counts as written even if the manifest itself was gone', async () => {
    at.purge.record({ item: { kind: 'manifest', name: digest }, outcome: 'already-gone' })
    const wrote: boolean[] = []
    registry.options.intercept = ({ method }) => void (method === 'DELETE' && wrote.push(at.purge.wrote))
    expect(at.purge.wrote).toBe(false)
    await deleteMirrored(at.purge, [digest])
    expect(wrote).toEqual([true])
    expect(registry.store.hasBlob(REPO, digest)).toBe(false)
    expect(at.intents).toEqual([{ item: { kind: 'blob', name: digest } }])
  })

  test('is kept there if it was not deleted as a manifest', async () => {
    at.purge.record({ item: { kind: 'manifest', name: digest }, outcome: 'failed' })
    await deleteMirrored(at.purge, [digest])
    expect([sent(registry, 'DELETE', digest), at.purge.wrote]).toEqual([0, false])
  })

  test('is not looked for in a registry without the referrers API', async () => {
    await begin(false)
    at.purge.record({ item: { kind: 'manifest', name: digest }, outcome: 'deleted' })
    const before = registry.requests.length
    await deleteMirrored(at.purge, [digest])
    expect(registry.requests.slice(before).filter(({ path }) => path.includes('/blobs/'))).toEqual([])
    expect(registry.store.hasBlob(REPO, digest)).toBe(true)
  })
})
