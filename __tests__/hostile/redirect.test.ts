/** What is listed under another type, and what is sent elsewhere. */
import { expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { OCI_INDEX } from '../../testbed/images/media-types.js'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import { startMemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'

test('a child of the leak under a type of its own is a manifest all the same', async () => {
  const registry = await registryWith()
  const child = ociImage('child')
  pushImage(registry.store, REPO, child)
  registry.store.putManifest(
    REPO,
    OCI_INDEX,
    {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [
        { mediaType: 'application/vnd.example.bundle.v1+json', digest: child.digest, size: child.size },
      ],
    },
    'debug',
  )
  pushImage(registry.store, REPO, ociImage('latest'), 'latest')
  const run = await runEngine(registry, { image: `${REPO}:debug` })
  const { status } = await fetch(`${registry.url}/v2/${REPO}/manifests/${child.digest}`, {
    headers: { accept: child.mediaType },
  })
  expect({ result: run.result, status }).not.toEqual({ result: 'purged', status: 200 })
})

test('blobs that the registry still sends to another host under the same path are not gone', async () => {
  const registry = await registryWith()
  const elsewhere = await startMemoryRegistry()
  try {
    const scene = referenceScene(registry.store)
    let deleted = 0
    registry.options.intercept = ({ method, path }) => {
      if (method === 'DELETE' && path.includes('/blobs/')) deleted++
      return deleted >= 3 &&
        method === 'GET' &&
        scene.gone.some((digest) => path.endsWith(`/blobs/${digest}`))
        ? { status: 307, headers: { Location: `${elsewhere.url}${path}` } }
        : undefined
    }
    const run = await runEngine(registry, { image: `${REPO}:debug-42`, 'verify-timeout': '20s' })
    expect(run.result).not.toBe('purged')
    expect(run.problems).toContain('although its storage has no such content')
  } finally {
    await elsewhere.stop()
  }
})
