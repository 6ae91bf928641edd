import { describe, expect, test } from '@jest/globals'
import { useRegistries } from '../support/registries.js'
import { expectRefused } from './purged.js'

const registryWith = useRegistries()

describe('registries that delete no blob', () => {
  test('Quay collects them by itself: refused before the first write', async () => {
    const registry = await registryWith({ unsupported: { blob: 405 } })
    const { problems } = await expectRefused(registry, /deletion of blobs in acme\/search-indexer/)
    expect(problems).toContain('It deletes manifests, but no blobs')
    expect(problems).not.toMatch(/deletion of manifests|storage\.delete|turn deletion on/i)
  })

  test('ghcr.io deletes nothing this way: refused before the first write', async () => {
    const registry = await registryWith({ unsupported: { tag: 405, manifest: 405, blob: 405 } })
    await expectRefused(registry, /deletion of manifests in acme\/search-indexer/)
  })
})
