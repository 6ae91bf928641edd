import { rootCertificates } from 'node:tls'
import { describe, expect, test } from '@jest/globals'
import { DECLARED, type InputName } from '../../src/config/declared.js'
import { IMAGE, problems, read, readOnly, settings } from './given.js'

const A = `sha256:${'a'.repeat(64)}`
const B = `sha256:${'b'.repeat(64)}`

describe('the inputs', () => {
  test('have defaults for all but what leaked', () => {
    const { authorities, ...rest } = settings({})
    expect(authorities).toEqual([])
    expect(rest).toEqual({
      origin: 'https://registry.example.com',
      verifyTls: true,
      ask: {
        is: 'incident',
        named: [{ repository: 'acme/app', tags: [{ tag: '1' }], digests: [], blobs: [] }],
      },
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
    expect(readOnly(IMAGE).settings).toEqual(settings({}))
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
      ask: { named: [{ repository: 'acme/app', tags: [{ tag: '1', digest: A }], blobs: [B] }] },
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
    expect(readOnly(IMAGE).problems).toEqual([])
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
    ['registry', 'https://registry.example.com/v2', /write `https/],
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
        registry: 'nowhere/v2/',
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
      { DRY_RUN: 'true', older_than: '1d' },
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

describe('a problem', () => {
  const given = { image: 'Acme/app', scope: 'x', username: 'bob', DRY_RUN: 'true', 'keep-newest': '1' }

  test('names its input, also one that is not declared, and begins with that name', () => {
    const { problems } = readOnly(given)
    expect(new Set(problems.map(({ kind }) => kind))).toEqual(new Set(['input']))
    expect(problems.map(({ input }) => input)).toEqual([
      'dry_run',
      'image',
      'keep-newest',
      'repositories',
      'tags',
      'password',
      'scope',
    ])
    for (const { input, text } of problems)
      expect(text).toMatch(new RegExp(input === 'dry_run' ? '^"dry_run" ' : `^${input}: `))
  })

  test('of several inputs names the first', () => {
    const [problem] = readOnly({ registry: 'r.example', repositories: 'a', tags: 'b' }).problems
    expect(problem?.input).toBe('older-than')
    expect(problem?.text).toMatch(/^older-than, keep-newest: /)
  })
})

describe('an undeclared input', () => {
  test('is an error beside inputs that are whole', () => {
    expect(problems({}, { DRY_RUN: 'true' })).toEqual([
      expect.stringMatching(/"dry_run" is not an input of this action.*`dry-run`/),
    ])
    expect(problems({}, { 'exclude-tags': 'latest' })).toEqual([expect.stringContaining('`protected-tags`')])
    expect(problems({}, { TAG: 'acme/app:1' })).toEqual([expect.stringContaining('`image`')])
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
    expect(settings({ registry: 'registry.example.com', image: '', blobs: `acme/app@${A}` }).ask).toEqual({
      is: 'incident',
      named: [{ repository: 'acme/app', tags: [], digests: [], blobs: [A] }],
    })
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
