import { describe, expect, test } from '@jest/globals'
import { CatalogError } from '../../../src/survey/errors.js'
import { listRepositories } from '../../../src/survey/lists/catalog.js'
import { response } from '../../registry/wire.js'
import { json, linkTo, ORIGIN, registryOf } from '../wire.js'

const CATALOG = '/v2/_catalog'

describe('the catalog', () => {
  test('is read to the last page, without names that no repository can have', async () => {
    const { client, asked } = registryOf((path) =>
      path === CATALOG
        ? json({ repositories: ['b', 'UPPER', 5, null] }, linkTo(`${CATALOG}?last=b`))
        : json({ repositories: ['a/b', 'b'] }),
    )
    expect(await listRepositories(client)).toEqual(['b', 'a/b'])
    expect(asked).toEqual([CATALOG, `${CATALOG}?last=b`])
  })

  test('may be empty', async () => {
    expect(await listRepositories(registryOf(() => json({ repositories: null })).client)).toEqual([])
  })

  test('goes on after a page of names that no repository can have', async () => {
    const { client } = registryOf((path) =>
      path === CATALOG ? json({ repositories: ['UPPER'] }, linkTo('/more')) : json({ repositories: ['a'] }),
    )
    expect(await listRepositories(client)).toEqual(['a'])
  })

  test('is read past caches if it comes out of one', async () => {
    const { client, asked } = registryOf((path) =>
      json({ repositories: ['a'] }, path === CATALOG ? { age: '7' } : {}),
    )
    expect(await listRepositories(client)).toEqual(['a'])
    expect(asked).toEqual([CATALOG, `${CATALOG}?registry-purge=new`])
  })

  test.each([
    ['that is stale', json({ repositories: [] }, { age: '7' }), { kind: 'catalog-stale', cache: 'age: 7' }],
    ['that is refused', response(401), { kind: 'catalog-refused', answered: '401' }],
    ['that is no list', json({}), { kind: 'catalog-refused', answered: '200' }],
    ['that is cut', { ...json({ repositories: [] }), cut: true }, { kind: 'catalog-refused' }],
    [
      'in a circle',
      json({ repositories: ['a'] }, linkTo(CATALOG)),
      { kind: 'catalog-not-whole', flaw: { is: 'circle' } },
    ],
  ])('%s is an error', async (_, answer, problem) => {
    const error: unknown = await listRepositories(registryOf(() => answer).client).catch(
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(CatalogError)
    expect(error).toMatchObject({ problem: { origin: ORIGIN, ...problem } })
  })
})
