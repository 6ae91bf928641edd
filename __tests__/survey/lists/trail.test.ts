import { describe, expect, test } from '@jest/globals'
import { Trail, type Landmark } from '../../../src/survey/lists/trail.js'
import { json, linkTo, ORIGIN } from '../wire.js'

const trail = (): Trail => new Trail(new URL('/list?n=2', ORIGIN))
/** A page with two names, of which one is new. */
const page = (target: string): Landmark => ({
  response: json([], linkTo(target)),
  body: [],
  count: 2,
  grew: true,
  named: 2,
})
const empty = (target: string): Landmark => ({ ...page(target), count: 0, grew: false })

describe('a trail', () => {
  test('leads to the next page, relative to the newest one, and ends without a link', () => {
    const followed = trail()
    expect(followed.next(page('/deep/list?last=b'))).toEqual(new URL('/deep/list?last=b', ORIGIN))
    expect(followed.next(page('other'))).toEqual(new URL('/deep/other', ORIGIN))
    expect(followed.next({ ...page(''), response: json([]) })).toBeUndefined()
  })

  test('does not lead back to any page before', () => {
    const followed = trail()
    followed.next(page('/second'))
    expect(followed.next(page('/list?n=2'))).toEqual({ is: 'circle' })
    expect(followed.next(page('/second'))).toEqual({ is: 'circle' })
  })

  test('does not go on after a page that named nothing new', () => {
    expect(trail().next({ ...page('/second'), grew: false })).toEqual({ is: 'no-progress' })
  })

  test.each(['https://elsewhere.example.com/list', 'https://'])('does not lead to %s', (target) => {
    expect(trail().next(page(target))).toMatchObject({ is: 'not-followed' })
  })

  describe('whose link has an empty `last`', () => {
    const lost = '/list?n=2&last='

    test('ends on an empty page behind a name', () => {
      const followed = trail()
      followed.next(page('/list?n=2&last=b'))
      expect(followed.next(empty(lost))).toBeUndefined()
    })

    test('does not end on an empty first page: such a list could hide every tag', () => {
      expect(trail().next(empty(lost))).toEqual({ is: 'no-progress' })
    })

    test('does not end on an empty page at the beginning: nothing shows that it is behind the last name', () => {
      const followed = trail()
      followed.next(page(lost))
      expect(followed.next(empty(lost))).toEqual({ is: 'circle' })
    })

    test('goes on behind the last name of a page, once', () => {
      const followed = trail()
      const behind = new URL('/list?n=2&last=b', ORIGIN)
      expect(followed.next({ ...page(lost), end: () => 'b' })).toEqual(behind)
      expect(followed.next({ ...page(lost), end: () => 'b' })).toEqual({ is: 'circle' })
    })

    test('is followed like any other if no name is known to be the last', () => {
      expect(trail().next({ ...page(lost), end: () => undefined })).toEqual(new URL(lost, ORIGIN))
    })
  })
})
