/** Gitea and Forgejo: a tag is a version of a package, and its manifest lives as long as a version has it. */
import { describe, expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import type { MemoryOptions, MemoryRegistry, RecordedRequest } from '../support/memory-registry.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'

const registryWith = useRegistries()
const REPO = 'acme/app'
const GITEA: MemoryOptions = { tagDeleteTakesManifest: true, blobDeleteAlways202: true, listsByNames: true }
const leak = ociImage('leak', { layers: ['base', 'secret'] })
const latest = ociImage('latest', { layers: ['base', 'app'] })
const content = [leak, ...leak.layers].map(({ digest }) => digest)

async function sceneWith(options: MemoryOptions = {}): Promise<MemoryRegistry> {
  const registry = await registryWith({ ...GITEA, ...options })
  pushImage(registry.store, REPO, leak, 'leak')
  pushImage(registry.store, REPO, latest, 'latest')
  return registry
}

const label = (registry: MemoryRegistry): Promise<EngineRun> =>
  runEngine(registry, { image: `${REPO}:leak`, scope: 'tag' })
const writes = ({ requests }: MemoryRegistry): RecordedRequest[] =>
  requests.filter(
    ({ method, path }) => method === 'PUT' || (method === 'DELETE' && path.endsWith('/manifests/leak')),
  )
const stored = ({ store }: MemoryRegistry): string[] =>
  content.filter((digest) => store.hasManifest(REPO, digest) || store.hasBlob(REPO, digest))

describe('the only label of an image (scope: tag)', () => {
  test('goes after its manifest was pushed by digest, so that manifest and blobs survive', async () => {
    const registry = await sceneWith()
    const { result, problems } = await label(registry)
    expect([result, problems]).toEqual(['purged', ''])
    expect(writes(registry).map(({ method, path }) => [method, path.split('/').at(-1)])).toEqual([
      ['PUT', leak.digest],
      ['DELETE', 'leak'],
    ])
    expect(registry.store.tags(REPO)).toEqual(['latest'])
    expect(stored(registry)).toEqual(content)
  })

  test('goes without a push if a second tag has the image', async () => {
    const registry = await sceneWith()
    registry.store.tag(REPO, 'copy', leak.digest)
    expect((await label(registry)).result).toBe('purged')
    expect(writes(registry).map(({ method }) => method)).toEqual(['DELETE'])
    expect(stored(registry)).toEqual(content)
  })

  test('stays if an index needs the image and nothing may be pushed, and the words are those of the registry', async () => {
    const registry = await sceneWith({
      intercept: ({ method }) =>
        method === 'PUT'
          ? { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="Gitea Package API"' } }
          : undefined,
    })
    const index = ociIndex([leak, latest])
    registry.store.putManifest(REPO, index.mediaType, index.bytes, 'multi')
    const { result, problems } = await label(registry)
    expect(result).toBe('refused')
    expect(problems).toContain('some registries delete a manifest with its last tag')
    expect(problems).toContain('`write:package`')
    expect(registry.store.tags(REPO)).toContain('leak')
    expect(stored(registry)).toEqual(content)
  })
})
