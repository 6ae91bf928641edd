import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseChallenges } from '../../../src/registry/auth/challenge.js'

type Read = [scheme: string, parameters: Record<string, string>]

const read = (header: string): Read[] =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])

describe('a WWW-Authenticate header', () => {
  test.each<[string, string, Read[]]>([
    ['nothing', '', []],
    ['one challenge', 'Basic realm="registry"', [['basic', { realm: 'registry' }]]],
    [
      'the challenge of a registry with a token service',
      'Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:acme/app:pull,push"',
      [
        [
          'bearer',
          {
            realm: 'https://auth.example.com/token',
            service: 'registry.example.com',
            scope: 'repository:acme/app:pull,push',
          },
        ],
      ],
    ],
    ['a scheme alone', 'Negotiate', [['negotiate', {}]]],
    [
      'several challenges',
      'Basic realm="a", Bearer realm="b",service="c", Negotiate',
      [
        ['basic', { realm: 'a' }],
        ['bearer', { realm: 'b', service: 'c' }],
        ['negotiate', {}],
      ],
    ],
    [
      'one scheme twice',
      'Bearer realm="a", Bearer realm="b"',
      [
        ['bearer', { realm: 'a' }],
        ['bearer', { realm: 'b' }],
      ],
    ],
    [
      'the example of the standard',
      'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
      [
        ['basic', { realm: 'simple' }],
        ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
      ],
    ],
    [
      'its other example, where a scheme looks like a parameter',
      'Negotiate , Basic realm=x',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'a token68',
      'Negotiate YII+/-._~==, Basic realm="a"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'a' }],
      ],
    ],
    [
      'a token68 without padding',
      'NTLM abc, Bearer realm="a"',
      [
        ['ntlm', {}],
        ['bearer', { realm: 'a' }],
      ],
    ],
    [
      'a token68 that ends like a parameter without a value',
      'NTLM abc=, Bearer realm="a"',
      [
        ['ntlm', {}],
        ['bearer', { realm: 'a' }],
      ],
    ],
    ['a token68 at the end', 'Negotiate abc==', [['negotiate', {}]]],
    ['a comma in quotes', 'Basic realm="a, Bearer realm=b"', [['basic', { realm: 'a, Bearer realm=b' }]]],
    ['quoted pairs', 'Basic realm="\\a\\"\\\\\\,"', [['basic', { realm: 'a"\\,' }]]],
    [
      'a backslash before the closing quotation mark',
      'Basic realm="a\\\\", x=y',
      [['basic', { realm: 'a\\', x: 'y' }]],
    ],
    ['an empty value', 'Basic realm=""', [['basic', { realm: '' }]]],
    ['values without quotes', 'Bearer realm=a,service=b', [['bearer', { realm: 'a', service: 'b' }]]],
    [
      'every sign of a token',
      "B!#$%&'*+-.^_`|~9 r=!#$%&'*+-.^_`|~9",
      [["b!#$%&'*+-.^_`|~9", { r: "!#$%&'*+-.^_`|~9" }]],
    ],
    ['capitals', 'BEARER REALM="A",Service="B"', [['bearer', { realm: 'A', service: 'B' }]]],
    [
      'blanks and tabs wherever they may be',
      ' \tBasic \t realm \t=\t "a" \t,\t x = y\t , Bearer\trealm="b" ',
      [
        ['basic', { realm: 'a', x: 'y' }],
        ['bearer', { realm: 'b' }],
      ],
    ],
    [
      'empty elements of a list',
      ', ,Basic realm="a",, x=y, ,,Bearer realm="b",,',
      [
        ['basic', { realm: 'a', x: 'y' }],
        ['bearer', { realm: 'b' }],
      ],
    ],
    [
      'letters of other languages in quotes',
      'Basic realm="Régie – 株"',
      [['basic', { realm: 'Régie – 株' }]],
    ],
    ['a name twice, of which the first counts', 'Bearer realm="a",REALM="b"', [['bearer', { realm: 'a' }]]],
    [
      'names that objects have',
      'Bearer constructor="a",tostring=b',
      [['bearer', { constructor: 'a', tostring: 'b' }]],
    ],
  ])('may hold %s', (_, header, expected) => {
    expect(read(header)).toEqual(expected)
  })

  test('has parameters by their own name only', () => {
    const [challenge] = parseChallenges('Bearer realm="a"')
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
      expect(challenge?.parameters.get(name)).toBeUndefined()
  })
})

