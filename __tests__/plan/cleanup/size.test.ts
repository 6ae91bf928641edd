import { expect, test } from '@jest/globals'
import { sha256, type Digest } from '../../../src/oci/digest.js'
import type { Descriptor, Manifest } from '../../../src/oci/manifest.js'
import { sizeOf } from '../../../src/plan/cleanup/size.js'
import type { Facts } from '../../../src/survey/facts.js'

const of = (name: string): Digest => sha256(name)
const blob = (name: string, size?: number): Descriptor => ({
  digest: of(name),
  mediaType: '',
  foreign: false,
  ...(size !== undefined && { size }),
})
const manifest = (name: string, more: Partial<Manifest> = {}): Manifest => ({
  digest: of(name),
  mediaType: '',
  size: 100,
  kind: 'image',
  children: [],
  blobs: [],
  written: [],
  ...more,
})

function size(...manifests: readonly Manifest[]): number | undefined {
  const read = new Map(manifests.map((each) => [each.digest, each]))
  return sizeOf(of('root'), { manifests: read, referrers: new Map(), twins: new Map() } as unknown as Facts)
}

test('an image is as large as its manifests and blobs, each counted once', () => {
  const index = manifest('root', { kind: 'index', children: [blob('a'), blob('b')] })
  const a = manifest('a', { blobs: [blob('x', 1), blob('y', 2)] })
  expect(size(index, a, manifest('b', { blobs: [blob('y', 2), blob('z', 4)] }))).toBe(307)
  expect(size(manifest('root', { blobs: [blob('empty', 0)] }))).toBe(100)
})

test('the size of an image is unknown if that of one of its parts is', () => {
  expect(size(manifest('root', { blobs: [blob('x', 1), blob('y')] }))).toBeUndefined()
  expect(size(manifest('root', { kind: 'index', children: [blob('a')] }))).toBeUndefined()
  expect(size(manifest('root', { kind: 'unknown', written: [of('x')] }))).toBeUndefined()
})
