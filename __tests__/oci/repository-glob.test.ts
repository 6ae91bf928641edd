import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { compileRepositoryGlob, compileTagGlob, type Glob } from '../../src/oci/glob.js'
import { startWork } from '../support/work-time.js'

function glob(text: string): Glob {
  const compiled = compileRepositoryGlob(text)
  if ('wrong' in compiled) throw new Error(compiled.wrong)
  return compiled.value
}

/** What a name is matched against, part by part, by trying everything. */
function fits(parts: readonly string[], name: string): boolean {
  const [first, ...rest] = parts
  if (first === undefined) return name === ''
  if (first === '**' || first === '*') {
    for (let length = 0; length <= name.length; length++) {
      const taken = name.slice(0, length)
      if (first === '*' && taken.includes('/')) return false
      if (fits(rest, name.slice(length))) return true
    }
    return false
  }
  const sign = name.charAt(0)
  if (sign === '') return false
  const takes =
    first === '?'
      ? sign !== '/'
      : first.startsWith('[')
        ? new RegExp(`^${first}$`).test(sign)
        : sign === first
  return takes && fits(rest, name.slice(1))
}

describe('a glob for repositories', () => {
  test.each([
    ['acme/app', ['acme/app'], ['acme/app2', 'xacme/app', 'acme', 'acme/app/x', '']],
    ['*', ['a', 'a-b.c_d'], ['a/b', '/', 'a/']],
    ['**', ['a', 'a/b', 'a/b/c', ''], []],
    ['***', ['a/b/c'], []],
    ['acme/*', ['acme/a', 'acme/'], ['acme', 'acme/a/b', 'other/a']],
    ['acme/**', ['acme/a', 'acme/a/b'], ['acme', 'xacme/a']],
    ['**/app', ['a/app', 'a/b/app'], ['app', 'a/apps', 'aapp']],
    ['**app', ['app', 'a/app', 'xapp'], ['app/a']],
    ['*/*', ['a/b'], ['a', 'a/b/c']],
    ['a*/b', ['a/b', 'ax/b'], ['a/x/b', 'ax/y/b']],
    ['a**/b', ['a/b', 'a/x/b', 'ax/y/b'], ['b', 'ab']],
    ['acme?app', ['acme-app'], ['acme/app', 'acmeapp']],
    ['team-[0-9]/app', ['team-1/app'], ['team-x/app', 'team-10/app']],
    ['{acme,other}/app', ['acme/app', 'other/app'], ['acme,other/app']],
    ['{acme/app,other}', ['acme/app', 'other'], ['acme', 'acme/other']],
    ['a{/b,}', ['a/b', 'a'], ['a/']],
    ['**/a*c', ['x/ac', 'x/y/abc', 'a/abbc'], ['x/a/c', 'ac']],
  ])('%s takes whole names', (text, yes, no) => {
    const compiled = glob(text)
    expect([...yes, ...no].filter((name) => compiled.matches(name))).toEqual(yes)
  })

  test.each(['Acme', 'a:b', 'a@b', '^a$', 'a|b', '!a', 'a b', 'é', 'a+', '(a)', 'a\\d'])(
    '%s is said to be no glob, since no repository can hold such a sign',
    (text) => {
      expect(compileRepositoryGlob(text)).toEqual({
        wrong: expect.stringMatching(/no repository can hold .*not regular expressions/),
      })
    },
  )

  test.each([
    ['[a/b]', /class/],
    ['[A-Z]', /no repository can hold/],
    ['[', /class/],
    ['[z-a]', /backwards/],
    ['a]', /\] without \[/],
    ['{a', /\{ without \}/],
    ['a}', /\} without \{/],
    ['a,b', /comma/],
  ])('%s is said to be damaged', (text, why) => {
    expect(compileRepositoryGlob(text)).toEqual({ wrong: expect.stringMatching(why) })
  })

  const part = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('a', 'b', '/', '-') },
    { weight: 5, arbitrary: fc.constantFrom('*', '*', '**', '?', '[ab]', '[a-z]', '[b-]') },
  )
  /** Two runs of stars side by side would be read as another one. */
  const parts = fc
    .array(part, { maxLength: 9 })
    .map((all) => all.filter((each, at) => !(each.startsWith('*') && all[at - 1]?.startsWith('*'))))
  const name = fc.string({ unit: fc.constantFrom(...'aaabb//-z'), maxLength: 10 })

  test('takes what a matcher takes that tries everything', () => {
    let [yes, no] = [0, 0]
    fc.assert(
      fc.property(parts, fc.array(name, { minLength: 5, maxLength: 20 }), (parts, names) => {
        const compiled = glob(parts.join(''))
        for (const name of names) {
          const expected = fits(parts, name)
          if (expected) yes++
          else no++
          if (compiled.matches(name) !== expected)
            expect([parts.join(''), name, !expected]).toEqual([parts.join(''), name, expected])
        }
      }),
      { numRuns: 10_000 },
    )
    expect(yes / (yes + no)).toBeGreaterThan(0.02)
  })

  test('takes a name that was made from it, and not one with a slash too many', () => {
    const made = fc.array(
      fc.oneof(
        fc.constantFrom('a', 'b', '/').map((sign) => [sign, sign] as const),
        fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 }).map((run) => ['*', run] as const),
        fc.string({ unit: fc.constantFrom('a', '/'), maxLength: 4 }).map((run) => ['**', run] as const),
        fc.constantFrom('a', 'z').map((sign) => ['?', sign] as const),
      ),
      { maxLength: 9 },
    )
    fc.assert(
      fc.property(made, (all) => {
        const compiled = glob(all.map(([text]) => text).join(''))
        const name = all.map(([, text]) => text).join('')
        expect(compiled.matches(name)).toBe(true)
        const takesSlashes = all.some(
          ([text], at) => text === '**' || (text === '*' && all[at - 1]?.[0] === '*'),
        )
        if (!takesSlashes) expect(compiled.matches(`${name}/`)).toBe(false)
      }),
      { numRuns: 5000 },
    )
  })

  test('without a slash in glob or name is as one for tags', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab0.-_*?[]{},'), maxLength: 8 })
    const word = fc.string({ unit: fc.constantFrom(...'ab0.-_'), maxLength: 8 })
    fc.assert(
      fc.property(text, word, (text, word) => {
        const [one, other] = [compileRepositoryGlob(text), compileTagGlob(text)]
        if ('wrong' in one || 'wrong' in other) expect(one).toEqual(other)
        else expect(one.value.matches(word)).toBe(other.value.matches(word))
      }),
      { numRuns: 5000 },
    )
  })

  test.each([
    ['parts', `${'*a'.repeat(60)}b`],
    ['runs', `${'**a'.repeat(60)}b`],
    ['parts and runs', `${'**/*a'.repeat(40)}b`],
  ])('of many %s answers at once', (_, text) => {
    const compiled = glob(text)
    const elapsed = startWork()
    expect(compiled.matches('a'.repeat(255))).toBe(false)
    expect(compiled.matches('a/'.repeat(127))).toBe(false)
    expect(elapsed()).toBeLessThan(3000)
  })
})
