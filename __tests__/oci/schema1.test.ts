import { describe, expect, test } from '@jest/globals'
import { matches, sha256, type Digest } from '../../src/oci/digest.js'
import { hashedBytes, parseManifest } from '../../src/oci/manifest.js'
import { parseSchema1 } from '../../src/oci/schema1.js'

const TYPE = 'application/vnd.docker.distribution.manifest.v1+json'
const SIGNED = 'application/vnd.docker.distribution.manifest.v1+prettyjws'

const of = (name: string): Digest => sha256(name)
const layers = (...names: string[]): object[] => names.map((name) => ({ blobSum: of(name) }))

const json = { schemaVersion: 1, name: 'acme/app', tag: 'old', fsLayers: layers('two', 'one') }
const text = JSON.stringify(json, null, 3)

const encoded = (value: string): string => Buffer.from(value).toString('base64url')

interface Signature {
  readonly formatLength?: unknown
  readonly formatTail?: unknown
  readonly protected?: unknown
}

/** A signature of a text that ends in `\n}`, as libtrust writes it. */
const signature = (more: Signature = {}, payload = text): object => {
  const { protected: whole, ...parts } = more
  const said = { formatLength: payload.length - 2, formatTail: encoded('\n}'), ...parts }
  return { signature: 'c2ln', protected: whole ?? encoded(JSON.stringify(said)) }
}

/** The text with signatures in it, in place of its end. */
const signed = (signatures: unknown, payload = text): Buffer =>
  Buffer.from(`${payload.slice(0, -2)},\n   "signatures": ${JSON.stringify(signatures)}\n}`)

const read = (body: string | Buffer): ReturnType<typeof parseSchema1> => parseSchema1(Buffer.from(body))

describe('a schema 1 manifest', () => {
  test('without signatures is hashed as it is', () => {
    const found = read(text)
    expect(Buffer.from(found?.payload ?? '').toString()).toBe(text)
    expect(found?.layers).toEqual([of('two'), of('one')])
  })

  test.each([
    ['with a signature', [signature()]],
    ['with several signatures', [signature(), signature()]],
  ])('%s is hashed without, as it was signed', (_, signatures) => {
    const body = signed(signatures)
    const found = read(body)
    expect(Buffer.from(found?.payload ?? '').toString()).toBe(text)
    expect(found?.layers).toEqual([of('two'), of('one')])
    expect(matches(of(text), hashedBytes(body) ?? body)).toBe(true)
  })

  test('may have other bytes than letters in it: lengths are of bytes', () => {
    const payload = JSON.stringify({ ...json, author: 'Zoë — ü' }, null, 3)
    const formatLength = Buffer.byteLength(payload) - 2
    const found = read(signed([signature({ formatLength })], payload))
    expect(Buffer.from(found?.payload ?? '').toString()).toBe(payload)
  })

  test('may have no layers', () => {
    expect(read(JSON.stringify({ ...json, fsLayers: [] }))?.layers).toEqual([])
    expect(read(JSON.stringify({ ...json, fsLayers: null }))?.layers).toEqual([])
  })

  const lied = JSON.stringify({ ...json, fsLayers: layers('other') }, null, 3)

  test.each<[string, string | Buffer]>([
    ['is no JSON', 'schemaVersion: 1'],
    ['is a list', '[]'],
    ['is of schema 2', JSON.stringify({ ...json, schemaVersion: 2 })],
    ['says its schema in a text', JSON.stringify({ ...json, schemaVersion: '1' })],
    ['has no layers at all', JSON.stringify({ schemaVersion: 1 })],
    ['has layers that are no list', JSON.stringify({ ...json, fsLayers: { 0: layers('one')[0] } })],
    ['has a layer without a digest', JSON.stringify({ ...json, fsLayers: [...layers('one'), {}] })],
    ['has a layer that is null', JSON.stringify({ ...json, fsLayers: [null] })],
    ['has a layer whose digest is none', JSON.stringify({ ...json, fsLayers: [{ blobSum: 'sha256:no' }] })],
    ['has signatures that are no list', signed({ 0: signature() })],
    ['has an empty list of signatures', signed([])],
    ['has signatures that are null', signed(null)],
    ['has a signature that is null', signed([null])],
    ['has a signature without what it protects', signed([{ signature: 'c2ln' }])],
    ['has a signature that protects no JSON', signed([signature({ protected: 'bm9uZQ' })])],
    ['has a signature without a length', signed([signature({ formatLength: undefined })])],
    ['has a signature without a tail', signed([signature({ formatTail: undefined })])],
    ['has a signature of a length below 0', signed([signature({ formatLength: -1 })])],
    ['has a signature of a broken length', signed([signature({ formatLength: 1.5 })])],
    ['has a signature that is longer than the whole', signed([signature({ formatLength: 99_999 })])],
    [
      'has a signature that is longer than the whole, and has no tail',
      signed([signature({ formatLength: 99_999, formatTail: '' })]),
    ],
    ['has a signature of something else than JSON', signed([signature({ formatLength: 5 })])],
    [
      'has one signature of several that is of other bytes',
      signed([signature(), signature({ formatTail: encoded('\n }') })]),
    ],
    ['has one signature of several that cannot be read', signed([signature(), {}])],
    [
      'says other layers than were signed',
      signed([signature({ formatLength: 0, formatTail: encoded(lied) })]),
    ],
    [
      'says layers that were not signed at all',
      signed([signature({ formatLength: 0, formatTail: encoded('{"schemaVersion":1}') })]),
    ],
  ])('is not read, if it %s', (_, body) => {
    expect(read(body)).toBeUndefined()
    expect(parseManifest(Buffer.from(body), TYPE)).toEqual({ unusable: { is: expect.any(String) } })
    // Of what is signed, and cannot be taken apart, nobody can tell the digest.
    const hashed = hashedBytes(Buffer.from(body))
    expect(hashed).toEqual(typeof body === 'string' ? Buffer.from(body) : undefined)
  })

  test('is not read, if it has more signatures than anybody writes', () => {
    expect(read(signed(Array.from({ length: 8 }, () => signature())))?.layers).toHaveLength(2)
    expect(read(signed(Array.from({ length: 9 }, () => signature())))).toBeUndefined()
  })
})

