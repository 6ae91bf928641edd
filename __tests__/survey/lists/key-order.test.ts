import { expect, test } from '@jest/globals'
import type { Tag } from '../../../src/oci/tag.js'
import { hides, shapeOf } from '../../../src/survey/lists/key-order.js'

test.each([
  ['v1', 'v10', true],
  ['v1', 'v1a', true],
  ['v1', 'v1_', true],
  ['v1', 'v1-alpine', false],
  ['v1', 'v1.0', false],
  ['v1', 'v1', false],
  ['v10', 'v1', false],
])('%s hides %s: %s', (tag, other, expected) => {
  expect(hides(tag as Tag, other as Tag)).toBe(expected)
})

test.each([
  ['a tag and one that it would hide', ['v1', 'v10'], 'whole'],
  ['an order that no walk has', ['b', 'a'], 'whole'],
  ['the order of names', ['v1', 'v1-alpine'], 'whole'],
  ['the order of keys', ['v1-alpine', 'v1'], 'keys'],
  ['both orders', ['a', 'b'], 'open'],
  ['one tag', ['a'], 'open'],
  ['nothing', [], 'open'],
])('a list shows by its order how it was made: %s', (_, tags, shape) => {
  expect(shapeOf(tags as Tag[])).toBe(shape)
})
