import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { placesIn, type Place } from '../../../src/registry/credentials/docker-config.js'
import { isWrong, type Wrong } from '../../../src/oci/parsed.js'

const ORIGIN = 'https://registry.example.com'
const HUB = 'https://registry-1.docker.io'

const encoded = (pair: string): string => Buffer.from(pair, 'utf8').toString('base64')
const entry = { auth: encoded('bob:hunter22') }
const bob = { kind: 'basic', username: 'bob', password: 'hunter22' } as const

const look = (config: unknown, origin = ORIGIN): Place[] | Wrong => placesIn(JSON.stringify(config), origin)

/** The keys under which credentials are found, of a config that has one entry for each. */
function keysFor(origin: string, ...keys: string[]): string[] {
  const places = look({ auths: Object.fromEntries(keys.map((key) => [key, entry])) }, origin)
  if (isWrong(places)) throw new Error(places.wrong)
  return places.flatMap((place) => (place.is === 'entry' ? [place.key] : []))
}

/** What one entry of the registry holds. */
function credentialsOf(one: unknown): unknown {
  const places = look({ auths: { 'registry.example.com': one } })
  if (isWrong(places)) return places.wrong
  return places.map((place) => (place.is === 'entry' ? place.credentials : place))[0]
}

describe('an entry of a Docker config', () => {
  test.each([
    'registry.example.com',
    'registry.example.com/',
    'registry.example.com:443',
    'https://registry.example.com',
    'https://registry.example.com/',
    'https://registry.example.com:443',
    'https://registry.example.com/v1/',
    'https://registry.example.com/v2/',
    'https://registry.example.com/v1',
    'https://registry.example.com/v2',
    'registry.example.com/v1/',
    'registry.example.com/v2/',
    'http://registry.example.com',
    'HTTPS://Registry.Example.com',
  ])('is that of the registry under %s', (key) => {
    expect(look({ auths: { [key]: entry } })).toEqual([{ is: 'entry', key, credentials: bob }])
  })

  test.each([
    'registry.example.com:5000',
    'registry.example.com:80',
    'https://registry.example.com:8443/v2/',
    'example.com',
    '.example.com',
    '*.example.com',
    'registry.example.com.evil.example',
    'evil-registry.example.com',
    'other.example.com',
    'registry',
    'bob@registry.example.com',
    'https://bob:x@registry.example.com',
    'registry.example.com@evil.example',
    'registry.example.com/acme',
    'registry.example.com/acme/app',
    'https://registry.example.com/v2/acme',
    'https://registry.example.com/v1/../v2/',
    'https://registry.example.com/v3/',
    'https://registry.example.com//',
    'registry.example.com/v2//',
    'ftp://registry.example.com',
    'https://https://registry.example.com',
    'https:/registry.example.com',
    '//registry.example.com',
    'registry.example.com,other.example.com',
    'https://index.docker.io/v1/',
    'docker.io',
    '',
    '/',
    'https://',
    '[',
  ])('is somebody else’s under %j', (key) => {
    expect(keysFor(ORIGIN, key)).toEqual([])
  })

  test.each([
    'registry.example.com?acme',
    'registry.example.com#acme',
    'registry.example.com\\acme',
    'regi\tstry.example.com',
    'registry%2Eexample.com',
  ])('is not that of the registry merely because a URL would lead there: %j', (key) => {
    expect(keysFor(ORIGIN, key)).toEqual([])
  })

  test('has the port in its key, unless it is the one of the scheme', () => {
    const keys = ['reg.example.com', 'reg.example.com:80', 'reg.example.com:443', 'reg.example.com:5000']
    expect(keysFor('https://reg.example.com', ...keys)).toEqual([keys[0], keys[2]])
    expect(keysFor('http://reg.example.com', ...keys)).toEqual([keys[0], keys[1]])
    expect(keysFor('https://reg.example.com:5000', ...keys)).toEqual([keys[3]])
    expect(keysFor('http://reg.example.com:5000', ...keys)).toEqual([keys[3]])
  })

  test('may be that of an address', () => {
    expect(keysFor('https://127.0.0.1:5000', '127.0.0.1:5000', '127.0.0.1', 'localhost:5000')).toEqual([
      '127.0.0.1:5000',
    ])
    expect(keysFor('https://[::1]:5000', '[::1]:5000', '::1:5000', '[::1]')).toEqual(['[::1]:5000'])
  })

  test('under the host alone comes before others for it, which keep their order', () => {
    const keys = [
      'https://registry.example.com/v1/',
      'registry.example.com:443',
      'https://registry.example.com',
      'registry.example.com',
    ]
    expect(keysFor(ORIGIN, ...keys)).toEqual([keys[1], keys[3], keys[0], keys[2]])
  })
})

