import { describe, expect, test } from '@jest/globals'
import type { Digest } from '../../src/oci/digest.js'
import { keyOf, parseTag, subjectKey } from '../../src/oci/tag.js'

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
