import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { compileRepositoryGlob, compileTagGlob, type Glob } from '../../src/oci/glob.js'
import { startWork } from '../support/work-time.js'

function glob(text: string): Glob {
  const compiled = compileTagGlob(text)
  if ('wrong' in compiled) throw new Error(compiled.wrong)
  return compiled.value
}

describe('a glob for tags', () => {
  test.each([
    ['latest', ['latest'], ['latest2', 'xlatest', 'Latest', '']],
    ['v1.2', ['v1.2'], ['v1x2']],
    ['*', ['a', 'v1.2-x_y'], []],
    ['**', ['a', 'v1.2'], []],
    ['v*', ['v', 'v1', 'v1.2'], ['xv', 'V1']],
    ['*-debug', ['a-debug', '-debug'], ['a-debug-x', 'a-debugx']],
    ['v?.?', ['v1.2'], ['v1.', 'v10.2', 'v1x2']],
    ['v[0-9]', ['v0', 'v9'], ['va', 'v10', 'v']],
    ['v[abc]', ['va', 'vc'], ['vd']],
    ['v[a-]', ['va', 'v-'], ['vb']],
    ['v[-a]', ['va', 'v-'], ['vb']],
    ['v[0-9a-f.]', ['v0', 've', 'v.'], ['vg', 'v-']],
    ['{latest,stable}', ['latest', 'stable'], ['latest,stable', 'lateststable', 'late']],
    ['v{1,2}.{3,4*}', ['v1.3', 'v2.4', 'v2.45'], ['v1.5', 'v3.3', 'v1.35']],
    ['{a,{b,c}d}', ['a', 'bd', 'cd'], ['b', 'ad']],
    ['a{,-x}', ['a', 'a-x'], ['a-']],
    ['rc[0-9]{,.*}', ['rc1', 'rc1.', 'rc1.2'], ['rc', 'rc12']],
  ])('%s takes whole names', (text, yes, no) => {
    const compiled = glob(text)
    expect([...yes, ...no].filter((name) => compiled.matches(name))).toEqual(yes)
  })

  test.each([
    '^latest$',
    'v\\d+',
    'a|b',
    'v1$',
    '(a)',
    'a+',
    'a/b',
    'a:b',
    'a b',
    '!a',
    '[!a]',
    'é',
    'a\u00a0',
  ])('%s is said to be no glob, since no tag can hold such a sign', (text) => {
    expect(compileTagGlob(text)).toEqual({ wrong: expect.stringMatching(/globs .*not regular expressions/) })
  })

  test('says of a + what Helm makes of it, and of nothing else', () => {
    expect(compileTagGlob('1.2.3+*')).toEqual({
      wrong:
        'no tag can hold "+": these are globs (* ? [a-z] {a,b}), not regular expressions. If it is the + of a Helm version, write _ in its place: Helm stores it as _',
    })
    expect(compileTagGlob('^1')).toEqual({ wrong: expect.not.stringContaining('Helm') })
    expect(compileRepositoryGlob('a+')).toEqual({ wrong: expect.not.stringContaining('Helm') })
  })

  test('names the sign that no tag can hold', () => {
    expect(compileTagGlob('v1|v2')).toEqual({ wrong: expect.stringContaining('"|"') })
    expect(compileTagGlob('v1\u202e')).toEqual({ wrong: expect.stringContaining('no tag can hold') })
  })

  test.each([
    ['[', /class/],
    ['[]', /class/],
    ['[a', /class/],
    ['[a*]', /class/],
    ['[z-a]', /backwards/],
    ['a]', /\] without \[/],
    ['{a', /\{ without \}/],
    ['a}', /\} without \{/],
    ['a}{b', /without/],
    ['{a,b', /\{ without \}/],
    ['a,b', /comma/],
  ])('%s is said to be damaged', (text, why) => {
    expect(compileTagGlob(text)).toEqual({ wrong: expect.stringMatching(why) })
  })

  const sign = fc.constantFrom(...'abzAZ019._-')
  const name = fc.string({ unit: sign, minLength: 1, maxLength: 12 })

  test('without a sign of its own takes only itself', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(glob(one).matches(other)).toBe(one === other)
      }),
    )
  })

  /** A glob, and a regular expression that means the same: made apart from each other, by the same plan. */
  type Both = readonly [glob: string, pattern: string]
  const { whole } = fc.letrec<{ whole: Both; part: Both }>((tie) => ({
    part: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<Both>(['a', 'a'], ['b', 'b'], ['.', '[.]'], ['-', '-'], ['7', '7']),
      fc.constantFrom<Both>(['*', '[^]*'], ['**', '[^]*'], ['?', '[^]']),
      fc.constantFrom<Both>(['[ab]', '[ab]'], ['[a-z]', '[a-z]'], ['[0-9.]', '[0-9.]'], ['[b-]', '[-b]']),
      fc
        .array(tie('whole'), { minLength: 1, maxLength: 3 })
        .map((all): Both => [
          `{${all.map(([glob]) => glob).join(',')}}`,
          `(?:${all.map(([, pattern]) => pattern).join('|')})`,
        ]),
    ),
    whole: fc
      .array(tie('part'), { maxLength: 5 })
      .map((all): Both => [all.map(([glob]) => glob).join(''), all.map(([, pattern]) => pattern).join('')]),
  }))

  test('takes what a regular expression takes that is made of the same parts', () => {
    const text = fc.string({ unit: fc.constantFrom(...'aabb.-7z'), maxLength: 8 })
    fc.assert(
      fc.property(whole, fc.array(text, { minLength: 5, maxLength: 20 }), ([glob, pattern], names) => {
        const compiled = compileTagGlob(glob)
        // So many alternatives are refused; nothing else is.
        if ('wrong' in compiled) return expect(compiled.wrong).toMatch(/more than/)
        const expected = new RegExp(`^(?:${pattern})$`)
        for (const name of names)
          if (compiled.value.matches(name) !== expected.test(name))
            expect([glob, name, compiled.value.matches(name)]).toEqual([glob, name, expected.test(name)])
      }),
      { numRuns: 5000 },
    )
  })

  test.each([
    ['runs', `${'*a'.repeat(60)}b`],
    ['alternatives', `${'{a,aa}'.repeat(60)}b`],
    ['nested alternatives', `${'{a,'.repeat(60)}b${'}'.repeat(60)}c`],
    ['braces', '{'.repeat(2000)],
  ])('of many %s is compiled or refused, and answers, at once', (_, text) => {
    const elapsed = startWork()
    const compiled = compileTagGlob(text)
    if ('value' in compiled) expect(compiled.value.matches('a'.repeat(128))).toBe(false)
    expect(elapsed()).toBeLessThan(3000)
  })

  test('of any text compiles or is refused, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab0.-_*?[]{},!^$\\|/ ') }), (text) => {
        const compiled = compileTagGlob(text)
        if ('value' in compiled) compiled.value.matches('a0')
      }),
      { numRuns: 5000 },
    )
  })
})
