import { describe, expect, test } from '@jest/globals'
import * as images from './images.js'
import { DOCKER_LIST, MemoryStore, OCI_MANIFEST } from './memory-registry.js'
import { referenceScene } from './scene.js'

const { dockerImage, ociImage, dockerList, ociIndex, attestation, artifact, pushImage } = images

test('a seed makes the same image each time, another seed another one', () => {
  expect(ociImage('a').digest).toBe(ociImage('a').digest)
  expect(ociImage('a').digest).not.toBe(ociImage('b').digest)
  expect(ociImage('a').digest).not.toBe(dockerImage('a').digest)
})

test('layers of equal seeds are shared, everything else is not', () => {
  const one = ociImage('one', { layers: ['base', 'one'] })
  const two = dockerImage('two', { layers: ['base', 'two'] })
  expect(one.layers[0]).toEqual(two.layers[0])
  expect(one.layers[1]).not.toEqual(two.layers[1])
  expect(one.config).not.toEqual(two.config)
})

test('a date, a size, a secret', () => {
  const dated = ociImage('a', { created: '2020-02-02T00:00:00Z', secret: 'hush', layerSize: 1000 })
  expect(dated.config?.bytes.toString()).toMatch(/"created":"2020-02-02T00:00:00Z".*SECRET=hush/)
  expect(dated.layers.map(({ size }) => size)).toEqual([1000, 1000])
  expect(ociImage('a', { created: null }).config?.bytes.toString()).not.toContain('"created"')
})

test('an index describes its children', () => {
  const child = dockerImage('arm', { platform: { os: 'linux', architecture: 'arm64' } })
  const list = dockerList([child])
  expect(list.mediaType).toBe(DOCKER_LIST)
  expect(list.manifest['manifests']).toEqual([
    {
      mediaType: child.mediaType,
      digest: child.digest,
      size: child.bytes.length,
      platform: { os: 'linux', architecture: 'arm64' },
    },
  ])
  const proof = attestation('p', child)
  const [, second] = ociIndex([child, proof]).manifest['manifests'] as Record<string, unknown>[]
  expect(second).toMatchObject({
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: { 'vnd.docker.reference.digest': child.digest },
  })
  expect(ociIndex([], { mediaType: false }).manifest).toEqual({ schemaVersion: 2, manifests: [] })
})

test('artifacts share the empty config and name their subject', () => {
  const subject = ociImage('a')
  const made = artifact('sbom', { subject, artifactType: 'application/spdx' })
  expect(made.config).toEqual(images.EMPTY_CONFIG)
  expect(made.config?.digest).toMatch(/^sha256:44136fa3/)
  expect(made.manifest).toMatchObject({
    artifactType: 'application/spdx',
    subject: { mediaType: OCI_MANIFEST, digest: subject.digest, size: subject.size },
  })
  expect(images.referrersTag(subject.digest)).toMatch(/^sha256-[0-9a-f]{64}$/)
})

test('a push brings along all that an image needs', () => {
  const store = new MemoryStore()
  const child = ociImage('child')
  const inner = ociIndex([child])
  const outer = ociIndex([inner, attestation('p', child)])
  expect(pushImage(store, 'app', outer, 'multi')).toBe(outer.digest)
  expect(store.resolve('app', 'multi')).toBe(outer.digest)
  for (const digest of images.manifestDigests(outer)) expect(store.hasManifest('app', digest)).toBe(true)
  for (const digest of images.blobDigests(outer)) expect(store.hasBlob('app', digest)).toBe(true)
  expect(images.manifestDigests(outer)).toHaveLength(4)
  expect(images.blobDigests(outer)).toHaveLength(5)
})

describe('the reference scene', () => {
  test.each([
    ['OCI', ociImage],
    ['Docker', dockerImage],
  ])('of %s images', (_, build) => {
    const store = new MemoryStore()
    const scene = referenceScene(store, undefined, build)
    expect(store.tags(scene.repo)).toEqual(['debug-42', 'latest', 'stable', 'v1.0.0', 'v1.1.0'])
    expect(scene.tags['latest']).toBe(scene.tags['stable'])
    expect(store.resolve('acme/search-indexer', 'debug-42')).toBe(scene.leak.digest)
    expect(scene.gone).toHaveLength(4)
    expect(scene.kept).toEqual(scene.latest.layers.slice(0, 2).map(({ digest }) => digest))
    expect(scene.leak.layers).toHaveLength(4)
    const others = [scene.v100, scene.v110].flatMap(images.blobDigests)
    expect(others.filter((digest) => scene.gone.includes(digest) || scene.kept.includes(digest))).toEqual([])
  })
})
