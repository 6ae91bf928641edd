import { describe, expect, test } from '@jest/globals'
import { problems, settings } from './given.js'

describe('protected-tags', () => {
  test('is none, which stands alone', () => {
    expect(settings({ 'protected-tags': 'none' }).protectedTags).toEqual([])
    for (const text of ['none, latest', 'latest\nnone', 'none, none'])
      expect(problems({ 'protected-tags': text })).toEqual([
        expect.stringMatching(/^protected-tags: `none` cannot be combined/),
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
    ['!latest', /cannot begin with !/],
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