describe('Docker Hub', () => {
  const keys = [
    'https://index.docker.io/v1/',
    'index.docker.io',
    'docker.io',
    'registry-1.docker.io',
    'https://docker.io/v2/',
  ]

  test.each(keys)('has its entry under %s', (key) => {
    expect(keysFor(HUB, key)).toEqual([key])
  })

  test.each([
    'hub.docker.com',
    'auth.docker.io',
    'docker.com',
    'docker.io:5000',
    'docker.io/acme',
    'index.docker.io.evil.example',
    ORIGIN,
  ])('has none under %s', (key) => {
    expect(keysFor(HUB, key)).toEqual([])
  })

  test('is known to helpers by the name of its index', () => {
    expect(look({ credsStore: 'store' }, HUB)).toEqual([
      { is: 'helper', helper: 'store', setting: '`credsStore`', servers: ['https://index.docker.io/v1/'] },
    ])
    expect(look({ credHelpers: { 'docker.io': 'hub' }, auths: { 'docker.io': {} } }, HUB)).toEqual([
      {
        is: 'helper',
        helper: 'hub',
        setting: '`credHelpers` entry "docker.io"',
        servers: ['https://index.docker.io/v1/', 'docker.io'],
      },
    ])
  })
})

describe('what an entry holds', () => {
  test.each<[string, unknown, unknown]>([
    ['user and password in base64', { auth: encoded('bob:hunter22') }, bob],
    ['a password with colons', { auth: encoded('bob:hunter:22:') }, { ...bob, password: 'hunter:22:' }],
    [
      'letters of other languages',
      { auth: encoded('böb:wörd✓') },
      { kind: 'basic', username: 'böb', password: 'wörd✓' },
    ],
    ['padding of zeros, as Docker writes it', { auth: encoded('bob:hunter22\0\0\0') }, bob],
    ['zeros inside of a password', { auth: encoded('bob:a\0b') }, { ...bob, password: 'a\0b' }],
    ['an empty password', { auth: encoded('bob:') }, { ...bob, password: '' }],
    [
      'base64 without padding',
      { auth: encoded('bob:hunter2').replace(/=+$/, '') },
      { ...bob, password: 'hunter2' },
    ],
    ['user and password in plain text', { username: 'bob', password: 'hunter22' }, bob],
    [
      'both forms, of which base64 counts',
      { auth: encoded('bob:hunter22'), username: 'eve', password: 'x' },
      bob,
    ],
    ['a refresh token', { identitytoken: 'refresh' }, { kind: 'identity', token: 'refresh' }],
    [
      'a refresh token beside a user, as Azure writes it',
      { auth: encoded('00000000-0000-0000-0000-000000000000:'), identitytoken: 'refresh' },
      { kind: 'identity', token: 'refresh' },
    ],
    ['a token of the registry', { registrytoken: 'bearer' }, { kind: 'ready', token: 'bearer' }],
    [
      'both tokens, of which the one that can be renewed counts',
      { registrytoken: 'a', identitytoken: 'b' },
      { kind: 'identity', token: 'b' },
    ],
    [
      'a token of the registry beside a user',
      { ...entry, registrytoken: 'bearer' },
      { kind: 'ready', token: 'bearer' },
    ],
    ['empty tokens beside a user', { ...entry, registrytoken: '', identitytoken: '' }, bob],
    ['things of no interest', { ...entry, email: 'bob@example.com', more: { x: [1] } }, bob],
    ['nothing', {}, undefined],
    ['an empty text', { auth: '' }, undefined],
    ['a user alone', { username: 'bob' }, undefined],
    ['a password alone', { password: 'hunter22' }, undefined],
    ['values of another kind', { auth: 5, username: {}, password: [], identitytoken: null }, undefined],
  ])('may be %s', (_, one, expected) => {
    expect(credentialsOf(one)).toEqual(expected)
  })

  test.each<[string, unknown, RegExp]>([
    ['no base64', { auth: '!!!!' }, /whose `auth` is not the base64 form of user:password$/],
    ['base64 without a colon', { auth: encoded('hunter22') }, /whose `auth` is not the base64 form/],
    ['base64 without a user', { auth: encoded(':hunter22') }, /whose `auth` is not the base64 form/],
    ['zeros alone', { auth: encoded('\0\0') }, /whose `auth` is not the base64 form/],
    ['a text', 'hunter22', /that is not an object$/],
    ['a list', ['hunter22'], /that is not an object$/],
    ['a number', 5, /that is not an object$/],
  ])('may not be %s, and the message names the entry and repeats nothing of it', (_, one, said) => {
    const wrong = credentialsOf(one)
    expect(wrong).toMatch(/^has an entry "registry\.example\.com" /)
    expect(wrong).toMatch(said)
    expect(wrong).not.toContain('hunter22')
    expect(wrong).not.toContain(encoded('hunter22'))
  })

  test('is of no interest where it is somebody else’s', () => {
    expect(look({ auths: { 'other.example.com': { auth: '!' }, 'registry.example.com': entry } })).toEqual([
      { is: 'entry', key: 'registry.example.com', credentials: bob },
    ])
  })

  test('may be read of any user without a colon and any password', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replace(/\0+$/, ''))
    const user = text.map((name) => `u${name.replaceAll(':', '')}`)
    fc.assert(
      fc.property(user, text, (username, password) => {
        expect(credentialsOf({ auth: encoded(`${username}:${password}`) })).toEqual({
          kind: 'basic',
          username,
          password,
        })
      }),
      { seed: 1 },
    )
  })
})