describe('an empty element in front of the first parameter', () => {
  test.each(['Bearer ,realm="a"', 'Bearer , , realm = a', 'Bearer\t,realm="a",'])(
    'is passed over as it is elsewhere in a list: %j',
    (header) => {
      expect(read(header)).toEqual([['bearer', { realm: 'a' }]])
    },
  )
})

describe('a header that is none', () => {
  test.each<[string, string, Read[]]>([
    ['has no scheme', '="a"', []],
    ['begins with a quotation mark', '"Bearer" realm="a"', []],
    ['has a sign that no token has', '(Bearer)', []],
    [
      'never closes its quotation marks',
      'Basic realm="a", Bearer realm="b,service=c',
      [
        ['basic', { realm: 'a' }],
        ['bearer', {}],
      ],
    ],
    ['ends with a backslash', 'Bearer realm="a\\', [['bearer', {}]]],
    ['has a value that is none', 'Bearer realm=(a), service="b"', [['bearer', {}]]],
    ['has no value behind a name', 'Bearer service=a, realm=, x=y', [['bearer', { service: 'a' }]]],
    ['has signs after a value', 'Bearer realm="a"b, service="c"', [['bearer', { realm: 'a' }]]],
    [
      'has an address without quotes',
      'Bearer service=a, realm=https://b',
      [['bearer', { service: 'a', realm: 'https' }]],
    ],
    ['has no comma between parameters', 'Bearer realm="a" service="b"', [['bearer', { realm: 'a' }]]],
    ['has an equals sign too many', 'Bearer realm=="a", service="b"', [['bearer', {}]]],
    ['has two words and no comma', 'Bearer Basic realm="a"', [['bearer', {}]]],
    ['has a semicolon for a comma', 'Bearer realm="a"; service="b"', [['bearer', { realm: 'a' }]]],
    ['has a line break in it', 'Bearer realm="a",\nservice="b"', [['bearer', { realm: 'a' }]]],
    ['has a zero byte', 'Bearer\0realm="a"', [['bearer', {}]]],
  ])('is read up to where it becomes so: it %s', (_, header, expected) => {
    expect(read(header)).toEqual(expected)
  })

  const long = 200_000
  test.each([
    ['a value that never ends', `Bearer realm="${'a'.repeat(long)}`],
    ['backslashes', `Bearer realm="${'\\'.repeat(long)}`],
    ['backslashes that pair up', `Bearer realm="${'\\\\'.repeat(long)}"`],
    ['equals signs', `Bearer ${'='.repeat(long)}`],
    ['padding of a token68 that is none', `Bearer a${'='.repeat(long)}(`],
    ['letters of a token68 that is none', `Bearer ${'a'.repeat(long)}(`],
    ['words', 'a '.repeat(long)],
    ['schemes', 'a,'.repeat(long)],
    ['parameters', `Bearer ${'a=b,'.repeat(long)}`],
    ['parameters without values', `Bearer ${'a=,'.repeat(long)}`],
    ['blanks', `Bearer${' '.repeat(long)}(`],
    ['blanks after a token68', `Bearer a${' \t'.repeat(long)}(`],
    ['blanks around an equals sign', `Bearer a${' '.repeat(long)}=${' '.repeat(long)}(`],
    ['commas', `${','.repeat(long)}(`],
  ])('takes no time to speak of, however long: %s', (_, header) => {
    expect(() => parseChallenges(header)).not.toThrow()
  })
})

