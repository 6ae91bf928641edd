/** What others do while a cleanup runs, and what registries do that nobody asked for. */
import { describe, expect, test } from '@jest/globals'
import { layer } from '../../../testbed/images/content.js'
import { ociImage, type Image } from '../../../testbed/images/image.js'
import { ociIndex } from '../../../testbed/images/indexes.js'
import { runEngine } from '../../support/engine.js'
import { pushImage } from '../../support/push.js'
import type { MemoryRegistry } from '../../support/memory-registry.js'
import { useRegistries } from '../../support/registries.js'
import { aged, clean, push, REPO } from './scene.js'

const registryWith = useRegistries()

const numbered = (count: number, of: (at: number) => Image, name: string): Record<string, Image> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${name}-${at}`, of(at)]))

/** Does something once, after so many DELETEs of what the pattern matches. */
function afterDeletes(registry: MemoryRegistry, count: number, pattern: RegExp, act: () => void): void {
  let seen = 0
  registry.options.after = ({ method, path }) => {
    if (method === 'DELETE' && pattern.test(path) && ++seen === count) act()
  }
}

/** Whether a tag pulls to its last blob. */
function pulls({ store }: MemoryRegistry, tag: string, image: Image): boolean {
  const blobs = [image.config, ...image.layers].flatMap((blob) => (blob === undefined ? [] : [blob.digest]))
  return (
    store.resolve(REPO, tag) === image.digest &&
    store.hasManifest(REPO, image.digest) &&
    blobs.every((digest) => store.hasBlob(REPO, digest))
  )
}

describe.each([
  ['few', 0],
  ['many', 120],
])('while hundreds of tags are deleted beside %s others', (_, others) => {
  test('a tag that comes to an image which was to go is seen before its manifest is deleted', async () => {
    const registry = await registryWith()
    const [shared, going] = [aged('shared', 9), aged('going', 9, { layers: ['own'] })]
    push(registry, { stable: shared, 'debug-x': going, ...numbered(40, () => shared, 'debug') })
    push(
      registry,
      numbered(others, () => shared, 'v'),
    )
    afterDeletes(registry, 20, /\/manifests\/debug-\d+$/, () => push(registry, { 'release-9': going }))
    const run = await clean(registry, {}, { latency: 200 })
    expect(pulls(registry, 'release-9', going)).toBe(true)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('release-9')
  })

  test('a tag that is pushed again is seen before its own DELETE', async () => {
    const registry = await registryWith()
    const pushed = aged('pushed', 0)
    push(registry, { latest: aged('latest', 1), ...numbered(40, (at) => aged(`d${at}`, 9), 'debug') })
    push(
      registry,
      numbered(others, () => aged('latest', 1), 'v'),
    )
    afterDeletes(registry, 10, /\/manifests\/debug-\d+$/, () => push(registry, { 'debug-9': pushed }))
    const run = await clean(registry, {}, { latency: 200 })
    expect(pulls(registry, 'debug-9', pushed)).toBe(true)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('debug-9')
  })
})

test('a protected tag that moves to what was to go is seen before the first write', async () => {
  const registry = await registryWith()
  const [old, going] = [aged('old', 1), aged('going', 9, { layers: ['own'] })]
  push(registry, { stable: old, 'debug-x': going, latest: aged('l', 1) })
  let lists = 0
  registry.options.after = ({ url }) => {
    if (url.endsWith('/tags/list') && ++lists === 2) push(registry, { stable: going })
  }
  const run = await clean(registry, { 'protected-tags': 'stable' })
  expect(pulls(registry, 'stable', going)).toBe(true)
  expect(run.result).not.toBe('purged')
})

test('what was counted among the newest and is gone before the first write refuses its repository', async () => {
  const registry = await registryWith()
  for (const name of ['acme/a', 'acme/b'])
    push(registry, { 'debug-1': aged(`${name} 1`, 9), 'debug-2': aged(`${name} 2`, 1) }, name)
  registry.options.after = ({ method, path }, store) => {
    if (method === 'DELETE' && path === '/v2/acme/a/manifests/debug-1') store.untag('acme/b', 'debug-2')
  }
  const run = await clean(registry, { repositories: 'acme/a,acme/b', 'keep-newest': '1' })
  expect(run.report.repositories.map(({ result }) => result)).toEqual(['purged', 'refused'])
  expect(run.problems).toContain('acme/b:debug-2 was counted for keep-newest')
  expect(registry.store.tags('acme/b')).toEqual(['debug-1'])
})

describe('at the very end', () => {
  test.each(['a tag', 'a layer'])('%s of an earlier repository that is gone fails the run', async (what) => {
    const registry = await registryWith()
    const stable = aged('stable', 9, { layers: ['of stable'] })
    for (const name of ['acme/a', 'acme/b'])
      push(registry, { 'debug-1': aged(`${name} debug`, 9), stable }, name)
    registry.options.after = ({ method, path }, store) => {
      if (method !== 'DELETE' || path !== '/v2/acme/b/manifests/debug-1') return
      if (what === 'a tag') store.untag('acme/a', 'stable')
      else store.deleteBlob('acme/a', layer('of stable').digest)
    }
    const run = await clean(registry, { repositories: 'acme/a,acme/b', 'protected-tags': 'stable' })
    expect(run.report.repositories.map(({ result }) => result)).toEqual(['incomplete', 'purged'])
    expect(run.result).toBe('incomplete')
    expect(run.report.repositories[0]?.remaining.map(({ verdict }) => verdict)).not.toContain('intact')
    expect(run.problems).toContain('acme/a:stable')
  })

  test('a child that was there when the run began is not called broken before', async () => {
    const registry = await registryWith()
    const [one, two] = [aged('one', 9, { layers: ['1'] }), aged('two', 9, { layers: ['2'] })]
    push(registry, { release: ociIndex([one, two]), 'debug-1': aged('debug', 9) })
    afterDeletes(registry, 1, /\/manifests\/debug-1$/, () => registry.store.deleteManifest(REPO, two.digest))
    const run = await clean(registry)
    expect(run.result).toBe('incomplete')
    expect(run.report.repositories[0]?.remaining).toEqual([
      expect.objectContaining({ tag: 'release', verdict: 'broken' }),
    ])
  })
})

test('a registry that takes the manifest along with a label is asked for one, and no more', async () => {
  const registry = await registryWith({ tagDeleteTakesManifest: 'always' })
  const images = Array.from({ length: 6 }, (_, at) => aged(`arch ${at}`, 9))
  push(registry, { release: ociIndex(images), ...numbered(6, (at) => images[at] as Image, 'debug') })
  const run = await clean(registry)
  expect(run.result).toBe('incomplete')
  expect(run.report.repositories[0]?.tags.map(({ outcome }) => outcome)).toEqual([
    'deleted',
    ...new Array(5).fill('kept'),
  ])
  expect(images.filter(({ digest }) => registry.store.hasManifest(REPO, digest))).toHaveLength(5)
  expect(run.problems).toContain('this registry also deleted its manifest')
})

test('a layer that a remaining image names by sha512 is kept by its other name, too', async () => {
  const registry = await registryWith()
  pushImage(registry.store, REPO, ociImage('stable', { layers: ['same'], algorithm: 'sha512' }), 'stable')
  push(registry, { 'debug-1': aged('debug', 9, { layers: ['same', 'own'] }) })
  const run = await runEngine(registry, { image: `${REPO}:debug-1` })
  expect([run.result, run.problems]).toEqual(['purged', ''])
  const kept = run.report.repositories[0]?.kept.map(({ digest }) => digest)
  expect(kept).toContain(layer('same').digest)
  expect(
    registry.requests.filter(
      ({ method, path }) => method === 'DELETE' && path.endsWith(layer('same').digest),
    ),
  ).toEqual([])
})
