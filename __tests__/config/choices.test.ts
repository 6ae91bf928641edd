import { describe, expect, test } from '@jest/globals'
import { problems, settings } from './given.js'

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
      expect.stringMatching(/^scope: `tag` removes only tags/),
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
