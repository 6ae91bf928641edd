import { expect, test } from '@jest/globals'
import { sha256 } from '../../../src/oci/digest.js'
import { Pool } from '../../../src/survey/read/pool.js'
import { blobsOf, IMAGE, image, INDEX } from '../../plan/pieces.js'

test('a manifest is known again under its media type only', () => {
  const pool = new Pool()
  const kept = pool.keep(image('one'), IMAGE)
  expect(pool.manifest(kept.digest, IMAGE)).toBe(kept)
  expect(pool.manifest(kept.digest, INDEX)).toBeUndefined()
  expect(pool.manifest(sha256('other'), IMAGE)).toBeUndefined()
})

test('equal descriptors are one, and different ones of the same content stay apart', () => {
  const pool = new Pool()
  const one = pool.keep(image('one'), IMAGE)
  const again = pool.keep({ ...image('one'), digest: sha256('again') }, IMAGE)
  expect(again.blobs[0]).toBe(one.blobs[0])
  const [first, ...rest] = image('one').blobs
  const other = { ...image('one'), digest: sha256('other'), blobs: [{ ...first!, size: 99 }, ...rest] }
  expect(pool.keep(other, IMAGE).blobs[0]).toMatchObject({ digest: blobsOf('one')[0], size: 99 })
  expect(one.blobs[0]?.size).not.toBe(99)
})

test('tags on one manifest share their state', () => {
  const pool = new Pool()
  expect(pool.resolved(sha256('one'))).toBe(pool.resolved(sha256('one')))
  expect(pool.resolved(sha256('one'))).toEqual({ is: 'resolved', digest: sha256('one') })
})
