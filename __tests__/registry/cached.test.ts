import { expect, test } from '@jest/globals'
import { cacheOf } from '../../src/registry/cached.js'
import { Secrets } from '../../src/registry/secrets/secrets.js'
import { response } from './wire.js'

test.each([
  ['age', '1'],
  ['age', '86400'],
  ['x-cache', 'HIT'],
  ['x-cache', 'Hit from cloudfront'],
  ['x-cache', 'TCP_NEGATIVE_HIT from a proxy'],
  ['x-cache', 'MISS, HIT'],
  ['x-cache-status', 'STALE'],
  ['x-cache-status', 'UPDATING'],
  ['x-proxy-cache', 'HIT'],
  ['cf-cache-status', 'HIT'],
  ['x-cache-hits', '0, 3'],
  ['x-cache-lookup', 'HIT from squid:3128'],
  ['cache-status', '"CDN"; fwd=miss, Origin; hit; ttl=11'],
  ['warning', '110 proxy "Response is Stale"'],
  ['akamai-cache-status', 'Hit from child'],
])('%s: %s says that the answer was stored', (name, value) => {
  expect(cacheOf(response(404, { [name]: value }))).toBe(`${name}: ${value}`)
})

test.each([
  ['age', '0'],
  ['age', 'none'],
  ['x-cache', 'MISS'],
  ['x-cache', 'RefreshHit from cloudfront'],
  ['x-cache-status', 'EXPIRED'],
  ['x-cache-status', 'BYPASS'],
  ['cf-cache-status', 'DYNAMIC'],
  ['x-cache-hits', '0'],
  ['cache-status', 'nginx; fwd=stale; fwd-status=404'],
  ['cache-status', 'nginx; hit=?0'],
  ['cache-control', 'max-age=31536000, stale-while-revalidate=60'],
  ['warning', '299 - "hit"'],
  ['x-cache-key', 'hit'],
  ['via', '1.1 hit'],
])('%s: %s does not', (name, value) => {
  expect(cacheOf(response(404, { [name]: value }))).toBeUndefined()
})

test('what squid merely found in its cache does not count beside what it did', () => {
  expect(
    cacheOf(response(404, { 'x-cache': 'MISS from squid', 'x-cache-lookup': 'HIT from squid:3128' })),
  ).toBeUndefined()
})

test('a long value is cut', () => {
  expect(cacheOf(response(404, { 'x-cache': `HIT ${'x'.repeat(100)}` }))).toHaveLength(
    'x-cache: '.length + 61,
  )
})

test('a value that holds a secret is not shown, also where it would be cut in two', () => {
  const { quoting } = knowing('hunter2-Correct')
  for (const value of [
    `HIT ${'x'.repeat(50)} hunter2-Correct`,
    'HIT hunter2%252DCorrect',
    'HIT HUNTER2-CORRECT',
  ])
    expect(cacheOf(response(404, { 'x-cache': value }, '', { quoting }))).toBe('x-cache: (not shown)')
  expect(cacheOf(response(404, { 'x-cache': 'HIT' }, '', { quoting }))).toBe('x-cache: HIT')
})

function knowing(secret: string): Secrets {
  const secrets = new Secrets()
  secrets.add(secret)
  return secrets
}
