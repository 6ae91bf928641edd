/** sha512: the same bytes can be served under a sha256 digest, too, which no manifest tells. */
import { describe, expect, test } from '@jest/globals'
import { bySha512, EMPTY_CONFIG, layer } from '../../testbed/images/content.js'
import { ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { runEngine } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { realDeletes, served } from './wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }

describe.each(['3.1', 'olareg'] as const)('on %s', (dialect) => {
  test('layers that are named by sha512 go under both digests', async () => {
    const registry = await registryWith({ dialect })
    const leak = ociImage('leak', { algorithm: 'sha512' })
    pushImage(registry.store, REPO, leak, 'debug-42')
    pushImage(registry.store, REPO, ociImage('latest'), 'latest')
    const run = await runEngine(registry, IMAGE)
    expect(run.problems).toBe('')
    expect(run.result).toBe('purged')
    const both = ['leak/1', 'leak/2'].flatMap((seed) => [layer(seed).digest, layer(seed, 0, 'sha512').digest])
    expect(served(registry, REPO, both)).toEqual([])
    expect(run.report.repositories[0]?.blobs.map(({ digest }) => digest)).toEqual(
      expect.arrayContaining(both),
    )
  })

  test('a twin that a remaining tag needs by its sha256 stays, and so does the other', async () => {
    const registry = await registryWith({ dialect })
    pushImage(registry.store, REPO, ociImage('leak', { algorithm: 'sha512' }), 'debug-42')
    pushImage(registry.store, REPO, ociImage('latest', { layers: ['leak/1'] }), 'latest')
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    const both = [layer('leak/1').digest, layer('leak/1', 0, 'sha512').digest]
    expect(served(registry, REPO, both)).toEqual(both)
    expect(run.report.repositories[0]?.kept.map(({ digest }) => digest)).toEqual(expect.arrayContaining(both))
  })

  test('children that are named by sha512 go, with their layers', async () => {
    const registry = await registryWith({ dialect, sha512Manifests: 'twin' })
    const child = bySha512(ociImage('child'))
    pushImage(registry.store, REPO, ociIndex([child]), 'debug-42')
    pushImage(registry.store, REPO, ociImage('latest'), 'latest')
    const run = await runEngine(registry, IMAGE)
    expect(run.problems).toBe('')
    expect(run.result).toBe('purged')
    expect(served(registry, REPO, [child.digest, ...child.layers.map(({ digest }) => digest)])).toEqual([])
  })
})

test('a tag whose manifest the registry names by sha512 goes', async () => {
  const registry = await registryWith({ dialect: 'olareg' })
  const leak = bySha512(ociImage('leak'))
  pushImage(registry.store, REPO, leak, 'debug-42')
  pushImage(registry.store, REPO, ociImage('latest'), 'latest')
  const run = await runEngine(registry, IMAGE)
  expect(run.problems).toBe('')
  expect(run.result).toBe('purged')
  expect(served(registry, REPO, [leak.digest])).toEqual([])
})

test('the lines of Plan are taken by a later run', async () => {
  const registry = await registryWith()
  pushImage(registry.store, REPO, ociImage('leak', { algorithm: 'sha512' }), 'debug-42')
  pushImage(registry.store, REPO, ociImage('latest'), 'latest')
  const { log } = await runEngine(registry, IMAGE)
  const linesOf = (name: string): string =>
    log
      .slice(log.indexOf(`${name}: |`) + 1)
      .slice(
        0,
        log.slice(log.indexOf(`${name}: |`) + 1).findIndex((line) => !line.startsWith('  ')),
      )
      .join('\n')
  expect(linesOf('blobs')).toContain('@sha512:')
  const again = await runEngine(registry, { image: linesOf('image'), blobs: linesOf('blobs') })
  expect(again.problems).toBe('')
  expect(again.result).toBe('purged')
})

test('a blob that is named by its sha512 goes with its twin', async () => {
  const registry = await registryWith()
  pushImage(registry.store, REPO, ociImage('latest'), 'latest')
  const alone = layer('alone', 0, 'sha512')
  registry.store.putBlob(REPO, alone.bytes, 'sha512')
  const run = await runEngine(registry, { blobs: `${REPO}@${alone.digest}` })
  expect(run.result).toBe('purged')
  expect(served(registry, REPO, [alone.digest, layer('alone').digest])).toEqual([])
})

test('a well-known empty blob is not deleted under its sha512 either', async () => {
  const registry = await registryWith()
  const leak = ociImage('leak', { layers: [bySha512({ ...EMPTY_CONFIG }), 'own'] })
  pushImage(registry.store, REPO, leak, 'debug-42')
  pushImage(registry.store, REPO, ociImage('latest'), 'latest')
  const run = await runEngine(registry, IMAGE)
  expect(run.result).toBe('purged')
  const both = [EMPTY_CONFIG.digest, bySha512({ ...EMPTY_CONFIG }).digest]
  expect(served(registry, REPO, both)).toEqual(both)
})

test.each([503, 200])('a blob that cannot be read to find its twin refuses (%d)', async (status) => {
  const registry = await registryWith()
  const leak = ociImage('leak', { algorithm: 'sha512' })
  pushImage(registry.store, REPO, leak, 'debug-42')
  pushImage(registry.store, REPO, ociImage('latest'), 'latest')
  const [first] = leak.layers
  registry.options.intercept = ({ path }) =>
    path.endsWith(first?.digest ?? '') ? { status, body: 'something else' } : undefined
  const run = await runEngine(registry, IMAGE)
  expect(run.result).toBe('refused')
  expect(run.problems).toContain('named by sha512')
  expect(realDeletes(registry, [leak.digest])).toEqual([])
})
