/** Searching elsewhere must not stand in the way of the purge, where it only warns. */
import { expect, test } from '@jest/globals'
import { runEngine } from '../support/engine.js'
import type { Interception } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { served } from '../safety/wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const huge = Buffer.alloc(9 << 20, ' ')

test.each<[string, string, Interception]>([
  ['the tag list of a named repository is reset', '/v2/acme/other/tags/list', 'reset'],
  [
    'the tag list of a named repository is too large',
    '/v2/acme/other/tags/list',
    { status: 200, body: huge },
  ],
  ['everything in a named repository is reset', '/v2/acme/other/', 'reset'],
  ['the catalog is reset', '/v2/_catalog', 'reset'],
  ['the catalog is too large', '/v2/_catalog', { status: 200, body: huge }],
])('%s', async (_, where, answer) => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  registry.options.intercept = ({ path }) => (path.startsWith(where) ? answer : undefined)
  const run = await runEngine(registry, {
    image: `${REPO}:debug-42`,
    'search-repositories': 'acme/other,lib/*',
  })
  expect([run.result, run.problems]).toEqual(['purged', ''])
  expect(served(registry, REPO, scene.gone)).toEqual([])
  expect(run.report.repositories[0]?.warnings).not.toEqual([])
})

test.each([
  ['a circle', { Link: '</v2/_catalog>; rel="next"' }],
  ['a longer circle', { Link: '</v2/_catalog?last=a>; rel="next"' }],
  ['another origin', { Link: '<https://other.example/v2/_catalog>; rel="next"' }],
  ['no URL', { Link: '<http://[>; rel="next"' }],
])('a catalog that links to %s', async (_, headers) => {
  const registry = await registryWith()
  referenceScene(registry.store)
  registry.options.intercept = ({ path }) =>
    path === '/v2/_catalog'
      ? { status: 200, headers, body: { repositories: ['../../x', 'A', null, 7, 'ok/name'] } }
      : undefined
  const run = await runEngine(registry, { image: `${REPO}:debug-42`, 'search-repositories': '**' })
  expect([run.result, run.problems]).toEqual(['purged', ''])
  expect(registry.requests.filter(({ path }) => path.includes('..'))).toEqual([])
})
