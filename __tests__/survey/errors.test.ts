import { expect, test } from '@jest/globals'
import { WireError } from '../../src/registry/errors.js'
import { CatalogError, ListError, problemOf } from '../../src/survey/errors.js'
import { request } from '../registry/wire.js'
import { ORIGIN, REPO } from './wire.js'

test('a failed read holds its problem, and names kind and place for developers', () => {
  const problem = { kind: 'tag-list-refused', repository: REPO, answered: '500' } as const
  const error = new ListError(problem)
  expect([error.name, error.message, problemOf(error)]).toEqual([
    'ListError',
    `${REPO}: tag list refused`,
    problem,
  ])
  const catalog = { kind: 'catalog-refused', origin: ORIGIN, answered: '500' } as const
  expect(new CatalogError(catalog).message).toBe(`${ORIGIN}: catalog refused`)
  expect(problemOf(new CatalogError(catalog))).toBe(catalog)
})

test('a failure on the wire is a problem with its own message', () => {
  const error = new WireError(request(`${ORIGIN}/v2/`), 'network', 'ECONNRESET')
  expect(problemOf(error)).toEqual({ kind: 'no-response', message: error.message })
})
