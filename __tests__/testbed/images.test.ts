import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import {
  artifact,
  artifactManifest,
  attestation,
  signature,
  signatureTag,
  unknownManifest,
} from '../../testbed/images/artifacts.js'
import { EMPTY_CONFIG, foreignLayer, layerOfFiles, type Layer } from '../../testbed/images/content.js'
import { blobDigests, dockerImage, manifestDigests, ociImage } from '../../testbed/images/image.js'
import { dockerList, ociIndex, referrersIndex, referrersTag } from '../../testbed/images/indexes.js'
import { DOCKER_LIST, OCI_MANIFEST } from '../../testbed/images/media-types.js'
import { readTar } from '../../testbed/images/tar.js'
import { MemoryStore } from '../support/memory-registry.js'
import { pushImage } from '../support/push.js'
import { referenceScene } from '../support/scene.js'

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
  expect(made.config).toEqual(EMPTY_CONFIG)
  expect(made.config?.digest).toMatch(/^sha256:44136fa3/)
  expect(made.manifest).toMatchObject({
    artifactType: 'application/spdx',
    subject: { mediaType: OCI_MANIFEST, digest: subject.digest, size: subject.size },
  })
  expect(referrersTag(subject.digest)).toMatch(/^sha256-[0-9a-f]{64}$/)
})

test('a foreign layer is listed with its addresses, and no push brings it along', () => {
  const made = dockerImage('a', { layers: ['own', foreignLayer('vendor', ['https://v.test/x'])] })
  const [own, foreign] = made.layers as [Layer, Layer]
  expect(made.manifest['layers']).toEqual([
    { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', digest: own.digest, size: own.size },
    {
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      digest: foreign.digest,
      size: foreign.size,
      urls: ['https://v.test/x'],
    },
  ])
  const store = new MemoryStore()
  pushImage(store, 'app', made)
  expect([store.hasBlob('app', own.digest), store.hasBlob('app', foreign.digest)]).toEqual([true, false])
  expect(blobDigests(made)).not.toContain(foreign.digest)
})

test('a layer of files is a gzipped archive, and the config lists the hash of the archive itself', () => {
  const files = layerOfFiles({ 'srv/app': 'a program\n' })
  const archive = gunzipSync(files.bytes)
  expect(readTar(archive)['srv/app']?.toString()).toBe('a program\n')
  const { config } = ociImage('a', { layers: [files] })
  const diffId = `sha256:${createHash('sha256').update(archive).digest('hex')}`
  expect(JSON.parse(config?.bytes.toString() ?? '')).toMatchObject({ rootfs: { diff_ids: [diffId] } })
  expect(layerOfFiles({ 'srv/app': 'a program\n' })).toEqual(files)
})

test('one layer listed twice', () => {
  const made = ociImage('a', { layers: ['same', 'same'] })
  const { layers } = made.manifest as { layers: unknown[] }
  expect(layers).toHaveLength(2)
  expect(layers[0]).toEqual(layers[1])
  expect(blobDigests(made)).toHaveLength(2)
})

test('an artifact manifest has blobs and no config', () => {
  const subject = ociImage('a')
  const made = artifactManifest('sbom', { blobs: ['x', 'y'], subject })
  expect(made.mediaType).toBe('application/vnd.oci.artifact.manifest.v1+json')
  expect(made.manifest).toEqual({
    mediaType: made.mediaType,
    artifactType: 'application/vnd.example.sbom',
    blobs: made.layers.map(({ digest, size }) => ({ mediaType: 'application/octet-stream', digest, size })),
    subject: { mediaType: OCI_MANIFEST, digest: subject.digest, size: subject.size },
  })
  expect(artifactManifest('sbom').manifest).not.toHaveProperty('subject')
  const store = new MemoryStore()
  pushImage(store, 'app', made)
  for (const { digest } of made.layers) expect(store.isReferenced('app', digest)).toBe(true)
})

test('a manifest of an unknown kind has digests written in it, where nobody looks', () => {
  const subject = ociImage('a')
  const made = unknownManifest('odd', { subject, mentions: [subject.digest] })
  expect(made.manifest).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.example.thing.v1+json',
    parts: { first: made.layers[0]?.digest, others: [subject.digest] },
    subject: { mediaType: OCI_MANIFEST, digest: subject.digest, size: subject.size },
  })
  expect(unknownManifest('odd', { mediaType: 'application/x' })).toMatchObject({
    mediaType: 'application/x',
    manifest: { mediaType: 'application/x', parts: { others: [] } },
  })
  expect(unknownManifest('odd').manifest).not.toHaveProperty('subject')
})

test('the index of referrers tells the type of each', () => {
  const subject = ociImage('a')
  const sbom = artifact('sbom', { subject, annotations: { a: 'b' } })
  const plain = ociImage('plain', { subject })
  const made = referrersIndex([sbom, plain])
  expect(made.mediaType).toBe('application/vnd.oci.image.index.v1+json')
  expect(made.manifest['manifests']).toEqual([
    {
      mediaType: OCI_MANIFEST,
      digest: sbom.digest,
      size: sbom.size,
      artifactType: 'application/vnd.example.sbom',
      annotations: { a: 'b' },
    },
    {
      mediaType: OCI_MANIFEST,
      digest: plain.digest,
      size: plain.size,
      artifactType: 'application/vnd.oci.image.config.v1+json',
    },
  ])
  expect(manifestDigests(made)).toEqual([made.digest, sbom.digest, plain.digest])
  expect(referrersIndex([]).manifest['manifests']).toEqual([])
})

test("cosign's signature has a config, a layer and no subject; only its tag says whose it is", () => {
  const of = ociImage('a')
  const made = signature('s', of)
  expect(made.manifest).toMatchObject({
    mediaType: OCI_MANIFEST,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: made.config?.digest },
    layers: [
      {
        mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
        annotations: { 'dev.cosignproject.cosign/signature': 'c2lnbmF0dXJl' },
      },
    ],
  })
  expect(made.manifest).not.toHaveProperty('subject')
  expect(made.layers[0]?.bytes.toString()).toContain(of.digest)
  expect(made.digest).not.toBe(signature('t', of).digest)
  expect(signatureTag(of.digest)).toBe(`${referrersTag(of.digest)}.sig`)
  expect(signatureTag(of.digest, 'att')).toMatch(/^sha256-[0-9a-f]{64}\.att$/)
})

test('a push brings along all that an image needs', () => {
  const store = new MemoryStore()
  const child = ociImage('child')
  const inner = ociIndex([child])
  const outer = ociIndex([inner, attestation('p', child)])
  expect(pushImage(store, 'app', outer, 'multi')).toBe(outer.digest)
  expect(store.resolve('app', 'multi')).toBe(outer.digest)
  for (const digest of manifestDigests(outer)) expect(store.hasManifest('app', digest)).toBe(true)
  for (const digest of blobDigests(outer)) expect(store.hasBlob('app', digest)).toBe(true)
  expect(manifestDigests(outer)).toHaveLength(4)
  expect(blobDigests(outer)).toHaveLength(5)
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
    const others = [scene.v100, scene.v110].flatMap(blobDigests)
    expect(others.filter((digest) => scene.gone.includes(digest) || scene.kept.includes(digest))).toEqual([])
  })
})
