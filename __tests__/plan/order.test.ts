import { describe, expect, test } from '@jest/globals'
import { compare } from '../../src/plan/order.js'

describe('the order of names', () => {
  test('is that of their code units, whatever the locale', () => {
    expect(['b', 'a', 'B', '_', 'ä', '10', '9'].sort(compare)).toEqual(['10', '9', 'B', '_', 'a', 'b', 'ä'])
    expect(compare('a', 'a')).toBe(0)
  })
})
