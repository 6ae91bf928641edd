import { describe, expect, test } from '@jest/globals'
import { parseReference, parseRepository } from '../../src/oci/reference.js'

const A = `sha256:${'a'.repeat(64)}`
const always = (): boolean => true
const never = (): boolean => false

describe('a repository', () => {
  test.each(['a', 'acme/app', 'a/b/c/d', 'a.b', 'a_b', 'a__b', 'a-b', 'a--b', 'a---b/0', 'x'.repeat(255)])(
    'is taken: %s',
    (text) => {
      expect(parseRepository(text)).toBe(text)
    },
  )

  test.each([
    '',
    'Acme/app',
    '/a',
    'a/',
    'a//b',
    'a___b',
    'a..b',
    'a._b',
    '-a',
    'a-',
    '.a',
    'a.',
    '_a',
    'a/../b',
    'a b',
    'a\n',
    'a%2fb',
    'a?b',
    'a#b',
    'ä',
    'x'.repeat(256),
  ])('is not taken: %j', (text) => {
    expect(parseRepository(text)).toBeUndefined()
  })
})

describe('a reference', () => {
  test.each([
    ['a tag', 'acme/app:1', { repository: 'acme/app', tag: '1' }],
    ['a digest', `acme/app@${A}`, { repository: 'acme/app', digest: A }],
    ['both', `acme/app:1@${A}`, { repository: 'acme/app', tag: '1', digest: A }],
    ['a repository of one component', 'app:5000', { repository: 'app', tag: '5000' }],
    ['localhost as a repository', 'localhost:5000', { repository: 'localhost', tag: '5000' }],
    ['a host with a port', 'reg:5000/app:1', { host: 'reg:5000', repository: 'app', tag: '1' }],
    ['localhost as a host', 'localhost/app:1', { host: 'localhost', repository: 'app', tag: '1' }],
    ['an address', '[::1]:5000/app:1', { host: '[::1]:5000', repository: 'app', tag: '1' }],
    ['no host, without a dot', 'reg/app:1', { repository: 'reg/app', tag: '1' }],
  ])('is taken apart: %s', (_, text, parts) => {
    expect(parseReference(text, always)).toEqual({ value: parts })
    expect(parseReference(text, never)).toEqual({ value: parts })
  })

  test('asks whether a first component with a dot is a host', () => {
    const asked: string[] = []
    const text = 'reg.example.com/acme/app:1'
    expect(
      parseReference(text, (component) => {
        asked.push(component)
        return true
      }),
    ).toEqual({ value: { host: 'reg.example.com', repository: 'acme/app', tag: '1' } })
    expect(asked).toEqual(['reg.example.com'])
    expect(parseReference(text, never)).toEqual({
      value: { repository: 'reg.example.com/acme/app', tag: '1' },
    })
  })

  test.each([
    ['https://reg.example.com/app:1', /without a scheme/],
    ['acme/app', /neither a tag nor a digest/],
    ['acme/app:', /tag is not a valid name/],
    ['acme/app:a b', /tag is not a valid name/],
    ['acme/app:a:b', /tag is not a valid name/],
    ['acme/app:a+/b', /tag is not a valid name/],
    ['charts/app:1+b', /Helm stores as _, so the reference of such a chart is `charts\/app:1_b`$/],
    [`reg:5000/app:1+b+c@${A}`, new RegExp(`is \`reg:5000/app:1_b_c@${A}\`$`)],
    ['charts/a+b:1', /repository is not a valid name/],
    [':1', /repository is not a valid name/],
    ['Acme/app:1', /repository is not a valid name/],
    ['acme/app@', /digest must be/],
    [`acme/app@${A.toUpperCase()}`, /digest must be/],
    [`acme/app@${A.slice(1)}`, /digest must be/],
    [`acme/app@${A}@${A}`, /digest must be/],
    [`@${A}`, /repository is not a valid name/],
    ['', /repository is not a valid name/],
    ['reg:5000/', /repository is not a valid name/],
    ['acme/../app:1', /repository is not a valid name/],
  ])('is not taken: %j', (text, why) => {
    expect(parseReference(text, always)).toEqual({ wrong: expect.stringMatching(why) })
  })
})
