import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { parseDigest, sha256, type Digest } from '../../src/oci/digest.js'
import { parseManifest, type Manifest } from '../../src/oci/manifest.js'

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json'
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
const DOCKER_IMAGE = 'application/vnd.docker.distribution.manifest.v2+json'
const ARTIFACT = 'application/vnd.oci.artifact.manifest.v1+json'
const SCHEMA1 = 'application/vnd.docker.distribution.manifest.v1+json'
const ODD = 'application/vnd.example.odd+json'

const of = (name: string): Digest => sha256(name)
const entry = (name: string, more: object = {}): object => ({
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  digest: of(name),
  size: 7,
  ...more,
})
const child = (name: string, mediaType = OCI_IMAGE): object => ({ mediaType, digest: of(name), size: 7 })
const config = entry('config', { mediaType: 'application/vnd.oci.image.config.v1+json' })

function parse(json: unknown, contentType?: string): ReturnType<typeof parseManifest> {
  return parseManifest(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)), contentType)
}

function read(json: unknown, contentType?: string): Manifest {
  const manifest = parse(json, contentType)
  if ('unusable' in manifest) throw new Error(manifest.unusable.is)
  return manifest
}

const digests = (list: readonly { digest: Digest }[]): Digest[] => list.map(({ digest }) => digest)

describe('an image', () => {
  const image = { schemaVersion: 2, mediaType: OCI_IMAGE, config, layers: [entry('one'), entry('two')] }

  test('has a config and layers as its blobs, and no children', () => {
    const manifest = read(image, OCI_IMAGE)
    expect(manifest.kind).toBe('image')
    expect(manifest.config?.digest).toBe(of('config'))
    expect(digests(manifest.blobs)).toEqual([of('config'), of('one'), of('two')])
    expect(manifest.children).toEqual([])
    expect(manifest.written).toEqual([])
  })

  test.each([
    ['in the header only', { ...image, mediaType: undefined }, OCI_IMAGE],
    ['in the body only', image, undefined],
    ['in the body, the header being generic', image, 'application/json'],
    ["in Docker's words", { ...image, mediaType: DOCKER_IMAGE }, DOCKER_IMAGE],
    ['in capitals, with a parameter', image, `${OCI_IMAGE.toUpperCase()}; charset=utf-8`],
    ['nowhere, but by its shape', { ...image, mediaType: undefined }, 'text/plain'],
  ])('is known by its type, given %s', (_, json, contentType) => {
    const { kind, blobs } = read(json, contentType)
    expect([kind, blobs.length]).toEqual(['image', 3])
  })

  test('has each digest once, however often it lists it', () => {
    expect(
      digests(read({ ...image, layers: [entry('one'), entry('one'), config] }, OCI_IMAGE).blobs),
    ).toEqual([of('config'), of('one')])
  })

  test('has the digest and size of its bytes', () => {
    const body = `${JSON.stringify(image, null, 3)}\n`
    expect(read(body, OCI_IMAGE)).toMatchObject({ digest: sha256(body), size: Buffer.byteLength(body) })
  })

  test('keeps the digest under which it was asked for', () => {
    const body = Buffer.from(JSON.stringify(image))
    const named = parseDigest(`sha512:${createHash('sha512').update(body).digest('hex')}`)
    expect(parseManifest(body, OCI_IMAGE, named)).toMatchObject({ digest: named })
  })

  test('says which layers may lie elsewhere, and sizes only where they are sizes', () => {
    const layers = [
      entry('one', { urls: ['https://elsewhere.example/x'], size: 0 }),
      entry('two', { urls: [], size: -1 }),
      entry('three', { size: '7' }),
      entry('four', { size: 1.5 }),
    ]
    expect(read({ ...image, layers }, OCI_IMAGE).blobs.map(({ foreign, size }) => [foreign, size])).toEqual([
      [false, 7],
      [true, undefined],
      [false, undefined],
      [false, undefined],
      [false, undefined],
    ])
  })

  test('has no size where Go wrote the zero of one that was not set, unless the content is empty', () => {
    const empty = [sha256(''), `sha512:${createHash('sha512').digest('hex')}`]
    const layers = [
      entry('one', { size: 0 }),
      entry('two', { size: undefined }),
      entry('three', { size: null }),
      ...empty.map((digest) => entry('', { digest, size: 0 })),
    ]
    const sizes = read({ ...image, config: { digest: of('config') }, layers }, OCI_IMAGE).blobs.map(
      ({ size }) => size,
    )
    expect(sizes).toEqual([undefined, undefined, undefined, undefined, 0, 0])
  })

  test('names its subject, if it has one', () => {
    expect(read({ ...image, subject: child('subject') }, OCI_IMAGE).subject).toBe(of('subject'))
    expect(read(image, OCI_IMAGE).subject).toBeUndefined()
    expect(read({ ...image, subject: null }, OCI_IMAGE).subject).toBeUndefined()
  })

  test('may have no layers: an empty list, or what Go writes for one', () => {
    expect(digests(read({ ...image, layers: [] }, OCI_IMAGE).blobs)).toEqual([of('config')])
    expect(digests(read({ ...image, layers: null }, OCI_IMAGE).blobs)).toEqual([of('config')])
  })

  test.each([
    ['under its own type', { ...image, layers: undefined }, OCI_IMAGE],
    ['under its own type alone', { ...image, layers: undefined }, 'application/json'],
    ['under the type of the header', { schemaVersion: 2, config }, OCI_IMAGE],
    ["in Docker's words", { schemaVersion: 2, mediaType: DOCKER_IMAGE, config }, DOCKER_IMAGE],
    ['with null, under no type', { schemaVersion: 2, config, layers: null }, undefined],
  ])('may leave its layers out, and needs its config then: %s', (_, json, contentType) => {
    const manifest = read(json, contentType)
    expect([manifest.kind, digests(manifest.blobs)]).toEqual(['image', [of('config')]])
  })

  test('may say null wherever it may say nothing', () => {
    const nulls = { urls: null, annotations: null, platform: null, data: null, artifactType: null }
    const json = {
      ...image,
      mediaType: null,
      config: { ...config, ...nulls },
      layers: [entry('one', nulls)],
      ...{
        manifests: null,
        blobs: null,
        fsLayers: null,
        subject: null,
        annotations: null,
        artifactType: null,
      },
    }
    const { kind, blobs, subject } = read(json, OCI_IMAGE)
    expect([kind, digests(blobs), subject]).toEqual(['image', [of('config'), of('one')], undefined])
  })
})

