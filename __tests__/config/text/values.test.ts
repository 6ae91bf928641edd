import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  parseBoolean,
  parseChoice,
  parseDuration,
  parseInteger,
  quoted,
  splitList,
  trim,
  withoutCredentials,
} from '../../../src/config/text/values.js'

const wrong = { wrong: expect.any(String) }

describe('white space around a value', () => {
  test('goes where it is ASCII', () => {
    expect(trim(' \t\r\n\f\va b\v\f\n\r\t ')).toBe('a b')
  })

  test.each(['\ufeffa', 'a\u00a0', '\u2003a', 'a\u2028', '\u0085a', '\u200ba', '\0a'])(
    'stays where it is not, since it is a mistake that must be seen: %j',
    (text) => {
      expect(trim(text)).toBe(text)
    },
  )
})

describe('a list', () => {
  test.each<[string, string, string[]]>([
    ['an entry a line', 'a\nb\nc', ['a', 'b', 'c']],
    ['with any line break', 'a\r\nb\rc\n', ['a', 'b', 'c']],
    ['with commas', 'a,b , c', ['a', 'b', 'c']],
    ['with both', 'a,b\nc', ['a', 'b', 'c']],
    ['with blank entries', ',a,,\n\n  \n,b,', ['a', 'b']],
    ['with lines that begin with #', '# one\na\n  # two, three\nb', ['a', 'b']],
    ['with a # that does not begin a line', 'a # no comment', ['a # no comment']],
    ['with a # behind a comma', 'a,#b', ['a', '#b']],
    ['with commas in braces', '{a,b},c', ['{a,b}', 'c']],
    ['with commas in brackets', 'v[0,9],c', ['v[0,9]', 'c']],
    ['with nested braces', '{a,{b,c}},d', ['{a,{b,c}}', 'd']],
    ['with a brace that was never opened', 'a},b', ['a}', 'b']],
    ['with a brace that is never closed, which ends with its line', '{a,b\nc,d', ['{a,b', 'c', 'd']],
    ['with white space that is not ASCII', '\u00a0a\n\ufeff', ['\u00a0a', '\ufeff']],
    ['of nothing', ' \n # only this', []],
  ])('is read: %s', (_, text, entries) => {
    expect(splitList(text)).toEqual(entries)
  })

  test('reads back what is written a line each', () => {
    const entry = fc.string({ unit: fc.constantFrom(...'ab/:@.-_*?'), minLength: 1 })
    fc.assert(
      fc.property(fc.array(entry), (entries) => expect(splitList(entries.join('\n'))).toEqual(entries)),
    )
  })
})

describe('a boolean', () => {
  test.each(['true', 'True', 'TRUE'])('is true: %s', (text) => {
    expect(parseBoolean(text)).toEqual({ value: true })
  })

  test.each(['false', 'False', 'FALSE'])('is false: %s', (text) => {
    expect(parseBoolean(text)).toEqual({ value: false })
  })

  test.each(['', 'yes', 'no', 'on', 'off', '1', '0', 'tRUE', 'y', 'null', ' true', 'true\n', '\ufefftrue'])(
    'is nothing else: %j',
    (text) => {
      expect(parseBoolean(text)).toEqual(wrong)
    },
  )
})

describe('a whole number', () => {
  test.each([
    ['1', 1],
    ['64', 64],
    ['9', 9],
  ])('is decimal and within its range: %s', (text, value) => {
    expect(parseInteger(text, 1, 64)).toEqual({ value })
  })

  test.each([
    '',
    '0',
    '65',
    '-1',
    '+1',
    '1.0',
    '1e1',
    '0x1',
    '1_0',
    ' 1',
    '1 ',
    '１',
    'NaN',
    'Infinity',
    '9'.repeat(400),
  ])('is nothing else: %j', (text) => {
    expect(parseInteger(text, 1, 64)).toEqual({ wrong: expect.stringContaining('1 to 64') })
  })
})

describe('a duration', () => {
  test.each([
    ['0s', 0],
    ['500ms', 500],
    ['1s', 1000],
    ['90s', 90_000],
    ['15m', 900_000],
    ['36h', 129_600_000],
    ['14d', 1_209_600_000],
    ['36500d', 3_153_600_000_000],
  ])('is a number with a unit: %s', (text, value) => {
    expect(parseDuration(text, true)).toEqual({ value })
  })

  test('of more than a hundred years is none, and how much is accepted is said', () => {
    expect(parseDuration('36501d', true)).toEqual({ wrong: expect.stringContaining('at most `36500d`') })
  })

  test.each([
    '',
    '0',
    '5',
    's',
    '1.5s',
    '-1s',
    '+1s',
    '1S',
    '1 s',
    '1sec',
    '1s2s',
    '1m30s',
    '1w',
    '1y',
    '１s',
    '1s\n',
  ])('is nothing else: %j', (text) => {
    expect(parseDuration(text, true)).toEqual(wrong)
  })

  test('is no longer than a clock can count', () => {
    expect(parseDuration('999999999999d', true)).toEqual(wrong)
  })

  test('is more than 0 where that is asked for', () => {
    expect(parseDuration('0s', false)).toEqual({ wrong: expect.stringContaining('more than 0') })
    expect(parseDuration('0ms', false)).toEqual(wrong)
    expect(parseDuration('1ms', false)).toEqual({ value: 1 })
  })
})

describe('one of some words', () => {
  test('is taken as it is written, and in no other way', () => {
    expect(parseChoice('keep', ['keep', 'fail'])).toEqual({ value: 'keep' })
    for (const text of ['Keep', 'KEEP', '', 'keep ', 'constructor'])
      expect(parseChoice(text, ['keep', 'fail'])).toEqual({ wrong: 'write one of `keep`, `fail`' })
  })
})

describe('a value in a message', () => {
  test('is quoted, and bounded', () => {
    expect(quoted('a"\n')).toBe('"a\\"\\n"')
    expect(quoted('x'.repeat(1000)).length).toBeLessThan(210)
  })

  test.each([
    'https://bob:hunter22@registry.example.com',
    'http://bob:hunter22@registry.example.com/acme/app:1',
    'bob:hunter22@registry.example.com/acme/app:1',
    'https://hunter22@registry.example.com',
    'https://:hunter22@registry.example.com',
    'acme/app:1\nbob:hunter22@registry.example.com/acme/app:2',
    `bob:hunter22@registry.example.com/acme/app:1@sha256:${'a'.repeat(64)}`,
  ])('loses the credentials of a URL: %j', (text) => {
    expect(quoted(text)).not.toContain('hunter22')
    expect(withoutCredentials(text)).not.toContain('hunter22')
  })

  test.each([
    ['an @', 'https://bob:hunt@er22@registry.example.com', 'er22'],
    ['a slash', 'https://bob:hunt/er22@registry.example.com', 'hunt'],
    ['a slash, without a scheme', 'bob:hunt/er22@registry.example.com/acme/app:1', 'hunt'],
  ])('loses a password that holds %s whole', (_, text, rest) => {
    expect(withoutCredentials(text)).not.toContain(rest)
  })

  test.each([
    'acme/app:1',
    `acme/app:1@sha256:${'a'.repeat(64)}`,
    `acme/app@sha256:${'a'.repeat(64)}`,
    `registry.example.com:5000/acme/app:1@sha256:${'a'.repeat(64)}`,
    `localhost:5000/app@sha512:${'a'.repeat(128)}`,
    'INC-42: see https://tracker.example.com/42',
  ])('stays whole where it holds none: %s', (text) => {
    expect(withoutCredentials(text)).toBe(text)
  })
})
