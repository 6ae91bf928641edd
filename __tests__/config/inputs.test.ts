import { rootCertificates } from 'node:tls'
import { describe, expect, test } from '@jest/globals'
import { DECLARED, variableOf, type InputName } from '../../src/config/declared.js'
import { readInputs, type Read } from '../../src/config/inputs.js'
import type { Settings } from '../../src/config/settings.js'

const A = `sha256:${'a'.repeat(64)}`
const B = `sha256:${'b'.repeat(64)}`

type Given = Partial<Record<InputName, string>>

/** As the runner hands inputs over: every declared one, without a default as an empty text. */
function read(given: Given, more: Record<string, string> = {}): Read {
  const all = Object.entries({ image: 'registry.example.com/acme/app:1', ...given })
  const environment: Record<string, string> = { PATH: '/bin', GITHUB_ACTIONS: 'true' }
  for (const [name, value] of Object.entries(DECLARED)) environment[variableOf(name)] = value ?? ''
  for (const [name, value] of all) environment[variableOf(name)] = value
  return readInputs({ ...environment, ...more })
}

function settings(given: Given): Settings {
  const { settings, problems } = read(given)
  if (settings === undefined) throw new Error(problems.join('\n'))
  return settings
}

function problems(given: Given, more: Record<string, string> = {}): readonly string[] {
  const { settings, problems } = read(given, more)
  if (settings !== undefined) throw new Error('there was no problem')
  return problems
}

describe('the inputs', () => {
  test('have defaults for all but what leaked', () => {
    const { authorities, ...rest } = settings({})
    expect(authorities).toEqual([])
    expect(rest).toEqual({
      origin: 'https://registry.example.com',
      verifyTls: true,
      named: [{ repository: 'acme/app', tags: [{ tag: '1' }], digests: [], blobs: [] }],
      scope: 'image',
      sharedBlobs: 'keep',
      unreadableTags: 'refuse',
      searched: [],
      onExposure: 'warn',
      protectedTags: [],
      protectedNames: [],
      dryRun: false,
      verifyAttempts: 5,
      verifyInterval: 1000,
      verifyTimeout: 300_000,
      concurrency: 8,
      timeout: 1_800_000,
      shown: {
        registry: 'https://registry.example.com',
        image: 'registry.example.com/acme/app:1',
        'tls-verify': 'true',
        scope: 'image',
        'shared-blobs': 'keep',
        'unreadable-tags': 'refuse',
        'on-exposure': 'warn',
        'protected-tags': 'none',
        'dry-run': 'false',
        'max-deletions': '100',
        approve: 'any',
        'verify-attempts': '5',
        'verify-interval': '1s',
        'verify-timeout': '5m',
        concurrency: '8',
        timeout: '30m',
      },
    })
  })

  test('have the same defaults where the runner hands nothing over', () => {
    const image = 'registry.example.com/acme/app:1'
    expect(readInputs({ INPUT_IMAGE: image }).settings).toEqual(settings({}))
  })

  test('are taken as they are written', () => {
    const taken = settings({
      registry: 'http://registry.example.com:5000',
      username: 'bob',
      password: 'hunter22',
      'ca-certificate': rootCertificates[0] ?? '',
      'tls-verify': 'FALSE',
      image: `acme/app:1@${A}`,
      blobs: B,
      'shared-blobs': 'fail',
      'protected-tags': 'latest, v*',
      'dry-run': 'True',
      approve: A,
      reason: 'INC-42',
      'verify-attempts': '100',
      'verify-interval': '0s',
      'verify-timeout': '500ms',
      concurrency: '64',
      timeout: '14d',
    })
    expect(taken).toMatchObject({
      origin: 'http://registry.example.com:5000',
      basic: { username: 'bob', password: 'hunter22' },
      authorities: [rootCertificates[0]],
      verifyTls: false,
      named: [{ repository: 'acme/app', tags: [{ tag: '1', digest: A }], digests: [], blobs: [B] }],
      sharedBlobs: 'fail',
      protectedNames: ['latest'],
      dryRun: true,
      approved: A,
      reason: 'INC-42',
      verifyAttempts: 100,
      verifyInterval: 0,
      verifyTimeout: 500,
      concurrency: 64,
      timeout: 1_209_600_000,
    })
    expect(taken.protectedTags.map(({ text }) => text)).toEqual(['latest', 'v*'])
  })

  test('are trimmed of white space in ASCII, and of no other', () => {
    expect(settings({ 'dry-run': '\t true\r\n', username: ' bob ', password: ' x\n' })).toMatchObject({
      dryRun: true,
      basic: { username: 'bob', password: 'x' },
    })
    expect(problems({ 'dry-run': '\ufefftrue' })).toEqual([expect.stringMatching(/^dry-run: /)])
    expect(problems({ 'dry-run': 'true\u00a0' })).toEqual([expect.stringMatching(/^dry-run: /)])
  })
})