describe('a helper', () => {
  test('of the host is asked before the file', () => {
    const config = {
      credHelpers: { 'registry.example.com': 'own', 'other.example.com': 'other' },
      credsStore: 'store',
      auths: { 'registry.example.com': entry },
    }
    expect(look(config)).toEqual([
      {
        is: 'helper',
        helper: 'own',
        setting: '`credHelpers` entry "registry.example.com"',
        servers: ['registry.example.com'],
      },
      { is: 'entry', key: 'registry.example.com', credentials: bob },
    ])
  })

  test('for all hosts is asked where the host has none of its own', () => {
    const config = { credHelpers: { 'registry.example.com:5000': 'other' }, credsStore: 'store' }
    expect(look(config)).toEqual([
      { is: 'helper', helper: 'store', setting: '`credsStore`', servers: ['registry.example.com'] },
    ])
  })

  test('is asked for the host with its port, then for what the file calls it', () => {
    const key = 'https://reg.example.com:5000/v1/'
    expect(look({ credsStore: 'store', auths: { [key]: {} } }, 'https://reg.example.com:5000')).toEqual([
      {
        is: 'helper',
        helper: 'store',
        setting: '`credsStore`',
        servers: ['reg.example.com:5000', key],
      },
    ])
  })

  test('may be switched off for a host by an empty name', () => {
    const config = {
      credHelpers: { 'registry.example.com': '' },
      credsStore: 'store',
      auths: { 'registry.example.com': entry },
    }
    expect(look(config)).toEqual([{ is: 'entry', key: 'registry.example.com', credentials: bob }])
  })

  test.each(['', null, undefined])('may be none: %j', (credsStore) => {
    expect(look({ credsStore })).toEqual([])
  })

  test.each(['ecr-login', 'gcloud', 'osxkeychain', 'pass', 'acr-env', 'a.b_c-1', 'x'.repeat(101)])(
    'has a plain name: %s',
    (credsStore) => {
      expect(look({ credsStore })).toMatchObject([{ helper: credsStore }])
    },
  )

  test.each([
    '../evil',
    'a/b',
    '/bin/sh',
    '-x',
    '.x',
    'a b',
    'a;b',
    'a\0b',
    'a\nb',
    'é',
    'x'.repeat(102),
    5,
    true,
    {},
    ['pass'],
  ])('has no other name: %j', (name) => {
    expect(look({ credsStore: name })).toEqual({ wrong: 'has a `credsStore` that does not name a helper' })
    expect(look({ credHelpers: { 'registry.example.com': name } })).toEqual({
      wrong: 'has a `credHelpers` entry "registry.example.com" that does not name a helper',
    })
    expect(look({ credHelpers: { 'other.example.com': name } })).toEqual([])
  })
})

describe('a file', () => {
  test.each([
    ['', 'is not JSON'],
    ['{', 'is not JSON'],
    ['{"auths": {}},', 'is not JSON'],
    ["{'auths': {}}", 'is not JSON'],
    ['null', 'is not a JSON object'],
    ['[]', 'is not a JSON object'],
    ['"text"', 'is not a JSON object'],
    ['5', 'is not a JSON object'],
    ['{"auths": []}', 'has `auths` that are not an object'],
    ['{"auths": "x"}', 'has `auths` that are not an object'],
    ['{"credHelpers": []}', 'has `credHelpers` that are not an object'],
    ['{"credHelpers": "pass"}', 'has `credHelpers` that are not an object'],
  ])('that is broken says what is wrong: %j', (text, said) => {
    expect(placesIn(text, ORIGIN)).toEqual({ wrong: said })
  })

  test.each([
    '{}',
    '{"auths": {}}',
    '{"auths": null, "credHelpers": null, "credsStore": null}',
    '{"HttpHeaders": {"User-Agent": "x"}, "currentContext": "desktop", "plugins": {}}',
    '{"auths": {"__proto__": {"auth": "x"}, "constructor": {"auth": "x"}}}',
  ])('may have nothing for the registry: %s', (text) => {
    expect(placesIn(text, ORIGIN)).toEqual([])
  })

  test('may begin with the mark of an encoding', () => {
    expect(
      placesIn(`\ufeff${JSON.stringify({ auths: { 'registry.example.com': entry } })}`, ORIGIN),
    ).toHaveLength(1)
  })

  test('of any other kind is no failure', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.dictionary(
          fc.constantFrom('registry.example.com', 'x', 'https://registry.example.com/v1/'),
          fc.jsonValue(),
        ),
        (text, some) => {
          placesIn(text, ORIGIN)
          look({ auths: some })
          look({ credHelpers: some })
          look({ credsStore: some })
        },
      ),
      { seed: 2 },
    )
  })
})
