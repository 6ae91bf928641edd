import { describe, expect, test } from '@jest/globals'
import type { Tag } from '../../../src/oci/tag.js'
import { ListError, StaleList } from '../../../src/survey/errors.js'
import { HiddenTags } from '../../../src/survey/lists/hidden.js'
import { response } from '../../registry/wire.js'
import { json, registryOf, REPO } from '../wire.js'

const list = (...names: readonly string[]): Tag[] => names as Tag[]
const lastOf = (path: string): string => new URL(path, 'http://r').searchParams.get('last') ?? ''
const named = (...tags: readonly string[]) => json({ tags })

/** What a registry names behind a place, by its `last`. */
function searching(behind: (last: string) => ReturnType<typeof json>) {
  const { tools, asked } = registryOf((path) => behind(lastOf(path)))
  return { hidden: new HiddenTags(tools, REPO), asked: () => asked.map(lastOf) }
}

describe('hidden tags', () => {
  test('are not searched for if the list shows that it is whole', async () => {
    const { hidden, asked } = searching(() => named())
    expect(await hidden.search(list('v1', 'v10'))).toEqual([])
    expect([asked(), hidden.found, hidden.skipped]).toEqual([[], [], 0])
  })

  test('are found behind each tag of a list in the order of keys, and behind one another', async () => {
    const behind: Record<string, string> = { 'v1/~': 'v10', 'v10/~': 'v100', 'v100/~': 'v2' }
    const { hidden, asked } = searching((last) => named(...[behind[last] ?? []].flat()))
    expect(await hidden.search(list('v1-alpine', 'v1', 'v2'))).toEqual(['v10', 'v100'])
    expect(asked()).toEqual(['v1-alpine/~', 'v1/~', 'v2/~', 'v10/~', 'v100/~'])
    expect(hidden.found).toEqual(['v10', 'v100'])
  })

  test('one request shows that a walk over folders hides nothing', async () => {
    const { hidden, asked } = searching(() => named('d'))
    expect(await hidden.search(list('a', 'b', 'c', 'd'))).toEqual([])
    expect(asked()).toEqual(['/c/0/~'])
    await hidden.search(list('a', 'b', 'c', 'd'))
    expect(asked()).toHaveLength(1)
  })

  test('are not searched for where the registry knows no pages', async () => {
    const { hidden, asked } = searching(() => named('a', 'b'))
    await hidden.search(list('a', 'b'))
    expect(asked()).toEqual(['/a/0/~'])
  })

  test('are searched for behind a hundred tags if nothing tells, and the rest is counted', async () => {
    const tags = Array.from({ length: 120 }, (_, at) => `t${at + 100}`)
    const { hidden, asked } = searching((last) => named(...(last.startsWith('/') ? ['t100'] : [])))
    await hidden.search(list(...tags))
    expect([asked().length, hidden.skipped]).toEqual([101, 20])
  })

  test('are searched for behind every tag once one shows that the list hides some', async () => {
    const { hidden } = searching(() => named())
    expect(hidden.suspect('b' as Tag, list('a'))).toBe(false)
    expect(hidden.suspect('a1' as Tag, list('a'))).toBe(true)
  })

  test('a refusal leaves it open if nothing tells that there are any', async () => {
    const { hidden } = searching((last) => (last.startsWith('/') ? named('a') : response(400)))
    expect(await hidden.search(list('a', 'b'))).toEqual([])
    expect(hidden.skipped).toBe(2)
  })

  test('a refusal is an error if the list is known to hide tags', async () => {
    const { hidden } = searching(() => response(502))
    hidden.suspect('a1' as Tag, list('a'))
    const error: unknown = await hidden.search(list('a', 'b')).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ListError)
    expect(error).toMatchObject({ problem: { kind: 'hidden-tags-refused', answered: '502' } })
  })

  test('a registry that asks for patience is an error', async () => {
    const { hidden } = searching(() => response(429))
    await expect(hidden.search(list('a', 'b'))).rejects.toMatchObject({
      problem: { kind: 'tag-list-refused' },
    })
  })

  test('a list behind a tag is requested past caches', async () => {
    const { tools, asked } = registryOf(() => json({ tags: [] }, { age: '7' }))
    await expect(new HiddenTags(tools, REPO).search(list('a', 'b'))).rejects.toBeInstanceOf(StaleList)
    expect(asked).toHaveLength(2)
    expect(asked[1]).toContain('registry-purge=new')
  })
})
