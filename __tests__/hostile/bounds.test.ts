/** Safe, ordinary purges that are refused or never proven, and ends that are no answers. */
import { expect, test } from '@jest/globals'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import { useRegistries } from '../support/registries.js'
import { Holders } from '../../src/plan/holders.js'
import { parseManifest } from '../../src/oci/manifest.js'
import type { Digest } from '../../src/oci/digest.js'
import type { Tag } from '../../src/oci/tag.js'
import { readInputs } from '../../src/config/inputs.js'
import { ociImage } from '../../testbed/images/image.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'

test('200,000 tags on one manifest', () => {
  const root = `sha256:${'a'.repeat(64)}` as Digest
  const pointers = new Map(Array.from({ length: 200_000 }, (_, at) => [`t${at}` as Tag, root] as const))
  const holders = new Holders(
    pointers,
    { manifests: new Map(), referrers: new Map(), twins: new Map() },
    new Set(),
  )
  expect(holders.of(new Set([root])).get(root)).toHaveLength(200_000)
  expect(holders.over(new Set([root]))).toHaveLength(200_000)
})

test('deep JSON in a manifest of unknown kind', () => {
  const depth = 200_000
  const body = Buffer.from(
    `{"mediaType":"application/vnd.example+json","a":${'['.repeat(depth)}${']'.repeat(depth)}}`,
  )
  expect(() => parseManifest(body, 'application/vnd.example+json')).not.toThrow()
})

test('deep JSON under a remaining tag does not crash the run', async () => {
  const registry = await registryWith()
  pushImage(registry.store, REPO, ociImage('leak'), 'debug')
  const depth = 200_000
  registry.store.putManifest(
    REPO,
    'application/vnd.example+json',
    `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    'odd',
  )
  await expect(runEngine(registry, { image: `${REPO}:debug` })).resolves.toBeDefined()
})

test('an artifact manifest without blobs remains', async () => {
  const registry = await registryWith()
  pushImage(registry.store, REPO, ociImage('leak'), 'debug')
  registry.store.putManifest(
    REPO,
    'application/vnd.oci.artifact.manifest.v1+json',
    { mediaType: 'application/vnd.oci.artifact.manifest.v1+json', artifactType: 'application/vnd.example' },
    'art',
  )
  const run = await runEngine(registry, { image: `${REPO}:debug` })
  expect([run.result, run.problems]).toEqual(['purged', ''])
})

test('secret in a message: a password with @ or / in a URL', () => {
  for (const url of ['https://user:hun/ter2@r.example', 'https://user:hun@ter2@r.example']) {
    const read = readInputs(new Map(Object.entries({ registry: url, image: `${url}/a/b:c` })), 0)
    expect(read.problems.length).toBeGreaterThan(0)
    expect(JSON.stringify([read.problems, read.shown])).not.toContain('ter2')
  }
})

test('nothing but inputs is called the nearest input', () => {
  const given = { registry: 'r.example', image: 'a/b:c', constructor: 'x' }
  const { problems } = readInputs(new Map(Object.entries(given)), 0)
  expect(JSON.stringify(problems)).not.toContain('native code')
})
