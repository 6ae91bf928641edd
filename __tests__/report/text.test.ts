import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { bytes, code, count, plain, plainLine, plural, prose, some } from '../../src/report/text.js'
import { parseOutput } from '../support/runner-commands.js'
import { HOSTILE } from './reports.js'

/** Pieces of what acts on a runner, a terminal or a page, in any order. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(...HOSTILE.filter((text) => text.length < 100)),
      fc.constantFrom(
        '::',
        ':',
        '#',
        '##[',
        ']',
        '\n',
        '\r',
        ' ',
        '\t',
        'error',
        '`',
        '|',
        '<',
        '>',
        '&',
        '\\',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))

describe('a line for the log', () => {
  test.each(HOSTILE)('holds no command: %j', (text) => {
    expect(parseOutput(`${plainLine(text)}\n`).commands).toEqual([])
    expect(parseOutput(`${plain(text)}\n`).commands).toEqual([])
    expect(parseOutput(`  ${plainLine(text)}\n`).commands).toEqual([])
  })

  test('is one line without anything unseen, whatever the text', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const line = plainLine(text)
        expect(parseOutput(`${line}\n`)).toMatchObject({ commands: [], text: [expect.anything()] })
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u)
      }),
      { numRuns: 20_000 },
    )
  })

  test('keeps what is harmless as it is', () => {
    for (const text of [
      '404 MANIFEST_UNKNOWN (no such)',
      'https://registry.example.com/v2/',
      'ä 漢 🙂',
      'a::b',
      '## x [y]',
    ])
      expect(plainLine(text)).toBe(text)
  })

  test('shows what cannot be seen', () => {
    expect(plainLine('a\u202eb\u001b[1m\r')).toBe('a\\u202eb\\u001b[1m\\u000d')
  })

  test('is bounded, with its length', () => {
    const line = plainLine('x'.repeat(1_000_000))
    expect(line.length).toBeLessThan(4100)
    expect(line).toContain('1000000 characters')
  })
})

describe('a text of our own for the log', () => {
  test('keeps its line breaks, and each of its lines is harmless', () => {
    expect(plain('one\n  two\n::three::')).toBe('one\n  two\n\\::three::')
  })

  test('holds no command, whatever is in it', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(parseOutput(`${plain(text)}\n`).commands).toEqual([])
      }),
      { numRuns: 20_000 },
    )
  })
})

/** Signs that Markdown or HTML may act on, taken out of a text where they are escaped. */
const bare = (markdown: string): string =>
  markdown
    .replaceAll('<br>', '')
    .replaceAll('@&#8203;', '·')
    .replace(/\\[!-/:-@[-`{-~]/g, '')
    .replace(/&(?:#\d+|\w+);/g, '·')

/** What a reader sees of escaped text. */
function seen(markdown: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' }
  return markdown.replace(/\\([!-/:-@[-`{-~])|&(#\d+|\w+);|<br>/g, (all, sign?: string, entity?: string) => {
    if (sign !== undefined) return sign
    if (entity === undefined) return '\n'
    if (entity.startsWith('#')) return String.fromCodePoint(Number(entity.slice(1)))
    return names[entity] ?? all
  })
}

describe('a sentence for Markdown', () => {
  const active = [
    '**bold** __bold__ *i* _i_ ~~s~~',
    '[link](https://evil.example) ![image](https://evil.example/x.png) [ref]: https://evil.example',
    '<img src=x onerror=alert(1)> <!-- hidden --> </details>',
    '&lt;img&gt; &#60;img&#62;',
    'https://evil.example and http://evil.example',
    '@everyone, see acme/app@sha256:abc',
    '`code` ``code``` ```',
    'a | b | c',
    '# heading #',
    '\\[not escaped\\](https://evil.example)',
    '![](x)',
    '{{ expression }} ${{ secrets.X }}',
  ]

  test.each(active)('has no sign that acts: %j', (text) => {
    expect(bare(prose(text))).not.toMatch(/[`*_[\]()#!|~<>\\{}@]|:\/\//)
  })

  test.each(active)('reads as it was written: %j', (text) => {
    expect(seen(prose(text)).replaceAll('\u200b', '')).toBe(text)
  })

  test.each(['www.evil.example', 'see www.evil.example/x', '(www.evil.example)', 'WWW.evil.example'])(
    'has no address of which GitHub makes a link by itself: %j',
    (text) => {
      expect(prose(text)).not.toMatch(/www\.\w/i)
    },
  )

  test('keeps the line breaks of our own texts, and no others', () => {
    expect(prose('one\ntwo\r\u2028three')).not.toMatch(/[\n\r\u2028]/)
    expect(prose('one\ntwo')).toBe('one<br>two')
  })

  test('has no sign that acts, whatever the text', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(bare(prose(text))).not.toMatch(/[`*_[\]()#!|~<>\\{}@\n\r]/)
      }),
      { numRuns: 10_000 },
    )
  })
})

describe('a text as code in Markdown', () => {
  test('cannot end the code, nor the cell, nor the line, whatever it is', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(code(text)).toMatch(/^`[^`|\n\r]*`$/)
      }),
      { numRuns: 10_000 },
    )
  })

  test('reads nearly as it was written', () => {
    expect(code('acme/app@sha256:abc <b> www.example.com')).toBe('`acme/app@sha256:abc <b> www.example.com`')
    expect(code('a`b|c\n')).toBe("`a'b¦c\\u000a`")
  })
})

describe('small words', () => {
  test('count', () => {
    expect([count(0, 'tag'), count(1, 'tag'), count(2, 'tag')]).toEqual(['0 tags', '1 tag', '2 tags'])
  })

  test('fit a number', () => {
    expect([0, 1, 2].map((number) => plural(number, 'is', 'are'))).toEqual(['are', 'is', 'are'])
  })

  test.each([
    [undefined, '?'],
    [null, '?'],
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [1 << 20, '1.0 MiB'],
    [3 * 2 ** 30, '3.0 GiB'],
    [2 ** 50, '1024.0 TiB'],
  ])('measure %s bytes', (size, text) => {
    expect(bytes(size)).toBe(text)
  })

  test('leave out what is too much, and say how much', () => {
    expect(some(['a', 'b'], 2)).toBe('a, b')
    expect(some(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more')
    expect(some([], 2)).toBe('')
  })
})
