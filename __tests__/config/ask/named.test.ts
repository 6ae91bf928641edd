import { describe, expect, test } from '@jest/globals'
import { readNamed, type NamedContent } from '../../../src/config/ask/named.js'
import { InputReader } from '../../../src/config/reader.js'
import { EMPTY_BLOBS } from '../../../src/oci/digest.js'

const A = `sha256:${'a'.repeat(64)}`
const B = `sha256:${'b'.repeat(64)}`
const LONG = `sha512:${'c'.repeat(128)}`
const ORIGIN = 'https://registry.example.com'

interface Outcome extends NamedContent {
  readonly problems: readonly string[]
}

function read(image: string, blobs: string, registry: string | undefined): Outcome {
  const reader = new InputReader(
    new Map([
      ['image', image],
      ['blobs', blobs],
    ]),
  )
  const naming = readNamed(reader, registry)
  return { ...naming, problems: reader.problems.map(({ text }) => text) }
}

const image = (text: string, registry?: string): Outcome => read(text, '', registry)
const blobs = (text: string, named = '', registry = ORIGIN): Outcome => read(named, text, registry)

describe('image', () => {
  test('takes all its forms, and what is written twice once', () => {
    const text = `acme/app:1, acme/app@${A}\n# more\nacme/app:2@${B}\nacme/app:1\nacme/app@${A}\nacme/app:2`
    expect(image(text, ORIGIN)).toEqual({
      problems: [],
      origin: ORIGIN,
      named: [
        { repository: 'acme/app', tags: [{ tag: '1' }, { tag: '2', digest: B }], digests: [A], blobs: [] },
      ],
    })
  })

  test('takes a digest for a tag from whichever entry has it', () => {
    for (const text of [`app:1, app:1@${A}`, `app:1@${A}, app:1`])
      expect(image(text, ORIGIN).named[0]?.tags).toEqual([{ tag: '1', digest: A }])
  })

  test('keeps several repositories in the order in which they come first', () => {
    expect(image('b/b:1, a/a:1, b/b:2', ORIGIN).named.map(({ repository }) => repository)).toEqual([
      'b/b',
      'a/a',
    ])
  })

  test.each([
    ['registry.example.com/acme/app:1', undefined, ORIGIN, 'acme/app'],
    ['registry.example.com/acme/app:1', ORIGIN, ORIGIN, 'acme/app'],
    ['Registry.Example.com/acme/app:1', ORIGIN, ORIGIN, 'acme/app'],
    ['registry.example.com:443/acme/app:1', ORIGIN, ORIGIN, 'acme/app'],
    [
      'registry.example.com/acme/app:1',
      'http://registry.example.com',
      'http://registry.example.com',
      'acme/app',
    ],
    ['other.example.com/acme/app:1', ORIGIN, ORIGIN, 'other.example.com/acme/app'],
    ['acme.corp/app:1', ORIGIN, ORIGIN, 'acme.corp/app'],
    ['registry.example.com/acme/app:1', `${ORIGIN}:5000`, `${ORIGIN}:5000`, 'registry.example.com/acme/app'],
    ['reg:5000/app:1', undefined, 'https://reg:5000', 'app'],
    ['reg:5000/app:1', 'http://reg:5000', 'http://reg:5000', 'app'],
    ['localhost/app:1', undefined, 'https://localhost', 'app'],
    ['localhost:5000/app:1', 'http://localhost:5000', 'http://localhost:5000', 'app'],
    ['[::1]:5000/app:1', undefined, 'https://[::1]:5000', 'app'],
    ['acme/app:1', ORIGIN, ORIGIN, 'acme/app'],
  ])('%s with the registry %s is at %s: %s', (text, registry, origin, repository) => {
    const naming = image(text, registry)
    expect([naming.problems, naming.origin, naming.named[0]?.repository]).toEqual([[], origin, repository])
  })

  test.each([
    ['a host with a port beside another registry', 'reg:5000/app:1', ORIGIN],
    ['localhost beside another registry', 'localhost/app:1', ORIGIN],
    ['another port', 'registry.example.com:5000/app:1', ORIGIN],
    ['two hosts', 'a.example.com/app:1, b.example.com/app:1', undefined],
    ['two ports', 'reg:5000/app:1, reg:5001/app:1', undefined],
  ])('contradicts itself with %s', (_, text, registry) => {
    const { problems, origin } = image(text, registry)
    expect(problems).toEqual([expect.stringMatching(/^registry: https.* contradict each other/)])
    expect(origin).toBeUndefined()
  })

  test('takes the registry from any entry that names it', () => {
    const { origin, named, problems } = image('acme/app:1, registry.example.com/acme/other:1', undefined)
    expect([origin, named.length, problems]).toEqual([ORIGIN, 2, []])
  })

  test.each([
    ['no tag and no digest', 'acme/app', /neither a tag nor a digest/],
    ['a scheme', 'https://registry.example.com/acme/app:1', /without a scheme/],
    ['capitals', 'Acme/app:1', /not a valid name/],
    ['a tag that is none', 'acme/app:-1', /tag is not a valid name/],
    ['a digest that is none', 'acme/app@sha256:abc', /64 lower-case hex digits/],
    ['a port that is none', 'reg:99999/app:1', /host is not valid/],
    ['an invisible sign', 'acme/app:1\u200b', /tag is not a valid name/],
    ['a glob', 'acme/app:v*', /tag is not a valid name/],
  ])('names the entry and what is accepted, given %s', (_, text, why) => {
    const { problems } = image(text, ORIGIN)
    expect(problems).toEqual([expect.stringMatching(why)])
    expect(problems[0]).toMatch(/^image: ".*; write .*`$/s)
  })

  test('has one digest a tag', () => {
    expect(image(`app:1@${A}, app:1@${B}`, ORIGIN).problems).toEqual([
      expect.stringMatching(/^image: app:1 is written with two digests/),
    ])
  })
})

describe('blobs', () => {
  test('are in the one repository of image, or in the one that is written', () => {
    expect(blobs(`${A}, acme/base@${B}`, 'acme/app:1').named).toEqual([
      { repository: 'acme/app', tags: [{ tag: '1' }], digests: [], blobs: [A] },
      { repository: 'acme/base', tags: [], digests: [], blobs: [B] },
    ])
  })

  test('need no image', () => {
    expect(blobs(`acme/app@${A}`)).toMatchObject({
      problems: [],
      named: [{ repository: 'acme/app', tags: [], digests: [], blobs: [A] }],
    })
  })

  test('may be named by sha512: the lines of Plan hold such, where the image does', () => {
    expect(blobs(`${LONG}, app@${LONG}`, 'app:1')).toMatchObject({ problems: [], named: [{ blobs: [LONG] }] })
    expect(image(`app@${LONG}`, ORIGIN)).toMatchObject({ problems: [], named: [{ digests: [LONG] }] })
  })

  test('may name the registry', () => {
    const { origin, named } = read('', `registry.example.com/acme/app@${A}`, undefined)
    expect([origin, named[0]?.repository]).toEqual([ORIGIN, 'acme/app'])
  })

  test('may contradict the registry of image', () => {
    const { problems } = read('a.example.com/app:1', `b.example.com/app@${A}`, undefined)
    expect(problems).toEqual([expect.stringContaining('contradict each other')])
  })

  test('count once', () => {
    expect(blobs(`${A}\n${A}, app@${A}`, 'app:1').named[0]?.blobs).toEqual([A])
  })

  test.each<[string, string, string, RegExp]>([
    ['without a repository', A, '', /`image` names no repository.*`repository@sha256:…`/],
    [
      'with two repositories to choose from',
      A,
      'app:1, base:1',
      /several repositories.*`repository@sha256:…`/,
    ],
    ['with a tag', `app:1@${A}`, 'app:1', /a blob has a digest and no tag/],
    ['with a tag and no digest', 'app:1', 'app:1', /a blob has a digest and no tag/],
    ['with what is no digest', 'sha256:abc', 'app:1', /blobs: .*; write /],
    ['with upper-case hex', A.toUpperCase(), 'app:1', /blobs: .*; write /],
    ['that stand in image, too', A, `app@${A}`, /is also in `image`/],
    ['that stand beside a tag in image, too', A, `app:1@${A}`, /is also in `image`/],
  ])('are refused %s', (_, text, named, why) => {
    const { problems } = blobs(text, named)
    expect(problems).toEqual([expect.stringMatching(why)])
    expect(problems[0]).toMatch(/^blobs: /)
  })

  test.each([...EMPTY_BLOBS])('are refused where they are a well-known empty one: %s', (empty) => {
    for (const text of [empty, `app@${empty}`])
      expect(blobs(text, 'app:1').problems).toEqual([
        expect.stringMatching(/^blobs: .*well-known empty blob/),
      ])
  })
})
