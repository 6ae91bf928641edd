import { describe, expect, test } from '@jest/globals'
import { readInputs } from '../../../src/config/inputs.js'
import type { Cleanup, Settings } from '../../../src/config/settings.js'

const NOW = Date.UTC(2026, 5, 1)
const cleanup = {
  registry: 'https://registry.example.com',
  repositories: 'acme/**',
  tags: 'debug-*',
  'older-than': '14d',
}

interface Outcome {
  readonly settings: Settings | undefined
  readonly cleanup: Cleanup | undefined
  readonly problems: readonly string[]
}

function read(inputs: Readonly<Record<string, string>>): Outcome {
  const { settings, problems } = readInputs(new Map(Object.entries(inputs)), NOW)
  const cleanup = settings?.ask.is === 'cleanup' ? settings.ask : undefined
  return { settings, cleanup, problems: problems.map(({ text }) => text) }
}

describe('the inputs of a cleanup', () => {
  test('are read', () => {
    const { cleanup: found, problems } = read({
      ...cleanup,
      repositories: 'acme/app, acme/*-svc',
      tags: 'debug-*,!debug-keep\ntest-{a,b}',
      'keep-newest': '3',
      'as-of': '2026-05-01T00:00:00+02:00',
      'max-deletions': '7',
    })
    expect(problems).toEqual([])
    const { globs = [], except = [], repositories = [], ...rest } = found ?? {}
    expect(globs.map(({ text }) => text)).toEqual(['debug-*', 'test-{a,b}'])
    expect(except.map((glob) => [glob.text, glob.matches('debug-keep')])).toEqual([['!debug-keep', true]])
    expect(repositories).toMatchObject([{ name: 'acme/app' }, { glob: { text: 'acme/*-svc' } }])
    expect(rest).toEqual({
      is: 'cleanup',
      olderThan: 14 * 86_400_000,
      keepNewest: 3,
      asOf: Date.UTC(2026, 3, 30, 22),
      maxDeletions: 7,
    })
  })

  test('have defaults', () => {
    const { cleanup: found } = read({ ...cleanup, 'older-than': '', 'keep-newest': '0' })
    expect(found).toMatchObject({ olderThan: 0, keepNewest: 0, maxDeletions: 100 })
    expect(found?.asOf).toBe(NOW)
  })

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['no age and no count', { 'older-than': '' }, /^older-than, keep-newest: neither is given/],
    ['no tags', { tags: '' }, /^tags: it is not given/],
    ['no repositories', { repositories: '' }, /^repositories: it is not given/],
    ['no registry', { registry: '' }, /^registry: it is not given\. A cleanup/],
    [
      'an incident, too',
      { image: 'acme/app:debug' },
      /^repositories, tags, older-than: they belong to a cleanup/,
    ],
    ['blobs, too', { blobs: `acme/app@sha256:${'a'.repeat(64)}` }, /belong to a cleanup/],
    ['only what takes away', { tags: '!debug-*' }, /^tags: every entry begins with !/],
    ['a lonely !', { tags: 'debug-*,!' }, /^tags: "!": a glob must follow/],
    ['a regular expression', { tags: '^debug-.*$' }, /^tags: "\^debug-\.\*\$": .*not regular expressions/],
    ['a regular expression of repositories', { repositories: 'acme/.+$' }, /^repositories: .*not regular/],
    ['nothing but a comment', { tags: '# none' }, /^tags: it holds no entry/],
    ['a host in a repository', { repositories: 'registry.example.com:5000/acme' }, /^repositories: /],
    ['an age without a unit', { 'older-than': '14' }, /^older-than: "14": write a duration/],
    ['a count below zero', { 'keep-newest': '-1' }, /^keep-newest: "-1": write a whole number/],
    ['a fraction', { 'keep-newest': '1.5' }, /^keep-newest: /],
    ['a time in the future', { 'as-of': '2026-06-01T00:00:01Z' }, /^as-of: .*in the future/],
    ['a date', { 'as-of': '2026-05-01' }, /^as-of: "2026-05-01": .*RFC 3339/],
    ['no limit', { 'max-deletions': '' }, /^max-deletions: it is empty, although/],
    ['a word as the limit', { 'max-deletions': 'many' }, /^max-deletions: "many"/],
  ])('are refused: %s', (_, inputs, problem) => {
    const { settings, problems } = read({ ...cleanup, ...inputs })
    expect(settings).toBeUndefined()
    expect(problems).toEqual([expect.stringMatching(problem)])
  })

  test('are told all at once', () => {
    const { problems } = read({ ...cleanup, tags: '^a', 'older-than': 'x', 'as-of': 'y', repositories: 'A' })
    expect(problems).toHaveLength(4)
  })

  test.each(['tags', 'repositories', 'older-than', 'keep-newest', 'as-of'])(
    'belong to no incident: %s',
    (name) => {
      const value = { 'older-than': '1d', 'keep-newest': '1', 'as-of': '2026-01-01T00:00:00Z' }[name] ?? 'a'
      const { settings, problems } = read({ image: 'registry.example.com/acme/app:1', [name]: value })
      expect(settings).toBeUndefined()
      expect(problems.join('\n')).toContain(`${name}: it belongs to a cleanup`)
    },
  )

  test('a time up to now is no future', () => {
    expect(read({ ...cleanup, 'as-of': '2026-06-01T00:00:00Z' }).cleanup?.asOf).toBe(NOW)
  })

  test('are shown with the time from which ages count, so that a later run can take it', () => {
    const shown = (asOf: string): string | undefined =>
      read({ ...cleanup, 'as-of': asOf }).settings?.shown['as-of']
    expect(shown('')).toBe('2026-06-01T00:00:00.000Z')
    expect(shown('2026-05-01T00:00:00+02:00')).toBe('2026-04-30T22:00:00.000Z')
  })
})
