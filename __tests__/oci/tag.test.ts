import { describe, expect, test } from '@jest/globals'
import { parseTag, subjectByName } from '../../src/oci/tag.js'

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

  test.each(['', '.sig', '.att', '.sbom'])('is sha256-<hex>%s', (ending) => {
    expect(subjectByName(`sha256-${hex}${ending}`)).toBe(`sha256:${hex}`)
  })

  test.each([
    `sha256-${hex}.sign`,
    `sha256-${hex}.SIG`,
    `sha256-${hex}-sig`,
    `sha256-${hex}.sig.sig`,
    `xsha256-${hex}`,
    `sha256-${hex}0`,
    `sha256-${hex.slice(1)}`,
    `sha256-${hex.toUpperCase()}`,
    `sha512-${hex}${hex}`,
    `sha256:${hex}`,
    'latest',
  ])('is not %s', (tag) => {
    expect(subjectByName(tag)).toBeUndefined()
  })
})
