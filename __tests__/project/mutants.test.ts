import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nearMiss, parse, rangesOf, replace } from '../../scripts/mutate/anchor.js'
import { problemsOf } from '../../scripts/mutate/check.js'
import { tokensOfFragment } from '../../scripts/mutate/tokens.js'
import { byFolder } from '../../scripts/mutants/all.js'

/** The pieces of the source that match. */
function matches(source: string, from: string, inside?: string): string[] {
  const anchor = inside === undefined ? { from } : { from, inside }
  return rangesOf(parse(source), anchor).map(({ start, end }) => source.slice(start, end))
}

/** The source with the only match replaced. */
function mutated(source: string, from: string, to: string): string {
  const ranges = rangesOf(parse(source), { from })
  expect(ranges).toHaveLength(1)
  return replace(source, ranges[0]!, to)
}

describe('an anchor matches', () => {
  const same: [what: string, from: string, source: string][] = [
    ['the same text', 'a && !b', 'if (a && !b) c()'],
    ['without its white space at the ends', '  a()\n', 'b();a();c()'],
    ['other spaces and line breaks', 'f(a, { b: 1 })', 'f(\n  a,\n  {b:1}\n)'],
    ['comments between the tokens', 'a + b', 'x = a /* why */ +\n// because\nb'],
    ['a comment in the anchor', 'a + /* why */ b', 'x = a + b'],
    [
      'a documentation comment',
      '{ a(): void; b(): void }',
      'type T = {\n/** A. */\na(): void;\n/** B. */ b(): void }',
    ],
    ['a trailing comma', 'f(a, [b], { c })', 'f(\n  a,\n  [b,],\n  { c, },\n)'],
    ['no trailing comma', 'f(\n  a,\n  b,\n)', 'f(a, b)'],
    ['a trailing comma of type arguments', 'f<A, B>()', 'f<\n  A,\n  B,\n>()'],
    ['other quotes', "f('a', 'it\\'s')", 'f("a", "it\'s")'],
    ['a leading bar of a union', "type T = 'a' | 'b'", "type T =\n  | 'a'\n  | 'b'"],
    ['a broken return', 'return a && b', 'function f() {\n  return (\n    a &&\n    b\n  )\n}'],
    ['a joined return', 'return (\n  a &&\n  b\n)', 'function f() {\n  return a && b\n}'],
    ['a broken conditional', '=> (a ? b : c)', 'f((x) =>\n  a\n    ? b\n    : c,\n)'],
    ['a joined conditional', '=> a ? b : c', 'f((x) => (a ? b : c))'],
    ['a fragment that starts with a bracket', ') return b', 'function f() { if (a) return b }'],
    ['a fragment that starts with an operator', '.then(judge)', 'p\n  .then(judge)'],
    ['a fragment that closes a block', '} else {', 'if (a) { b() } else { c() }'],
    ['a regular expression', 'x.replace(/[/"`}]+\\//g, y)', 'x.replace(\n  /[/"`}]+\\//g,\n  y,\n)'],
    ['a division', 'a / b / c', 'x = a /\n  b / c'],
    ['a division at the start', '/ 1000', 'x = ms/1000'],
    ['a template', '`a ${b({ c: `${d}` })} e`', 'x = `a ${ b({\n c: `${d}`,\n}) } e`'],
    ['a private name', 'this.#a?.b', 'class A { #a; f() { this\n.#a\n?.b } }'],
    ['nested type arguments', 'Map<A, Set<B>>', 'let x: Map<A, Set<B> >'],
    ['a shift and a comparison', 'a >> 1 >= b', 'x = a>>1>=b'],
  ]
  test.each(same)('%s', (_, from, source) => {
    expect(matches(source, from)).toHaveLength(1)
  })
})

describe('an anchor does not match', () => {
  const other: [what: string, from: string, source: string][] = [
    ['another name', 'a && b', 'a && c'],
    ['another operator', 'a && b', 'a || b'],
    ['a longer name', 'a.b', 'a.bc'],
    ['half a string', "'its ", "x = 'its name'"],
    ['another string', "'a b'", "x = 'a  b'"],
    ['a name that stands in a string', 'a + b', "x = 'a + b'"],
    ['a name that stands in a comment', 'a + b', '// a + b'],
    ['a template with another white space', '`a  b`', 'x = `a b`'],
    ['a regular expression with another flag', '/a/g', 'x = /a/'],
    ['an added argument', 'f(a)', 'f(a, b)'],
    ['a comma that separates', 'f(a b)', 'f(a, b)'],
    ['parentheses that matter', 'return a || b && c', 'function f() {\n  return (a || b) && c\n}'],
    ['a block for an object', '=> ({ a })', 'f(() => { a })'],
    ['half a pair of parentheses', '=> a ? b : c)', 'f((x) => (a ? b : c), d)'],
    ['nothing', ' // nothing\n', 'a()'],
  ]
  test.each(other)('%s', (_, from, source) => {
    expect(matches(source, from)).toEqual([])
  })
})

