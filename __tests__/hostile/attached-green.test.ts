/** Green must mean that what belongs to the image is gone, too. */
import { describe, expect, test } from '@jest/globals'
import { artifact, signature, signatureTag } from '../../testbed/images/artifacts.js'
import { ociImage } from '../../testbed/images/image.js'
import { runEngine } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { served } from '../safety/wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }

test('a tag of the image that cannot be read is no neighbour that may be ignored', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const signed = signature('leak', scene.leak)
  const tag = signatureTag(scene.leak.digest, 'sbom')
  pushImage(registry.store, REPO, signed, tag)
  registry.options.reads = { [tag]: 503 }
  const run = await runEngine(registry, { ...IMAGE, 'unreadable-tags': 'ignore' })
  if (run.result === 'purged') expect(served(registry, REPO, [signed.digest])).toEqual([])
})

test('content of a signature that another tag lets go of during the run goes', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const sbom = (name: string) => ociImage(`sbom of ${name}`, { layers: ['the same packages'] })
  const [own, other] = [sbom('leak'), sbom('other')]
  pushImage(registry.store, REPO, own, signatureTag(scene.leak.digest, 'sbom'))
  const second = ociImage('debug-43')
  pushImage(registry.store, REPO, second, 'debug-43')
  pushImage(registry.store, REPO, other, signatureTag(second.digest, 'sbom'))
  let done = false
  registry.options.after = ({ method, path }, store) => {
    if (done || method !== 'DELETE' || !path.endsWith(scene.leak.digest)) return
    done = true
    store.deleteManifest(REPO, second.digest)
    store.deleteManifest(REPO, other.digest)
  }
  await runEngine(registry, IMAGE)
  expect(done).toBe(true)
  const layer = own.layers[0]?.digest ?? ''
  expect(served(registry, REPO, [layer])).toEqual([])
})

describe('one answer of 404 is not the lack of an API for referrers', () => {
  test.each([
    ['404 json', { status: 404, body: { errors: [{ code: 'NAME_UNKNOWN' }] } }],
    ['200 html', { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>login</html>' }],
    ['501', { status: 501 }],
    ['405', { status: 405 }],
  ])('%s', async (_, answer) => {
    const registry = await registryWith({ dialect: 'olareg' })
    const scene = referenceScene(registry.store)
    const sbom = artifact('sbom', { subject: scene.leak })
    pushImage(registry.store, REPO, sbom)
    let asked = 0
    registry.options.intercept = ({ path }) =>
      path.includes('/referrers/') && asked++ === 0 ? answer : undefined
    const run = await runEngine(registry, IMAGE)
    if (run.result === 'purged') expect(served(registry, REPO, [sbom.digest])).toEqual([])
  })
})

test('one answer of 404 does not cost an attachment of a remaining image its content', async () => {
  const registry = await registryWith({ dialect: 'olareg' })
  const scene = referenceScene(registry.store)
  // The SBOM of an image that stays holds a file that the leak has as a layer.
  const [, , , secret] = scene.leak.layers
  const sbom = ociImage('sbom', { subject: scene.latest, layers: secret === undefined ? [] : [secret] })
  pushImage(registry.store, REPO, sbom)
  let asked = 0
  registry.options.intercept = ({ path }) =>
    path.includes('/referrers/') && asked++ === 0 ? { status: 404 } : undefined
  await runEngine(registry, IMAGE)
  expect(served(registry, REPO, [secret?.digest ?? ''])).toEqual([secret?.digest])
})

test('a referrer that comes by the API after the survey', async () => {
  const registry = await registryWith({ dialect: 'zot' })
  const scene = referenceScene(registry.store)
  const sbom = artifact('sbom', { subject: scene.leak })
  let lists = 0
  registry.options.intercept = ({ url }, store) => {
    if (url.endsWith('/tags/list') && ++lists === 2) pushImage(store, REPO, sbom)
  }
  const run = await runEngine(registry, IMAGE)
  if (run.result === 'purged') expect(served(registry, REPO, [sbom.digest])).toEqual([])
})

test('a signature tag that comes after the first write', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const signed = signature('late', scene.leak)
  let done = false
  registry.options.after = ({ method, path }, store) => {
    if (done || method !== 'DELETE' || !path.endsWith('debug-42')) return
    done = true
    pushImage(store, REPO, signed, signatureTag(scene.leak.digest))
  }
  const run = await runEngine(registry, IMAGE)
  if (run.result === 'purged') expect(served(registry, REPO, [signed.digest])).toEqual([])
})
