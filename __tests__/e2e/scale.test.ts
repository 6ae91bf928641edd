/** What many tags and many repositories cost, with what a run of the bundle holds in memory. */
import { expect, jest, test } from '@jest/globals'
import { planMany } from '../../scripts/bench/many.js'
import { aged, push } from '../cleanup/scene.js'
import { runEngine } from '../support/engine.js'
import { useRegistries } from '../support/registries.js'

jest.setTimeout(300_000)
const registryWith = useRegistries()

test('20,000 tags are planned in bounded memory, with one request for each', async () => {
  const planned = await planMany(20_000)
  expect(planned).toMatchObject({ result: 'planned', planned: 300 })
  // The list, a GET for each tag, the configs of 300 candidates, one question for referrers, two for deletion.
  expect(planned.requests).toBe(1 + 20_000 + 300 + 1 + 2)
  expect(planned.mib).toBeLessThan(250)
})

test('2,000 tags are planned in less than 150 MiB', async () => {
  const planned = await planMany(2_000)
  expect(planned).toMatchObject({ result: 'planned', planned: 300 })
  expect(planned.mib).toBeLessThan(150)
})

test('a catalog of 1,000 repositories is planned whole, those with nothing to do for the price of their lists and tags', async () => {
  const registry = await registryWith({ paging: { size: 100 } })
  const image = aged('debug', 9)
  const names = Array.from({ length: 1000 }, (_, at) => `acme/r${String(at).padStart(4, '0')}`)
  for (const [at, name] of names.entries())
    push(registry, at % 10 === 0 ? { 'debug-1': image } : { latest: image }, name)
  const inputs = { repositories: 'acme/*', tags: 'debug-*', 'older-than': '3d', 'dry-run': 'true' }
  const run = await runEngine(registry, inputs)
  expect(run.result).toBe('planned')
  expect(run.report.repositories).toHaveLength(1000)
  expect(run.report.repositories.filter(({ result }) => result === 'planned')).toHaveLength(100)
  expect(run.report.requests).toMatchObject({
    'list-tags': 1000,
    'read-tag': 1000,
    probe: 200,
    'read-config': 100,
  })
  expect(run.log.filter((line) => line.startsWith('▸ Resolve'))).toEqual(
    names.map((name) => `▸ Resolve (${name})`),
  )
})
