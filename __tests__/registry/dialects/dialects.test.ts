import { describe, expect, test } from '@jest/globals'
import { DIALECTS, dialectOf } from '../../../src/registry/dialects/dialects.js'

describe('the dialects', () => {
  test('begin with the one of the specification', () => {
    expect(DIALECTS[0].name).toBe('tag')
  })

  test('are found by their names, which differ', () => {
    for (const dialect of DIALECTS) expect(dialectOf(dialect.name)).toBe(dialect)
  })

  test.each(['placeholder', 'manifest', undefined])('do not include %s', (name) => {
    expect(dialectOf(name)).toBeUndefined()
  })
})
