import { expect, test } from '@jest/globals'
import { ociImage } from '../../../testbed/images/image.js'
import { pushImage } from '../../support/push.js'
import { useRegistries } from '../../support/registries.js'
import { expectResult, purge } from '../support/support.js'

const registryWith = useRegistries()

test('a long step says how far it has come, outside of its group', async () => {
  const registry = await registryWith({ delay: 100 })
  const image = ociImage('image')
  for (let at = 0; at < 600; at++) pushImage(registry.store, 'acme/app', image, `v${at}`)
  pushImage(registry.store, 'acme/app', ociImage('debug'), 'debug-1')
  const run = await purge(registry, {
    repositories: 'acme/app',
    tags: 'debug-*',
    'older-than': '0s',
    'dry-run': 'true',
  })
  expectResult(run, 'planned')
  const told = run.output.outside.filter((line) => line.startsWith('Resolve: '))
  expect(told.length).toBeGreaterThan(1)
  for (const line of told.slice(0, -1))
    expect(line).toMatch(/^Resolve: \d+ of 601 tags read, \d+ a second, about \d+ s left$/)
  expect(run.output.groups.map(({ title }) => title)).toEqual(['List tags', 'Resolve', 'Plan'])
}, 60_000)
