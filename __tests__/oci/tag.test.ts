import { describe, expect, test } from '@jest/globals'
import type { Digest } from '../../src/oci/digest.js'
import { alike, keyOf, parseTag, storedByHelm, subjectKey, type Tag } from '../../src/oci/tag.js'

describe('a tag', () => {
  test.each(['a', '_', 'V1.2-3_x', '1', 'none', 'a'.repeat(128)])('is taken: %s', (text) => {
    expect(parseTag(text)).toBe(text)
  })

  test.each([
    ['it is empty', ''],
    ['it begins with a dot', '.a'],
    ['it begins with a hyphen', '-a'],
    ['it is longer than 128', 'a'.repeat(129)],
    ['it holds a slash', 'a/b'],
    ['it holds a colon', 'a:b'],
    ['it holds white space', 'a b'],
    ['it ends in a line break', 'a\n'],
    ['it holds a command', '::error::x'],
    ['it holds a foreign letter', 'é'],
    ['it is no text', 1],
    ['it is null', null],
  ])('is not taken where %s', (_, text) => {
    expect(parseTag(text)).toBeUndefined()
  })
})

test.each([
  ['1.2.3+build', '1.2.3_build'],
  ['1.2.3-rc.1+a+b', '1.2.3-rc.1_a_b'],
  ['1.2.3', undefined],
  ['1.2.3+a/b', undefined],
  [`${'1'.repeat(128)}+`, undefined],
])('the version %s of a Helm chart is stored as %s', (version, tag) => {
  expect(storedByHelm(version)).toBe(tag)
})

test('tags are alike that differ by case, or by the sign between their parts', () => {
  const tags = ['1.2.3_build', '1.2.3-Build', '1.2.3-build', '1.2.3build', '1.2.3--build', 'x'] as Tag[]
  expect(alike('1.2.3-build' as Tag, tags)).toEqual(['1.2.3_build', '1.2.3-Build'])
  expect(alike('y' as Tag, tags)).toEqual([])
})

describe('a tag that belongs to a manifest by its name', () => {
  const hex = '0123456789abcdef'.repeat(4)
  const short = `sha256:${hex}` as Digest
  const long = `sha512:${hex}${'fedcba9876543210'.repeat(4)}` as Digest

  test.each(['', '.sig', '.att', '.sbom'])(
    'is sha256-<hex>%s, and has the key of that manifest',
    (ending) => {
      expect(subjectKey(`sha256-${hex}${ending}`)).toBe(keyOf(short))
    },
  )

  test.each(['', '.sig', '.att', '.sbom'])('is sha512-<the first 64 of hex>%s', (ending) => {
    expect(subjectKey(`sha512-${hex}${ending}`)).toBe(keyOf(long))
  })

  test('is of one algorithm: the same hex under another is another manifest', () => {
    expect(subjectKey(`sha256-${hex}`)).not.toBe(keyOf(long))
    expect(subjectKey(`sha512-${hex}`)).not.toBe(keyOf(short))
  })

  test('has the key of no other manifest', () => {
    const other = `sha256:${hex.slice(1)}0` as Digest
    expect(subjectKey(`sha256-${hex}.sig`)).not.toBe(keyOf(other))
  })

  test.each([
    `sha256-${hex}.sign`,
    `sha256-${hex}.SIG`,
    `sha256-${hex}-sig`,
    `sha256-${hex}.sig.sig`,
    `sha256-${hex}.`,
    `xsha256-${hex}`,
    `sha256-${hex}0`,
    `sha256-${hex.slice(1)}`,
    `sha256-${hex.toUpperCase()}`,
    `sha512-${hex}${hex}`,
    `sha384-${hex}`,
    `sha256:${hex}`,
    `sha256_${hex}`,
    `sha256-${hex}\n`,
    'latest',
  ])('is not %j', (tag) => {
    expect(subjectKey(tag)).toBeUndefined()
  })
})