describe('an input with a default', () => {
  const defaults = Object.entries(DECLARED).filter(([, value]) => value !== undefined) as [
    InputName,
    string,
  ][]

  test.each(defaults)('that arrives empty is an error, with the cure: %s', (name, value) => {
    for (const empty of ['', ' ', '\n\t'])
      expect(problems({ [name]: empty })).toEqual([
        expect.stringMatching(new RegExp(`^${name}: .*\\$\\{\\{ … \\|\\| '${value}' \\}\\}`)),
      ])
  })

  test('may be left out', () => {
    expect(readInputs({ INPUT_IMAGE: 'registry.example.com/acme/app:1' }).problems).toEqual([])
  })
})

describe('an input without a default', () => {
  const others = Object.entries(DECLARED).flatMap(([name, value]) => (value === undefined ? [name] : []))

  test.each(others.filter((name) => name !== 'image'))('may be empty: %s', (name) => {
    expect(read({ [name]: '' }).problems).toEqual([])
  })
})

describe('a value that is none', () => {
  test.each<[InputName, string, RegExp]>([
    ['tls-verify', 'no', /`true` or `false`/],
    ['dry-run', 'yes', /`true` or `false`/],
    ['dry-run', '1', /`true` or `false`/],
    ['shared-blobs', 'delete', /`keep`, `fail`/],
    ['shared-blobs', 'Keep', /`keep`, `fail`/],
    ['approve', 'none', /`any`, or a fingerprint/],
    ['approve', 'ANY', /`any`, or a fingerprint/],
    ['approve', A.toUpperCase(), /`any`, or a fingerprint/],
    ['approve', `sha512:${'a'.repeat(128)}`, /`any`, or a fingerprint/],
    ['verify-attempts', '0', /from 1 to 100/],
    ['verify-attempts', '101', /from 1 to 100/],
    ['verify-attempts', '5.0', /from 1 to 100/],
    ['concurrency', '0', /from 1 to 64/],
    ['concurrency', '65', /from 1 to 64/],
    ['verify-interval', '1', /duration/],
    ['verify-interval', '-1s', /duration/],
    ['verify-timeout', '5 m', /duration/],
    ['timeout', '0s', /more than 0/],
    ['timeout', '30', /duration/],
    ['registry', 'https://registry.example.com/v2', /accepted/],
    ['ca-certificate', '/nowhere/ca.pem', /cannot be read/],
    ['report-file', 'a\0b', /zero byte/],
  ])('is an error that names the input and what is accepted: %s %j', (name, value, why) => {
    const all = problems({ [name]: value })
    expect(all).toEqual([expect.stringMatching(why)])
    expect(all[0]?.startsWith(`${name}: `)).toBe(true)
  })

  test.each<[InputName, string]>([
    ['dry-run', 'yes'],
    ['shared-blobs', 'delete'],
    ['verify-attempts', '101'],
    ['timeout', '30'],
    ['registry', 'https://registry.example.com/v2'],
  ])('is shown in the message: %s %j', (name, value) => {
    expect(problems({ [name]: value })[0]).toContain(JSON.stringify(value))
  })

  test('is told together with every other one', () => {
    const all = problems(
      {
        registry: 'nowhere/',
        username: 'bob',
        image: 'Acme/app:1, acme/app',
        blobs: 'x',
        'dry-run': '',
        'tls-verify': 'maybe',
        scope: 'x',
        'shared-blobs': 'x',
        'unreadable-tags': 'x',
        'search-repositories': 'ACME, ^a$',
        'on-exposure': 'x',
        'protected-tags': '^v1$, none',
        approve: 'x',
        'verify-attempts': 'x',
        'verify-interval': 'x',
        'verify-timeout': 'x',
        concurrency: 'x',
        timeout: '0s',
        'ca-certificate': 'x',
      },
      { INPUT_DRY_RUN: 'true', INPUT_OLDER_THAN: '1d' },
    )
    const named = new Set(
      all.map((problem) => /^([\w-]+): |^"(\w+)" is not/.exec(problem)?.slice(1).join('')),
    )
    expect(named).toEqual(
      new Set([
        'dry_run',
        'older_than',
        'scope',
        'unreadable-tags',
        'search-repositories',
        'on-exposure',
        'dry-run',
        'registry',
        'image',
        'blobs',
        'password',
        'protected-tags',
        'approve',
        'shared-blobs',
        'tls-verify',
        'ca-certificate',
        'verify-attempts',
        'verify-interval',
        'verify-timeout',
        'concurrency',
        'timeout',
      ]),
    )
  })
})

