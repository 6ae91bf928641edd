import { expect, test } from '@jest/globals'
import type { Glob } from '../../../src/oci/glob.js'
import type { Repository } from '../../../src/oci/reference.js'
import { WireError } from '../../../src/registry/errors.js'
import { resolveRepositories } from '../../../src/survey/lists/repositories.js'
import { request, response } from '../../registry/wire.js'
import { json, ORIGIN, registryOf } from '../wire.js'

const name = (text: string) => ({ name: text as Repository })
const prefix = (text: string): { glob: Glob } => ({
  glob: { text: `${text}*`, matches: (other: string) => other.startsWith(text) },
})

test('names are taken as they are, without a catalog', async () => {
  const { client, asked } = registryOf(() => response(500))
  const resolved = await resolveRepositories([name('b'), name('a')], client)
  expect(resolved).toEqual({ repositories: ['a', 'b'], named: new Set(['b', 'a']), problems: [] })
  expect(asked).toEqual([])
})

test('globs are expanded with one catalog, and one without a match is a problem', async () => {
  const { client, asked } = registryOf(() => json({ repositories: ['b/1', 'a/1', 'c'] }))
  const resolved = await resolveRepositories([prefix('b/'), name('b/1'), prefix('a'), prefix('x')], client)
  expect(resolved.repositories).toEqual(['a/1', 'b/1'])
  expect(resolved.problems).toEqual([
    { kind: 'glob-without-match', input: 'repositories', glob: 'x*', origin: ORIGIN, listed: 3 },
  ])
  expect(asked).toHaveLength(1)
})

test('without a catalog globs are not expanded', async () => {
  const refused = await resolveRepositories([prefix('b')], registryOf(() => response(403)).client)
  const cause = { kind: 'catalog-refused', origin: ORIGIN, answered: '403' }
  expect(refused.problems).toEqual([{ kind: 'globs-not-expanded', input: 'repositories', cause }])
  const error = new WireError(request(`${ORIGIN}/v2/_catalog`), 'timeout', 'ETIMEDOUT')
  const silent = await resolveRepositories([prefix('b')], registryOf(() => error).client)
  expect(silent.problems).toMatchObject([{ cause: { kind: 'no-response', message: error.message } }])
})
