import { describe, expect, test } from '@jest/globals'
import { byName, DIALECTS, dialectOf, STANDARD } from '../../../src/registry/dialects/dialects.js'

describe('the dialects', () => {
  test('begin with the one of the specification', () => {
    expect(DIALECTS[0]).toBe(STANDARD)
    expect(STANDARD.name).toBe('tag')
  })

  test('are found by their names, which differ', () => {
    for (const dialect of DIALECTS) expect(dialectOf(dialect.name)).toBe(dialect)
  })

  test.each(['placeholder', 'manifest', undefined])('do not include %s', (name) => {
    expect(dialectOf(name)).toBeUndefined()
  })

  test('delete a tag by name as they remove labels, and else by the standard one', () => {
    for (const dialect of DIALECTS) expect(byName(dialect.name)).toBe(dialect)
    for (const way of ['placeholder', undefined]) expect(byName(way)).toBe(STANDARD)
  })
})