describe('scope: tag', () => {
  const at = `registry.example.com/acme/app@sha256:${'a'.repeat(64)}`

  test('goes with tags, also with a digest written beside them', () => {
    const image = `registry.example.com/acme/app:1, registry.example.com/acme/app:2@sha256:${'a'.repeat(64)}`
    expect(settings({ image, scope: 'tag' }).scope).toBe('tag')
  })

  test.each([
    ['an untagged digest', { image: at }],
    ['blobs', { blobs: `sha256:${'b'.repeat(64)}` }],
  ])('does not go with %s', (_, inputs) => {
    expect(problems({ scope: 'tag', ...inputs })).toEqual([
      expect.stringMatching(/^scope: `tag` removes labels only/),
    ])
  })
})

describe('search-repositories', () => {
  test('takes names and globs', () => {
    const { searched } = settings({ 'search-repositories': 'acme/app, acme/**\nmirror/{a,b}' })
    expect(searched.map((each) => ('name' in each ? each.name : each.glob.text))).toEqual([
      'acme/app',
      'acme/**',
      'mirror/{a,b}',
    ])
  })

  test.each([
    'ACME/app',
    'acme/^app$',
    'acme/',
    'registry.example.com:5000/acme/app',
    '!acme/app',
    'acme/[a',
    '#',
  ])('refuses %s', (text) => {
    const found = problems({ 'search-repositories': text })
    expect(found).toEqual(found.map(() => expect.stringMatching(/^search-repositories: /)))
    expect(found.length).toBeGreaterThan(0)
  })
})

describe('an undeclared input', () => {
  test('is an error beside inputs that are whole', () => {
    expect(problems({}, { INPUT_DRY_RUN: 'true' })).toEqual([
      expect.stringMatching(/"dry_run" is not an input of this action.*`dry-run`/),
    ])
    expect(problems({}, { 'INPUT_EXCLUDE-TAGS': 'latest' })).toEqual([
      expect.stringContaining('`protected-tags`'),
    ])
    expect(problems({}, { INPUT_TAG: 'acme/app:1' })).toEqual([expect.stringContaining('`image`')])
  })
})

describe('what leaked', () => {
  test('has to be named', () => {
    for (const image of ['', ' \n', '# nothing, really', ',,'])
      expect(problems({ registry: 'registry.example.com', image })).toEqual([
        expect.stringMatching(/^image: nothing is named/),
      ])
  })

  test('may be blobs alone', () => {
    expect(settings({ registry: 'registry.example.com', image: '', blobs: `acme/app@${A}` }).named).toEqual([
      { repository: 'acme/app', tags: [], digests: [], blobs: [A] },
    ])
  })

  test('needs a registry', () => {
    expect(problems({ image: 'acme/app:1' })).toEqual([expect.stringMatching(/^registry: it is not given/)])
    expect(settings({ image: 'acme/app:1', registry: 'reg:5000' }).origin).toBe('https://reg:5000')
  })

  test('may not contradict the registry', () => {
    expect(problems({ image: 'a:5000/app:1', registry: 'b:5000' })).toEqual([
      expect.stringMatching(/^registry: .*contradict/),
    ])
  })
})

