import { expect, test } from '@jest/globals'
import { layer } from '../../testbed/images/content.js'
import { ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import { deleteTwists, type DeleteTwist } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { realDeletes } from './wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42`, 'verify-timeout': '30s' }
const denied: DeleteTwist = { worked: false, answer: { status: 405, body: { errors: [{ code: 'DENIED' }] } } }

test('405 DENIED means not yet: the DELETE is sent again after the others, and burst by burst only if it still answers', async () => {
  const registry = await registryWith()
  const first = layer('debug-42/secret').digest
  registry.options.onDelete = ({ reference, attempt }) =>
    reference === first && attempt === 1 ? denied : undefined
  referenceScene(registry.store)
  const run = await runEngine(registry, IMAGE)
  expect(run.result).toBe('purged')
  expect(realDeletes(registry, [first])).toHaveLength(2)
})

test('a 500 that worked is looked up, and the proof comes without a burst', async () => {
  const secret = layer('debug-42/secret').digest
  const registry = await registryWith({
    onDelete: ({ reference }) => (reference === secret ? deleteTwists.failedButWorked : undefined),
  })
  referenceScene(registry.store)
  const run = await runEngine(registry, IMAGE)
  expect(run.result).toBe('purged')
  expect(run.report.repositories[0]?.blobs.find(({ digest }) => digest === secret)?.outcome).toBe(
    'already-gone',
  )
})

test('a registry with no blob of any remaining tag left proves nothing', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  registry.options.reads = {}
  let controls = 0
  registry.options.intercept = ({ method, path }) => {
    // Blobs answer as long as rounds go on, and not one of them does at the end.
    if (method === 'HEAD' || (controls > 0 && path.includes('/blobs/')))
      return { status: 404, body: { errors: [{ code: 'BLOB_UNKNOWN' }] } }
    if (scene.kept.some((digest) => path.endsWith(digest))) controls++
    return controls > 0 && path.includes('/blobs/')
      ? { status: 404, body: { errors: [{ code: 'BLOB_UNKNOWN' }] } }
      : undefined
  }
  const run = await runEngine(registry, IMAGE)
  expect(run.result).toBe('incomplete')
  expect(run.problems).toContain('not one blob of the remaining tags')
})

test('several repositories are all planned before the first write in any, and one refusal refuses all', async () => {
  const registry = await registryWith()
  const one = referenceScene(registry.store, 'acme/one')
  const two = referenceScene(registry.store, 'acme/two')
  registry.store.tag('acme/two', 'alias', two.leak.digest)
  const run = await runEngine(registry, { image: 'acme/one:debug-42, acme/two:debug-42' })
  expect(run.result).toBe('refused')
  expect(realDeletes(registry, ['debug-42', ...one.gone])).toEqual([])
})

test('an index whose child is gone already is purged, and the child proven gone', async () => {
  const registry = await registryWith()
  const child = ociImage('child')
  const lost = ociImage('lost')
  pushImage(registry.store, REPO, ociIndex([child, lost]), 'debug-42')
  pushImage(registry.store, REPO, ociImage('latest'), 'latest')
  registry.store.deleteManifest(REPO, lost.digest)
  const run = await runEngine(registry, IMAGE)
  expect(run.result).toBe('purged')
  expect(run.report.repositories[0]?.manifests.find(({ digest }) => digest === lost.digest)).toMatchObject({
    outcome: 'already-gone',
    verdict: 'gone',
  })
})

test.each([{}, { scope: 'tag' }])(
  'a registry that refuses to delete a tag, and deletes it, was written to: %j',
  async (more) => {
    const registry = await registryWith({
      onDelete: ({ kind }) =>
        kind === 'tag'
          ? { worked: true, answer: { status: 403, body: { errors: [{ code: 'DENIED', message: 'no' }] } } }
          : undefined,
    })
    referenceScene(registry.store)
    const run = await runEngine(registry, { ...IMAGE, 'verify-timeout': '5s', ...more })
    expect(registry.store.resolve(REPO, 'debug-42')).toBeUndefined()
    expect(run.result).not.toBe('refused')
  },
)
