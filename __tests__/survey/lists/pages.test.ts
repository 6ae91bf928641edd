import { describe, expect, test } from '@jest/globals'
import type { Response } from '../../../src/registry/send.js'
import { pastCaches, readPages, type Page, type PagedList } from '../../../src/survey/lists/pages.js'
import { response } from '../../registry/wire.js'
import { json, linkTo, ORIGIN, registryOf } from '../wire.js'

const FIRST = new URL('/list', ORIGIN)
type Ended = { readonly is: 'ended'; readonly isFirst: boolean }

/** A list whose page of number `at` (from 0) is made by a function; `requested` are the pages after the first. */
function listOf(
  page: (at: number) => Response,
  bounds: { pages?: number; entries?: number } = {},
): { list: PagedList<string, Ended>; requested: string[] } {
  const requested: string[] = []
  let at = 0
  const list: PagedList<string, Ended> = {
    first: FIRST,
    mostPages: bounds.pages ?? 100,
    mostEntries: bounds.entries ?? 100,
    request: async (url) => {
      requested.push(url?.pathname ?? 'first')
      return page(at++)
    },
    read: ({ body, isFirst }: Page) =>
      Array.isArray(body) ? { is: 'names', names: body as string[] } : { is: 'ended', isFirst },
  }
  return { list, requested }
}

describe('a list in pages', () => {
  test('is read to the page without a link, each name once', async () => {
    const { list, requested } = listOf((at) => json(['a', `b${at}`], at < 2 ? linkTo(`/page${at + 1}`) : {}))
    expect(await readPages(list)).toEqual({ is: 'names', names: ['a', 'b0', 'b1', 'b2'] })
    expect(requested).toEqual(['first', '/page1', '/page2'])
  })

  test.each([
    ['back to the first page', '/list', ['first']],
    ['to the page itself', '/page1', ['first', '/page1']],
  ])('is not followed in a circle: %s', async (_, target, requested) => {
    const made = listOf((at) => json([`a${at}`], linkTo(requested.length === 1 ? target : '/page1')))
    expect(await readPages(made.list)).toEqual({ is: 'flawed', flaw: { is: 'circle' } })
    expect(made.requested).toEqual(requested)
  })

  test('is not followed after a page that names nothing new', async () => {
    const { list, requested } = listOf((at) => json(['a'], linkTo(`/page${at + 1}`)))
    expect(await readPages(list)).toEqual({ is: 'flawed', flaw: { is: 'no-progress' } })
    expect(requested).toHaveLength(2)
  })

  test('may end with a page that names nothing new', async () => {
    const { list } = listOf((at) => json(['a'], at === 0 ? linkTo('/page1') : {}))
    expect(await readPages(list)).toEqual({ is: 'names', names: ['a'] })
  })

  describe('that has lost its place', () => {
    const LOST = { link: `<${ORIGIN}/list?last=>; rel="next"` }
    const pagesOf = (...pages: string[][]) => {
      const made = listOf((at) => json(pages[at] ?? [], LOST))
      const asked: (string | null)[] = []
      const list: PagedList<string, Ended> = {
        ...made.list,
        continuesByName: true,
        request: (url) => {
          asked.push(url?.searchParams.get('last') ?? null)
          return made.list.request(url)
        },
      }
      return { list, asked, made }
    }

    test('goes on after the last name of each page, to an empty one', async () => {
      const { list, asked } = pagesOf(['a', 'b'], ['c'], [])
      expect(await readPages(list)).toEqual({ is: 'names', names: ['a', 'b', 'c'] })
      expect(asked).toEqual([null, 'b', 'c'])
    })

    test('is no whole list if its names are in no order, or names do not continue it', async () => {
      const { list, asked, made } = pagesOf(['b', 'a'], [])
      expect(await readPages(list)).toEqual({ is: 'flawed', flaw: { is: 'circle' } })
      expect(asked).toEqual([null, ''])
      const byCursor = pagesOf(['a', 'b'], [])
      expect(await readPages({ ...byCursor.list, continuesByName: false })).toMatchObject({ is: 'flawed' })
      expect(made.requested).toHaveLength(2)
    })
  })

  test('has a bound of pages', async () => {
    const { list, requested } = listOf((at) => json([`a${at}`], linkTo(`/page${at + 1}`)), { pages: 3 })
    expect(await readPages(list)).toEqual({ is: 'flawed', flaw: { is: 'too-many-pages', most: 3 } })
    expect(requested).toHaveLength(3)
  })

  test('has a bound of entries, which it may reach', async () => {
    const made = (entries: number): PagedList<string, Ended> =>
      listOf(() => json(['a', 'b', 'c']), { entries }).list
    expect(await readPages(made(3))).toMatchObject({ is: 'names' })
    expect(await readPages(made(2))).toEqual({ is: 'flawed', flaw: { is: 'too-many-entries', most: 2 } })
  })

  test('is not whole if a page says that there is more, and not where', async () => {
    const { list } = listOf(() => json(['a'], { 'x-next-page': '2' }))
    expect(await readPages(list)).toMatchObject({ is: 'flawed', flaw: { is: 'not-followed' } })
  })

  test.each([
    ['a status', response(500, {}, '["a"]')],
    ['a cut body', response(200, {}, '["a"]', { cut: true })],
    ['no JSON', response(200, {}, '["a"')],
  ])('ends with a page that is none: %s', async (_, page) => {
    expect(await readPages(listOf(() => page).list)).toEqual({ is: 'ended', isFirst: true })
    const later = listOf((at) => (at === 0 ? json(['a'], linkTo('/page1')) : page))
    expect(await readPages(later.list)).toEqual({ is: 'ended', isFirst: false })
  })

  test('ends with a page out of a cache, also if it is a later one', async () => {
    const { list, requested } = listOf((at) => json([`a${at}`], at === 0 ? linkTo('/page1') : { age: '7' }))
    expect(await readPages(list)).toEqual({ is: 'cached', cache: 'age: 7' })
    expect(requested).toHaveLength(2)
  })
})

describe('past caches', () => {
  const { client } = registryOf(() => response(500))
  const cached = { is: 'cached', cache: 'age: 7' } as const
  const whole = { is: 'whole' } as const

  test.each([
    ['once if the response is fresh', [whole], false, whole, [false]],
    ['again with a query of its own if it is not', [cached, whole], false, whole, [false, true]],
    ['no third time', [cached, cached], false, cached, [false, true]],
    ['at once with such a query', [cached], true, cached, [true]],
  ])('requests %s', async (_, responses, atOnce, result, expected) => {
    const queries: boolean[] = []
    const left = [...responses]
    const send = async (cacheBuster: string | undefined): Promise<typeof whole | typeof cached> => {
      queries.push(cacheBuster !== undefined)
      return left.shift() ?? whole
    }
    expect(await pastCaches(client, send, atOnce)).toEqual(result)
    expect(queries).toEqual(expected)
  })
})
