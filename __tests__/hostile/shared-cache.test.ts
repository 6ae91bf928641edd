import { expect, test } from '@jest/globals'
import { layer } from '../../testbed/images/content.js'
import { ociImage } from '../../testbed/images/image.js'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import { useRegistries } from '../support/registries.js'

const registryWith = useRegistries()

test('redis up to 3.0.0: a layer that the second repository keeps comes back in the first one', async () => {
  const registry = await registryWith({ revivesElsewhere: true })
  pushImage(registry.store, 'one', ociImage('leak one', { layers: ['secret', 'a'] }), 'debug')
  pushImage(registry.store, 'one', ociImage('one keep'), 'latest')
  pushImage(registry.store, 'two', ociImage('leak two', { layers: ['secret', 'b'] }), 'debug')
  pushImage(registry.store, 'two', ociImage('two keep', { layers: ['secret', 'c'] }), 'latest')
  const run = await runEngine(registry, { image: 'one:debug\ntwo:debug', 'verify-timeout': '30s' })
  const { status } = await fetch(`${registry.url}/v2/one/blobs/${layer('secret').digest}`)
  expect({ result: run.result, status }).not.toEqual({ result: 'purged', status: 200 })
})
