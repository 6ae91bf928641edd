import { describe, expect, test } from '@jest/globals'
import { continuationOf } from '../../../src/registry/lists/continuation.js'
import type { LinkFlaw } from '../../../src/registry/lists/flaw.js'
import type { Response } from '../../../src/registry/send.js'

const from = new URL('https://registry.example.com/v2/app/tags/list')

function continuation(body: unknown, headers: Record<string, string> = {}): URL | LinkFlaw | undefined {
  const response: Response = {
    status: 200,
    headers: new Map(Object.entries(headers)),
    body: Buffer.from(''),
    cut: false,
    redirected: false,
  }
  return continuationOf(response, body, from, 1)
}

describe('how a list goes on', () => {
  test.each([
    ['a next page', { tags: [], next: 'https://registry.example.com/?page=2' }],
    ['a token', { tags: [], nextPageToken: 'abc' }],
    ['a token with underscores', { tags: [], next_page: 'gAAAA' }],
    ['more', { tags: [], has_additional: true }],
    ['more, in another word', { tags: [], hasMore: true }],
    ['a cut list', { tags: [], truncated: true }],
    ['a cut list, as S3 says it', { tags: [], IsTruncated: 'true' }],
    ['a place to go on from', { tags: [], NextContinuationToken: 'x' }],
    ['a cursor', { tags: [], cursor: 'x' }],
    ['a link', { tags: [], _links: { next: { href: '/v2/' } } }],
    ['a next page below', { tags: [], pagination: { next_page: 2 } }],
    ['a total', { tags: ['a'], total: 4 }],
    ['a count', { tags: ['a'], page: 1, count: 4 }],
    ['a page that is not the last', { tags: ['a'], isLast: false }],
    ['a list of links', { tags: ['a'], links: [{ rel: 'next', href: '/v2/' }] }],
  ])('is not known where the body says that there is %s', (_, body) => {
    expect(continuation(body)).toEqual({ is: 'no-link', sign: expect.any(String) })
    // A Link that is understood says where.
    expect(continuation(body, { link: '</v2/app/tags/list?last=b>; rel="next"' })).toBeInstanceOf(URL)
  })

  test.each(['x-next-page', 'x-continuation-token', 'next'])('is not known by the header %s', (name) => {
    expect(continuation({ tags: [] }, { [name]: '2' })).toEqual({ is: 'no-link', sign: expect.any(String) })
    expect(continuation({ tags: [] }, { [name]: '' })).toBeUndefined()
  })

  test.each([
    ['x-total-count', '4'],
    ['x-total', '4'],
    ['x-total-pages', '2'],
    ['x-has-more', 'true'],
    ['x-pagination', '{"HasNext":true}'],
    ['content-range', 'items 0-0/4'],
  ])('is not known by the header %s: %s', (name, value) => {
    expect(continuation({ tags: ['a'] }, { [name]: value })).toEqual({
      is: 'no-link',
      sign: expect.any(String),
    })
  })

  test.each([
    ['x-total-count', '1'],
    ['x-total-pages', '1'],
    ['content-range', 'items 0-0/1'],
    ['x-pagination', '{"HasNext":false}'],
  ])('is at its end by the header %s: %s', (name, value) => {
    expect(continuation({ tags: ['a'], total: 1 }, { [name]: value })).toBeUndefined()
  })

  test.each([
    { tags: ['next', 'truncated'] },
    { tags: [], next: null, truncated: false, has_more: false, cursor: '' },
    { tags: [], manifest: { 'sha256:1': { tag: ['next'] } }, child: [] },
    { name: 'next', tags: null, meta: { total: 1 } },
    [],
    null,
    undefined,
  ])('is at its end after %j', (body) => {
    expect(continuation(body, { 'x-nextjs-cache': 'MISS', 'cache-control': 'no-store' })).toBeUndefined()
  })
})