describe('challenges of every kind', () => {
  const SIGNS = [..."!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"]
  const token = fc.string({ unit: fc.constantFrom(...SIGNS), minLength: 1, maxLength: 8 })
  const blanks = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 2 })
  const gap = fc.string({ unit: fc.constantFrom(' ', '\t'), minLength: 1, maxLength: 3 })
  const comma = fc.array(blanks, { minLength: 2, maxLength: 4 }).map((parts) => parts.join(','))
  const quotable = fc.record({
    sign: fc.constantFrom(...SIGNS, ...'\\",= \t()/:;<>@[]?{}', 'é', '株'),
    escaped: fc.boolean(),
  })
  const token68 = fc
    .tuple(
      fc.string({
        unit: fc.constantFrom(...SIGNS.filter((sign) => /[\w\-.~+]/.test(sign)), '/'),
        minLength: 1,
      }),
      fc.nat(2),
    )
    .map(([text, padding]) => text + '='.repeat(padding))

  /** A value, and one way to write it. */
  const value = fc.oneof(
    token.map((text) => ({ text, written: text })),
    fc.array(quotable, { maxLength: 12 }).map((all) => ({
      text: all.map(({ sign }) => sign).join(''),
      written: `"${all.map(({ sign, escaped }) => (escaped || '"\\'.includes(sign) ? `\\${sign}` : sign)).join('')}"`,
    })),
  )
  const parameter = fc.record({ name: token, value, before: blanks, after: blanks })
  const parameters = fc.uniqueArray(parameter, {
    minLength: 1,
    maxLength: 4,
    selector: ({ name }) => name.toLowerCase(),
  })
  const challenge = fc.oneof(
    token.map((scheme) => ({ scheme, values: {}, written: scheme })),
    fc.tuple(token, gap, token68).map(([scheme, space, rest]) => ({
      scheme,
      values: {},
      written: scheme + space + rest,
    })),
    fc.tuple(token, gap, parameters, comma).map(([scheme, space, all, separator]) => ({
      scheme,
      values: Object.fromEntries(all.map(({ name, value }) => [name.toLowerCase(), value.text])),
      written:
        scheme +
        space +
        all
          .map(({ name, value, before, after }) => `${name}${before}=${after}${value.written}`)
          .join(separator),
    })),
  )
  const headers = fc
    .tuple(fc.array(challenge, { minLength: 1, maxLength: 4 }), comma, blanks)
    .map(([all, separator, edge]) => ({
      challenges: all.map(({ scheme, values }): Read => [scheme.toLowerCase(), values]),
      written: edge + all.map(({ written }) => written).join(separator) + edge,
    }))

  test('are read as they were meant, however they are written', () => {
    fc.assert(
      fc.property(headers, ({ challenges, written }) => {
        expect(read(written)).toEqual(challenges)
      }),
      { numRuns: 2000, seed: 1 },
    )
  })

  test('are read the same with something behind them that cannot be read', () => {
    fc.assert(
      fc.property(headers, fc.string(), ({ challenges, written }, rest) => {
        expect(read(`${written}, (${rest}`)).toEqual(challenges)
      }),
      { numRuns: 500, seed: 2 },
    )
  })

  test('are read as long as they can be, and whatever comes is no failure', () => {
    const pieces = fc.constantFrom(
      'Bearer',
      'Basic',
      'realm',
      '"',
      '\\',
      ',',
      '=',
      ' ',
      '\t',
      'a',
      '==',
      '"b"',
      '(',
      '\0',
      'é',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (all) => {
        for (const { scheme, parameters } of parseChallenges(all.join('')))
          for (const name of [scheme, ...parameters.keys()]) expect(name).toMatch(/^[!-~]+$/)
      }),
      { numRuns: 2000, seed: 3 },
    )
  })
})
