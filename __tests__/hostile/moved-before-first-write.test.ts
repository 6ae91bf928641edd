/** A remaining tag that is moved between the survey and the look in front of the first write. */
import { expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import { useRegistries } from '../support/registries.js'

const registryWith = useRegistries()

test('two repositories: moved while the first one is verified', async () => {
  const registry = await registryWith()
  const shared = ociImage('shared')
  pushImage(registry.store, 'one', ociImage('one'), 'debug')
  pushImage(registry.store, 'one', ociImage('one keep'), 'latest')
  pushImage(registry.store, 'two', ociIndex([shared, ociImage('own')]), 'debug')
  pushImage(registry.store, 'two', ociImage('latest'), 'latest')
  let done = false
  registry.options.after = ({ method, path }, store) => {
    if (done || method !== 'DELETE' || !path.startsWith('/v2/one/manifests/debug')) return
    done = true
    pushImage(store, 'two', ociIndex([shared, ociImage('more')]), 'latest')
  }
  await runEngine(registry, { image: 'one:debug\ntwo:debug' })
  expect(done).toBe(true)
  expect(registry.store.hasManifest('two', shared.digest)).toBe(true)
})