describe('credentials', () => {
  test('are both there or neither', () => {
    expect(settings({}).basic).toBeUndefined()
    expect(settings({ username: 'bob', password: 'hunter22' }).basic).toEqual({
      username: 'bob',
      password: 'hunter22',
    })
    expect(problems({ username: 'bob' })).toEqual([expect.stringMatching(/^password: .*both or neither/)])
    expect(problems({ password: 'hunter22' })).toEqual([
      expect.stringMatching(/^username: .*both or neither/),
    ])
  })

  test('are masked, in both forms in which they go over the wire, also when something else is wrong', () => {
    const given = { username: 'bob', password: 'hunter22' }
    const all = ['hunter22', Buffer.from('bob:hunter22').toString('base64')]
    expect(read(given).secrets).toEqual(all)
    expect(read({ ...given, image: '' }).secrets).toEqual(all)
    expect(read({ password: 'hunter22' }).secrets).toContain('hunter22')
    expect(read({}).secrets).toEqual([])
  })

  test('have a user name without a colon, which Basic cannot carry', () => {
    expect(problems({ username: 'bob:x', password: 'hunter22' })).toEqual([
      expect.stringMatching(/^username: .*colon/),
    ])
  })

  test.each<[string, Given]>([
    ['as the password beside another mistake', { username: 'bob', password: 'hunter22', timeout: 'x' }],
    ['as a password without a user name', { password: 'hunter22' }],
    ['in the address of the registry', { registry: 'https://bob:hunter22@registry.example.com' }],
    ['in an address with a mistake', { registry: 'https://bob:hunter22@registry.example.com/v2/' }],
    ['in image', { image: 'https://bob:hunter22@registry.example.com/acme/app:1' }],
    ['in image, without a scheme', { image: 'bob:hunter22@registry.example.com/acme/app:1' }],
    ['in blobs', { blobs: `bob:hunter22@registry.example.com/acme/app@${A}` }],
    ['in protected-tags', { 'protected-tags': 'https://bob:hunter22@registry.example.com/acme/app:1' }],
    [
      'in the path of the authorities',
      { 'ca-certificate': 'https://bob:hunter22@registry.example.com/ca.pem' },
    ],
    ['in approve', { approve: 'https://bob:hunter22@registry.example.com' }],
    ['behind the user name', { username: 'bob:hunter22', password: 'hunter22' }],
    ['behind the user name, and only there', { username: 'bob:hunter22', password: 'x' }],
    ['in the address, with a slash in it', { registry: 'https://bob:a/hunter22@registry.example.com' }],
    ['in image, with an @ in it', { image: 'https://bob:a@hunter22@registry.example.com/acme/app:1' }],
    ['in image, with a comma in it', { image: 'https://bob:hunter22,x@registry.example.com/acme/app:1' }],
  ])('stand in no message and in no report: %s', (_, given) => {
    const { problems, shown, settings } = read(given)
    expect(settings).toBeUndefined()
    expect(problems).not.toEqual([])
    expect(JSON.stringify({ problems, shown })).not.toContain('hunter22')
  })

  test('stand in no list of inputs in force', () => {
    const { shown } = settings({
      username: 'bob',
      password: 'hunter22',
      'ca-certificate': rootCertificates[0] ?? '',
      reason: 'see https://bob:hunter22@tracker.example.com/42',
    })
    expect(shown).toMatchObject({ username: 'bob', 'ca-certificate': '(PEM text)' })
    expect(Object.keys(shown)).not.toContain('password')
    expect(JSON.stringify(shown)).not.toContain('hunter22')
    expect(JSON.stringify(shown)).not.toContain('BEGIN')
  })
})

describe('protected-tags', () => {
  test('is none, which stands alone', () => {
    expect(settings({ 'protected-tags': 'none' }).protectedTags).toEqual([])
    for (const text of ['none, latest', 'latest\nnone', 'none, none'])
      expect(problems({ 'protected-tags': text })).toEqual([
        expect.stringMatching(/^protected-tags: `none` stands alone/),
      ])
  })

  test('is a list of globs, whose plain names are asked for', () => {
    const { protectedTags, protectedNames } = settings({ 'protected-tags': 'latest\nv[0-9]*, {a,b}\nstable' })
    expect(protectedTags.map(({ text }) => text)).toEqual(['latest', 'v[0-9]*', '{a,b}', 'stable'])
    expect(protectedNames).toEqual(['latest', 'stable'])
  })

  test.each([
    ['^v1$', /globs .*not regular expressions/],
    ['v1|v2', /globs .*not regular expressions/],
    ['v\\d', /globs .*not regular expressions/],
    ['!latest', /cannot take away/],
    ['{a', /\{ without \}/],
    ['acme/app:latest', /no tag can hold/],
    ['# only this', /holds no entry/],
    [',', /holds no entry/],
  ])('is not %s', (text, why) => {
    const all = problems({ 'protected-tags': text })
    expect(all).toEqual([expect.stringMatching(why)])
    expect(all[0]).toMatch(/^protected-tags: /)
  })

  test.each(['1', '*', '[0-9]', '{1,2}', '?'])('may not match a tag that image names: %s', (glob) => {
    expect(problems({ 'protected-tags': glob })).toEqual([
      expect.stringMatching(/^protected-tags: .*matches acme\/app:1, which `image` names/),
    ])
  })

  test('may match a tag that image names only in part', () => {
    expect(settings({ 'protected-tags': '1x, x1, v*' }).protectedTags).toHaveLength(3)
  })
})

describe('what is there in any case', () => {
  test('is the place for the report, and the reason', () => {
    for (const image of ['registry.example.com/acme/app:1', ''])
      expect(read({ image, 'report-file': ' out/report.json ', reason: 'INC-42' })).toMatchObject({
        reportFile: 'out/report.json',
        reason: 'INC-42',
      })
    expect(read({}).reportFile).toBeUndefined()
    expect(read({}).reason).toBeUndefined()
  })
})
