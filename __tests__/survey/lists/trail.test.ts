import { describe, expect, test } from '@jest/globals'
import { Trail } from '../../../src/survey/lists/trail.js'
import { json, linkTo, ORIGIN } from '../wire.js'

const trail = (): Trail => new Trail(new URL('/list?n=2', ORIGIN))
const page = (target: string) => json([], linkTo(target))

describe('a trail', () => {
  test('leads to the next page, relative to the newest one, and ends without a link', () => {
    const followed = trail()
    expect(followed.next(page('/deep/list?last=b'), [], true, 2)).toEqual(
      new URL('/deep/list?last=b', ORIGIN),
    )
    expect(followed.next(page('other'), [], true, 4)).toEqual(new URL('/deep/other', ORIGIN))
    expect(followed.next(json([]), [], false, 4)).toBeUndefined()
  })

  test('does not lead back to any page before', () => {
    const followed = trail()
    followed.next(page('/second'), [], true, 2)
    expect(followed.next(page('/list?n=2'), [], true, 3)).toEqual({ is: 'circle' })
    expect(followed.next(page('/second'), [], true, 3)).toEqual({ is: 'circle' })
  })

  test('does not go on after a page that named nothing new', () => {
    expect(trail().next(page('/second'), [], false, 0)).toEqual({ is: 'no-progress' })
  })

  test.each(['https://elsewhere.example.com/list', 'https://'])('does not lead to %s', (target) => {
    expect(trail().next(page(target), [], true, 1)).toMatchObject({ is: 'not-followed' })
  })
})
