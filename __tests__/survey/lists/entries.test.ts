import { expect, test } from '@jest/globals'
import { ListError } from '../../../src/survey/errors.js'
import { tagsOf, tagsOnPage } from '../../../src/survey/lists/entries.js'
import { json, REPO } from '../wire.js'

const page = (text: string): unknown[] | undefined => tagsOnPage(REPO, Buffer.from(text))

test('a page tells whether it is a tag list of the repository', () => {
  expect(page('{"tags":["a"]}')).toEqual(['a'])
  expect(page('{"tags":null}')).toEqual([])
  expect(page(`{"name":"${REPO}"}`)).toEqual([])
  for (const text of ['[]', 'null', '5', '"a"', '{}', '{"name":"acme/other"}', '{"name":null}', 'x'])
    expect([text, page(text)]).toEqual([text, undefined])
})

test('the tags of one page are all that it lists, or none', () => {
  const of = (...tags: unknown[]): unknown => tagsOf(REPO, json({}), { tags })
  expect(of('a', 'b')).toEqual(['a', 'b'])
  expect(() => of('a', 'b:c')).toThrow(ListError)
})
