import { describe, expect, test } from '@jest/globals'
import { applyMasks, linesOf, parseOutput } from './runner-commands.js'

const names = (output: string): string[] => parseOutput(output).commands.map(({ name }) => name)
const only = (output: string) => parseOutput(output).commands[0]

describe('lines', () => {
  test.each([
    ['a\nb', ['a', 'b']],
    ['a\r\nb\n', ['a', 'b']],
    ['a\rb', ['a', 'b']],
    ['a\n\nb', ['a', '', 'b']],
    ['a\u2028b\u0085c\vd', ['a\u2028b\u0085c\vd']],
    ['\uFEFFa', ['a']],
    ['', []],
  ])('%j', (output, lines) => expect(linesOf(output)).toEqual(lines))

  test('a carriage return in a message begins a line in which a command acts', () => {
    expect(names('message: \r::error::smuggled')).toEqual(['error'])
  })
})

describe('version 2', () => {
  test('properties and message are unescaped, the percent sign last', () => {
    const command = only('::error title=a%3Ab%2Cc%0Ad,file=x=y,endLine=%2525::50%25 %0A%250A %3A')
    expect(command).toMatchObject({
      name: 'error',
      properties: { title: 'a:b,c\nd', file: 'x=y', endline: '%25' },
      message: '50% \n%0A %3A',
      line: 1,
      version: 2,
    })
  })

  test.each([
    ['after white space', ' \t::error::x', ['error']],
    ['after a no-break space and a next-line sign', '\u00a0\u0085\u3000::error::x', ['error']],
    ['after a byte order mark in the middle', 'a\n\uFEFF::error::x', []],
    ['after a zero-width space', 'a\n\u200b::error::x', []],
    ['after text', 'text ::error::x', []],
    ['after a backslash', '\\::error::x', []],
    ['with a name in capitals', '::ERROR::x', ['error']],
    ['with an unknown name', '::delete-everything::x', []],
    ['with a name that is not ASCII', '::\u212aerror::x', []],
    ['without an end', '::error x', []],
    ['without a message', '::endgroup::', ['endgroup']],
    ['with one colon', ':error:x', []],
    ['with properties that are none', '::error =,a=,=b,,::x', ['error']],
    ['with a prototype for a property', '::error __proto__=x::y', ['error']],
  ])('%s', (_, output, expected) => expect(names(output)).toEqual(expected))

  test.each([
    ['a=b=c', { a: 'b=c' }],
    ['a==b', { a: 'b' }],
    ['=a=b', { a: 'b' }],
    ['a=', {}],
    ['Title=x', { title: 'x' }],
    ['a=1, b=2', { a: '1', ' b': '2' }],
  ])('properties %j', (text, properties) => {
    expect({ ...only(`::error ${text}::`)?.properties }).toEqual(properties)
  })
})

describe('version 1', () => {
  test('is found anywhere in a line', () => {
    expect(only('GET /v2/ said "##[error]a%3Bb%5D%0Ac%25" to us')).toMatchObject({
      name: 'error',
      message: 'a;b]\nc%" to us',
      version: 1,
    })
  })

  test.each([
    ['with properties', 'x ##[set-output name=a;other=%5D]v', ['set-output']],
    ['in a line whose version 2 is unknown', '::what::##[error]x', ['error']],
    ['unknown, before a known one', '##[what]##[error]x', []],
    ['unclosed', '##[error', []],
    ['defused', '##\\[error]x', []],
    ['with a space before its name', '##[ error]x', []],
  ])('%s', (_, output, expected) => expect(names(output)).toEqual(expected))
})

test('groups, annotations and text are told apart', () => {
  const output = parseOutput(
    [
      'before',
      '::group::Plan',
      'inside',
      '::warning title=T::careful',
      '::endgroup::',
      'after',
      '::error::broken',
      '::debug::hidden',
    ].join('\n'),
  )
  expect(output.groups).toEqual([{ title: 'Plan', lines: ['inside'], closed: true }])
  expect(output.text).toEqual(['before', 'inside', 'after'])
  expect(output.outside).toEqual(['before', 'after'])
  expect(output.annotations).toEqual([
    { level: 'warning', title: 'T', message: 'careful', group: 'Plan' },
    { level: 'error', title: '', message: 'broken', group: undefined },
  ])
  expect(output.problems).toEqual([])
})

describe('problems', () => {
  test.each([
    ['::group::a\n::group::b\n::endgroup::', ['line 2: group "b" begins inside of "a"']],
    ['::group::a', ['line 1: group "a" is never ended']],
    ['::endgroup::', ['line 1: endgroup without a group']],
    ['::set-env name=A::b', ['line 1: set-env is not allowed in a step']],
    ['x\n::add-mask::  ', ['line 2: an empty value cannot be masked']],
    ['::stop-commands::', ['line 1: "" is no token to stop commands with']],
    ['::stop-commands::Pause-Logging', ['line 1: "Pause-Logging" is no token to stop commands with']],
    ['::stop-commands::error', ['line 1: "error" is no token to stop commands with']],
    ['::stop-commands::t', ['line 1: commands are stopped and never resumed']],
  ])('%j', (output, problems) => expect(parseOutput(output).problems).toEqual(problems))
})

test('commands are text between a stop and its own token, in whatever case and version', () => {
  const output = parseOutput(
    '::stop-commands::Token1\n::error::a\n::token2::\n##[TOKEN1]\n::error::b\n::token1::\n',
  )
  expect(output.commands.map(({ name, line }) => [name, line])).toEqual([
    ['stop-commands', 1],
    ['token1', 4],
    ['error', 5],
  ])
  expect(output.text).toEqual(['::error::a', '::token2::', '::token1::'])
})

describe('masks', () => {
  test('each line of a value is masked too', () => {
    const { masks } = parseOutput('::add-mask::one%0D%0Atwo%0A%0Athree\n::add-mask::two')
    expect(masks).toEqual(['one\r\ntwo\n\nthree', 'one', 'two', 'three'])
  })

  test.each([
    ['plain', 'password is pa"ss/w', 'password is ***'],
    ['twice', 'pa"ss/wpa"ss/w', '***'],
    ['as JSON', '{"p":"pa\\"ss/w"}', '{"p":"***"}'],
    ['in an address', '?p=pa%22ss%2Fw&x', '?p=***&x'],
    ['in markup', '<b>pa&quot;ss/w</b>', '<b>***</b>'],
    ['in base64', Buffer.from('pa"ss/w').toString('base64'), '***'],
    ['part of it', 'pa"ss', 'pa"ss'],
  ])('%s', (_, text, shown) => expect(applyMasks(text, ['pa"ss/w'])).toBe(shown))

  test('what overlaps is replaced together', () => {
    expect(applyMasks('xabcdx aba', ['abc', 'bcd', 'aba'])).toBe('x***x ***')
  })
})