describe('a schema 1 manifest among others', () => {
  test.each([
    ['by its header', text, `${TYPE}; charset=utf-8`],
    ['by the header of signed ones', signed([signature()]), SIGNED],
    ['by its version under any header', text, 'application/vnd.oci.image.manifest.v1+json'],
    ['by its version without a header', signed([signature()]), undefined],
    ['by its own type', JSON.stringify({ ...json, mediaType: TYPE }), 'application/json'],
  ])('is known %s, has its layers as blobs, each once, and nothing else', (_, body, type) => {
    const manifest = parseManifest(Buffer.from(body), type)
    if ('unusable' in manifest) throw new Error(manifest.unusable.is)
    const { kind, blobs, children, config, subject, written } = manifest
    expect(kind).toBe('schema1')
    expect(blobs.map(({ digest }) => digest)).toEqual([of('two'), of('one')])
    expect([children, config, subject, written]).toEqual([[], undefined, undefined, []])
  })

  test('has the digest of what was signed, unless it was asked for by another', () => {
    const body = signed([signature()])
    expect(parseManifest(body, SIGNED)).toMatchObject({ digest: of(text), size: body.length })
    expect(parseManifest(body, SIGNED, of('named'))).toMatchObject({ digest: of('named') })
  })

  test('lists the same layer once', () => {
    const body = JSON.stringify({ ...json, fsLayers: layers('one', 'one', 'two') })
    expect(parseManifest(Buffer.from(body), TYPE)).toMatchObject({
      blobs: [{ digest: of('one') }, { digest: of('two') }],
    })
  })

  test('is no reason to hash anything else otherwise', () => {
    for (const body of [
      '',
      '{}',
      '{"signatures":[]}',
      'no JSON',
      JSON.stringify({ schemaVersion: 2, signatures: [1] }),
    ])
      expect(hashedBytes(Buffer.from(body))).toEqual(Buffer.from(body))
  })
})
