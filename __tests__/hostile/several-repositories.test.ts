import { expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import { useRegistries } from '../support/registries.js'

const registryWith = useRegistries()

test('somebody pushes the leak again to the first repository while the second is purged', async () => {
  const registry = await registryWith()
  const leak = ociImage('leak')
  for (const repo of ['one', 'two']) {
    pushImage(registry.store, repo, leak, 'debug')
    pushImage(registry.store, repo, ociImage(`${repo} keep`), 'latest')
  }
  registry.options.after = ({ method, path }, store) => {
    if (method === 'DELETE' && path === '/v2/two/manifests/debug') pushImage(store, 'one', leak, 'debug')
  }
  const run = await runEngine(registry, { image: 'one:debug\ntwo:debug' })
  // It is deleted again, or the run is not green.
  const tag = registry.store.resolve('one', 'debug')
  const served = registry.store.hasManifest('one', leak.digest)
  expect([run.result, tag, served]).toEqual(['purged', undefined, false])
})

test('one hiccup when the first repository is asked once more does not undo a proof', async () => {
  const registry = await registryWith()
  for (const repo of ['one', 'two']) {
    pushImage(registry.store, repo, ociImage(`${repo} leak`), 'debug')
    pushImage(registry.store, repo, ociImage(`${repo} keep`), 'latest')
  }
  let two = false
  let hiccups = 0
  registry.options.intercept = ({ method, path }) => {
    if (method === 'DELETE' && path === '/v2/two/manifests/debug') two = true
    return two && path.startsWith('/v2/one/') && hiccups++ === 0
      ? { status: 503, body: { errors: [{ code: 'UNAVAILABLE' }] } }
      : undefined
  }
  const run = await runEngine(registry, { image: 'one:debug\ntwo:debug' })
  expect(hiccups).toBeGreaterThan(0)
  expect([run.result, run.problems]).toEqual(['purged', ''])
})