describe('a mutant', () => {
  test('replaces what its anchor matches, and nothing around it', () => {
    expect(mutated('// f\nif (\n  a && // why\n  b\n) c()\n', 'a && b', 'true')).toBe(
      '// f\nif (\n  true\n) c()\n',
    )
  })

  test('replaces both parentheses or none', () => {
    expect(mutated('() => {\n  return (\n    a && b\n  )\n}', 'return a && b', 'return a')).toBe(
      '() => {\n  return a\n}',
    )
    expect(matches('() => {\n  return (\n    a && b\n  )\n}', 'return a &&')).toEqual([])
    expect(mutated('() => {\n  return (\n    a && b\n  )\n}', 'a &&', '')).toBe(
      '() => {\n  return (\n     b\n  )\n}',
    )
  })

  test('is not taken to match once if it matches twice', () => {
    expect(matches('f(a); f( a )', 'f(a)')).toEqual(['f(a)', 'f( a )'])
  })

  test.each([
    ['function', 'function g() { f(a) }'],
    ['constant', 'const g = () => f(a)'],
    ['class', 'class g { b() { f(a) } }'],
    ['method', 'class A { g() { f(a) } }'],
    ['private method', 'class A { #g() { f(a) } }'],
    ['accessor', 'class A { get g() { return f(a) } }'],
    ['property', 'x = { g: () => f(a) }'],
  ])('may name the %s that it is inside', (what, source) => {
    const whole = `f(a)\nfunction h() { f(a) }\n${source}`
    expect(matches(whole, 'f(a)')).toHaveLength(3)
    expect(matches(whole, 'f(a)', what === 'private method' ? '#g' : 'g')).toHaveLength(1)
    expect(matches(whole, 'f(a)', 'i')).toEqual([])
  })

  test('is not inside a declaration that it only overlaps', () => {
    expect(matches('function g() { f(a) } f(b)', 'f(a) } f(b)', 'g')).toEqual([])
  })

  test('that matches nowhere says what is closest', () => {
    const miss = (from: string, inside?: string) =>
      nearMiss(parse('f(a)\nif (a &&\n  c) f(b)'), inside === undefined ? { from } : { from, inside })
    expect(miss('if (a && b)')).toBe('the closest place is line 3, which has c and not b after if (a &&')
    expect(miss('nowhere')).toBe('no part of it is there')
    expect(miss('f(a)', 'g')).toBe('nothing is declared as g')
  })
})

test('a piece of source is read as the whole file is, in every file', () => {
  const files = globSync('src/**/*.ts')
  expect(files.length).toBeGreaterThan(50)
  const different = files.filter((file) => {
    const text = readFileSync(file, 'utf8')
    return JSON.stringify(tokensOfFragment(text)) !== JSON.stringify(parse(text).tokens)
  })
  expect(different).toEqual([])
})

describe('npm run mutants -- --check', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'registry-purge-mutants-'))
    mkdirSync(join(folder, 'src', 'oci'), { recursive: true })
    writeFileSync(join(folder, 'src', 'oci', 'a.ts'), 'if (a) b()\n')
    writeFileSync(join(folder, 'src', 'main.ts'), 'c(1)\nc(2)\nd(1)\nd(1)\n')
    writeFileSync(join(folder, 'a.test.ts'), '')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const mutant = {
    rule: 'rule',
    what: 'what',
    file: 'src/oci/a.ts',
    from: 'if (a)',
    to: '',
    test: ['a.test.ts'],
  }
  const problems = (changes: object, home = 'oci') =>
    problemsOf({ [home]: [{ ...mutant, test: ['a.test.ts'], ...changes }] }, folder)

  test('passes on the project as it is', () => {
    expect(problemsOf(byFolder, process.cwd())).toEqual([])
  })

  test('reads every file of mutants', () => {
    const files = readdirSync('scripts/mutants').filter((file) => file !== 'all.js')
    expect(files.map((file) => file.replace('.js', '')).sort()).toEqual(Object.keys(byFolder).sort())
  })

  test('passes on a mutant that fits', () => {
    expect(problems({})).toEqual([])
    expect(problems({ file: 'src/main.ts', from: 'c(1)' }, 'src')).toEqual([])
  })

  const wrong: [what: string, home: string, changes: object, problem: string][] = [
    ['an anchor that matches nowhere', 'oci', { from: 'if (b)' }, 'the closest place is line 1'],
    ['an anchor that matches in another file', 'oci', { from: 'c(2)' }, 'It matches in src/main.ts.'],
    ['an anchor that matches twice', 'src', { file: 'src/main.ts', from: 'd(1)' }, 'It matches 2 times.'],
    ['a missing source file', 'oci', { file: 'src/oci/b.ts' }, 'does not exist. It matches in src/oci/a.ts.'],
    ['a missing test file', 'oci', { test: ['b.test.ts'] }, 'Its test file does not exist: b.test.ts'],
    ['a mutant of another folder', 'plan', {}, 'Move it to scripts/mutants/oci.js.'],
  ]
  test.each(wrong)('fails on %s', (_, home, changes, problem) => {
    expect(problems(changes, home)).toEqual([expect.stringContaining(problem)])
  })
})