describe('an index', () => {
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [child('one'), child('two', OCI_INDEX)] }

  test.each([
    [OCI_INDEX, index],
    [DOCKER_LIST, { ...index, mediaType: DOCKER_LIST }],
    [undefined, index],
    ['application/octet-stream', { ...index, mediaType: undefined }],
  ])('has children, and no blobs: %s', (contentType, json) => {
    const manifest = read(json, contentType)
    expect(manifest.kind).toBe('index')
    expect(digests(manifest.children)).toEqual([of('one'), of('two')])
    expect(manifest.blobs).toEqual([])
    expect(manifest.config).toBeUndefined()
  })

  test('may list layers and configs of a build cache, which are blobs', () => {
    const manifests = [
      child('one'),
      entry('layer'),
      entry('cache', { mediaType: 'application/vnd.buildkit.cacheconfig.v0' }),
      entry('docker', { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' }),
    ]
    const manifest = read({ ...index, manifests }, OCI_INDEX)
    expect(digests(manifest.children)).toEqual([of('one')])
    expect(digests(manifest.blobs)).toEqual([of('layer'), of('cache'), of('docker')])
  })

  test('takes an entry for a child whose type says that it is a manifest, or says nothing', () => {
    const types = [
      'application/vnd.example.manifest.v1+json',
      'application/vnd.example.index',
      '',
      'application/json',
    ]
    const manifests = types.map((type, at) => child(String(at), type))
    const { children, written } = read(
      { ...index, manifests: [...manifests, { digest: of('x') }] },
      OCI_INDEX,
    )
    expect(digests(children)).toEqual(['0', '1', '2', '3', 'x'].map(of))
    expect(written).toEqual([])
  })

  test('needs an entry of any other type, without knowing as what', () => {
    const { children, blobs, written } = read({ ...index, manifests: [child('one', ODD)] }, OCI_INDEX)
    expect([children, blobs, written]).toEqual([[], [], [of('one')]])
  })

  test('may be empty: a list without entries, or what Go writes for one', () => {
    expect(read({ ...index, manifests: [] }, OCI_INDEX).children).toEqual([])
    expect(read({ ...index, manifests: null }, OCI_INDEX).children).toEqual([])
    expect(read({ schemaVersion: 2, manifests: null }, OCI_INDEX).children).toEqual([])
  })

  test.each([
    [OCI_INDEX, OCI_INDEX],
    [DOCKER_LIST, DOCKER_LIST],
    [OCI_INDEX, 'application/json'],
  ])('may leave its list out if its own type says what it is: %s under %s', (mediaType, contentType) => {
    expect(read({ schemaVersion: 2, mediaType }, contentType)).toMatchObject({ kind: 'index', children: [] })
  })

  test('names its subject, if it has one', () => {
    expect(read({ ...index, subject: child('subject') }, OCI_INDEX).subject).toBe(of('subject'))
  })
})

describe('an artifact manifest', () => {
  const artifact = {
    mediaType: ARTIFACT,
    artifactType: 'application/vnd.example.sbom',
    subject: child('subject'),
  }

  test('has blobs, and a subject', () => {
    const manifest = read({ ...artifact, blobs: [entry('one'), entry('two')] }, ARTIFACT)
    expect(manifest.kind).toBe('artifact')
    expect(digests(manifest.blobs)).toEqual([of('one'), of('two')])
    expect(manifest.subject).toBe(of('subject'))
  })

  test('may leave its blobs out, which the specification makes optional', () => {
    expect(read(artifact, ARTIFACT)).toMatchObject({ kind: 'artifact', blobs: [] })
    expect(read({ ...artifact, blobs: null }, ARTIFACT)).toMatchObject({ kind: 'artifact', blobs: [] })
  })
})

describe('a manifest of a type that nobody here knows', () => {
  test('needs every digest that is written in it, wherever, but its own', () => {
    const json = {
      deep: [{ er: `see ${of('one')}` }],
      [of('two')]: true,
      layers: [entry('three')],
      manifests: [child('four')],
    }
    const manifest = read(json, ODD)
    expect(manifest.kind).toBe('unknown')
    expect(new Set(manifest.written)).toEqual(new Set(['one', 'two', 'three', 'four'].map(of)))
    expect([manifest.children, manifest.blobs, manifest.config]).toEqual([[], [], undefined])
  })

  test('needs a digest also where JSON writes it with escapes', () => {
    const escaped = JSON.stringify({ a: of('one') }).replace('sha256:', '\\u0073ha256\\u003A')
    expect(read(escaped, ODD).written).toEqual([of('one')])
  })

  test('names its subject, if it has one, and needs that', () => {
    expect(read({ subject: child('subject'), a: of('one') }, ODD)).toMatchObject({
      subject: of('subject'),
      written: [of('subject'), of('one')],
    })
    expect(read({ subject: of('subject') }, ODD).subject).toBeUndefined()
  })

  test('is known by its own mediaType, the header being generic', () => {
    expect(read({ mediaType: ODD, a: of('one') }, 'application/json')).toMatchObject({
      kind: 'unknown',
      mediaType: ODD,
      written: [of('one')],
    })
  })
})

describe('a body is not used', () => {
  const image = { schemaVersion: 2, config, layers: [entry('one')] }
  const index = { schemaVersion: 2, manifests: [child('one')] }

  test.each<[string, unknown, string | undefined]>([
    ['which is schema 1 by its header', { ...image, schemaVersion: 1 }, SCHEMA1],
    [
      'which is signed schema 1 by its header',
      image,
      `${SCHEMA1.replace('json', 'prettyjws')}; charset=utf-8`,
    ],
    ['which is schema 1 by its own type', { ...image, mediaType: SCHEMA1 }, 'application/json'],
    ['which is schema 1 by its version, without layers', { schemaVersion: 1 }, OCI_IMAGE],
    [
      'which is schema 1 by its version, although it has the parts of an image',
      { ...image, schemaVersion: 1 },
      OCI_IMAGE,
    ],
    ['which is a page', '<html>Log in</html>', 'text/html'],
    ['which is a page under the type of an image', '<html>Log in</html>', OCI_IMAGE],
    ['which is empty', '', OCI_IMAGE],
    ['which is cut off', JSON.stringify(image).slice(0, -3), OCI_IMAGE],
    ['which is a list', [image], OCI_IMAGE],
    ['which is null', null, OCI_IMAGE],
    ['whose two types contradict each other', { ...index, mediaType: OCI_INDEX }, OCI_IMAGE],
    ['whose types contradict each other the other way', { ...image, mediaType: OCI_IMAGE }, DOCKER_LIST],
    ['whose own type is unknown under a known header', { ...image, mediaType: ODD }, OCI_IMAGE],
    ['that is an image and an index', { ...image, ...index }, OCI_IMAGE],
    ['that is an index and an image', { ...image, ...index }, OCI_INDEX],
    ['that is an index with layers', { ...index, layers: [] }, OCI_INDEX],
    ['that is an image with blobs', { ...image, blobs: [] }, OCI_IMAGE],
    ['that is an image with the layers of schema 1', { ...image, fsLayers: [] }, DOCKER_IMAGE],
    ['that is an artifact with layers', { blobs: [], layers: [] }, ARTIFACT],
    ['that is an image without a config', { layers: [] }, OCI_IMAGE],
    ['that is an image without a config, or anything', {}, OCI_IMAGE],
    ['that is an image without a config under its own type', { mediaType: OCI_IMAGE }, OCI_IMAGE],
    ['that is an image whose config is null', { ...image, config: null }, OCI_IMAGE],
    ['that is an image whose config is empty', { ...image, config: {} }, OCI_IMAGE],
    ['that is an image without layers under no type', { schemaVersion: 2, config }, 'application/json'],
    ['that is an image without layers, and an index', { config, manifests: [child('one')] }, OCI_IMAGE],
    ['that is an image without layers, and an artifact', { config, blobs: [] }, OCI_IMAGE],
    ['that is an index without a list under the type of the header', { schemaVersion: 2 }, OCI_INDEX],
    ['that is empty, under the type of an index', {}, OCI_INDEX],
    ['whose list is null, under no type', { schemaVersion: 2, manifests: null }, 'application/json'],
    ['that is empty, under the type of an artifact', {}, ARTIFACT],
    ['that is empty, under no type', {}, undefined],
    ['with a layer that is null', { ...image, layers: [entry('one'), null] }, OCI_IMAGE],
    ['with a child that is null', { ...index, manifests: [null] }, OCI_INDEX],
    ['with a layer that has no digest', { ...image, layers: [entry('one'), { size: 1 }] }, OCI_IMAGE],
    [
      'with a layer whose digest is none',
      { ...image, layers: [{ ...config, digest: 'sha256:no' }] },
      OCI_IMAGE,
    ],
    ['with a layer that is a text', { ...image, layers: [of('one')] }, OCI_IMAGE],
    ['with layers that are no list', { ...image, layers: { 0: entry('one') } }, OCI_IMAGE],
    ['with a child that has no digest', { manifests: [child('one'), {}] }, OCI_INDEX],
    ['of a generic type whose shape is none', { hello: 'world', a: of('one') }, 'application/json'],
    ['that is the error of a proxy', { errors: [{ code: 'DENIED' }] }, 'application/json'],
  ])('%s', (_, json, contentType) => {
    expect(parse(json, contentType)).toEqual({ unusable: { is: expect.any(String) } })
  })

  test.each<[string, unknown]>([
    ['of its layers', { ...image, Layers: [entry('two')] }],
    ['of its layers alone', { schemaVersion: 2, config, LAYERS: [entry('one')] }],
    ['of its children', { ...image, Manifests: [child('one')] }],
    ['of its type', { ...image, MediaType: OCI_INDEX }],
    ['of its subject', { ...image, Subject: child('subject') }],
    ['of a digest in its config', { ...image, config: { ...config, Digest: of('two') } }],
    ['of a digest in a layer', { ...image, layers: [entry('one', { dIgest: of('two') })] }],
    ['of a digest in its subject', { ...image, subject: { ...child('one'), DIGEST: of('two') } }],
    ['of its layers, with the long s that Go takes for an s', { ...image, 'layer\u017f': [entry('two')] }],
    [
      'of a digest, with the long s that Go takes for an s',
      { ...image, config: { ...config, 'dige\u017ft': of('two') } },
    ],
  ])(
    'that has a key %s in another case: there are readers that take it, and others that do not',
    (_, json) => {
      expect(parse(json, OCI_IMAGE)).toEqual({ unusable: { is: 'miscased-key', key: expect.any(String) } })
    },
  )

  test('not for a key of any other name, or one in what is nobody’s business', () => {
    const odd = { ...image, Author: 'x', annotations: { Digest: 'x', Layers: 'x' } }
    expect(parse(odd, OCI_IMAGE)).toMatchObject({ kind: 'image' })
  })

  test('and says which of the reasons it was', () => {
    expect(parse('<html>', OCI_IMAGE)).toEqual({ unusable: { is: 'no-object' } })
    expect(parse({ ...image, Layers: [] }, OCI_IMAGE)).toEqual({
      unusable: { is: 'miscased-key', key: 'Layers' },
    })
    expect(parse({ ...index, mediaType: OCI_INDEX }, OCI_IMAGE)).toEqual({ unusable: { is: 'two-types' } })
    expect(parse({ ...image, layers: {} }, OCI_IMAGE)).toEqual({ unusable: { is: 'malformed' } })
    expect(parse(image, SCHEMA1)).toEqual({ unusable: { is: 'malformed-schema1' } })
  })
})
