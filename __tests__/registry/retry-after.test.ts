import { describe, expect, test } from '@jest/globals'
import { retryAfter } from '../../src/registry/retry-after.js'

const NOW = Date.UTC(2026, 0, 1)

describe('a Retry-After header', () => {
  test.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5000],
    [new Date(NOW + 30_000).toUTCString(), 30_000],
    [new Date(NOW - 30_000).toUTCString(), 0],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
  ])('%j is %s milliseconds', (value, ms) => {
    expect(retryAfter(value, NOW)).toBe(ms)
  })
})
