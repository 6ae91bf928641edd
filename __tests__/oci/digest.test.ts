import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { digestsWrittenIn, EMPTY_BLOBS, matches, parseDigest, sha256, short } from '../../src/oci/digest.js'

const A = `sha256:${'a'.repeat(64)}`
const B = `sha256:${'b1'.repeat(32)}`
const LONG = `sha512:${'0f'.repeat(64)}`

describe('a digest', () => {
  test.each([A, B, LONG])('is taken in canonical form: %s', (text) => {
    expect(parseDigest(text)).toBe(text)
  })

  test.each([
    ['upper-case hex', `sha256:${'A'.repeat(64)}`],
    ['an upper-case algorithm', `SHA256:${'a'.repeat(64)}`],
    ['too few digits', `sha256:${'a'.repeat(63)}`],
    ['too many digits', `sha256:${'a'.repeat(65)}`],
    ['a sha512 of the length of a sha256', `sha512:${'a'.repeat(64)}`],
    ['a sha256 of the length of a sha512', `sha256:${'a'.repeat(128)}`],
    ['another algorithm', `sha384:${'a'.repeat(96)}`],
    ['no algorithm', 'a'.repeat(64)],
    ['a line break at the end', `${A}\n`],
    ['white space in front', ` ${A}`],
    ['a path behind it', `${A}/../x`],
    ['nothing', ''],
    ['a number', 5],
    ['null', null],
    ['undefined', undefined],
    ['an object that reads as one', { toString: () => A }],
  ])('is not taken with %s', (_, text) => {
    expect(parseDigest(text)).toBeUndefined()
  })

  test('is that of the bytes, under its own algorithm', () => {
    const bytes = Buffer.from('some bytes')
    const long = parseDigest(`sha512:${createHash('sha512').update(bytes).digest('hex')}`)
    if (long === undefined) throw new Error('no digest')
    expect(sha256(bytes)).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
    expect(matches(sha256(bytes), bytes)).toBe(true)
    expect(matches(long, bytes)).toBe(true)
    expect(matches(sha256(bytes), Buffer.from('some bytez'))).toBe(false)
    expect(matches(long, Buffer.from(''))).toBe(false)
  })

  test('is short in a line of text, with its algorithm', () => {
    expect(short(A)).toBe(`sha256:${'a'.repeat(12)}`)
  })
})

describe('the digests written in a text', () => {
  test.each([
    ['once each, in order of appearance', `${B} ${A} ${B}`, [B, A]],
    ['of both algorithms', `x${LONG},${A}`, [LONG, A]],
    ['inside of words and paths', `/v2/app@${A}/x`, [A]],
    ['not as the beginning of longer hex', `${A}0`, []],
    ['not where the algorithm is upper-case', A.toUpperCase(), []],
    ['none', 'nothing here', []],
    ['by their hex digits alone', `{"sha256":"${A.slice(7)}","sha512":"${LONG.slice(7)}"}`, [A, LONG]],
    ['not within longer hex digits', `${'a'.repeat(65)} ${'0f'.repeat(65)}`, []],
  ])('are found: %s', (_, text, found) => {
    expect(digestsWrittenIn(text)).toEqual(found)
  })
})

describe('the well-known empty blobs', () => {
  /** What Docker and BuildKit write for a layer without a file: they differ in the time of the header. */
  const tail = [255, 98, 24, 5, 163, 96, 20, 140, 88, 0, 8, 0, 0, 255, 255, 46, 175, 181, 239, 0, 4, 0, 0]
  const empties = {
    'an empty JSON object': Buffer.from('{}'),
    'no bytes': Buffer.alloc(0),
    "Docker's empty layer": Buffer.from([31, 139, 8, 0, 0, 9, 110, 136, 0, ...tail]),
    'an empty layer without a time': Buffer.from([31, 139, 8, 0, 0, 0, 0, 0, 0, ...tail]),
  }

  test.each(Object.entries(empties))('hold %s', (_, bytes) => {
    expect(EMPTY_BLOBS.has(sha256(bytes))).toBe(true)
  })

  test('are these four, and their tars hold nothing but zeros', () => {
    expect(EMPTY_BLOBS.size).toBe(4)
    expect(gunzipSync(empties["Docker's empty layer"])).toEqual(Buffer.alloc(1024))
    expect(gunzipSync(empties['an empty layer without a time'])).toEqual(Buffer.alloc(1024))
  })
})
