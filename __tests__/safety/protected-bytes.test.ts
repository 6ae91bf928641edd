/** A tag that `protected-tags` names plainly: HEAD is no proof that a blob can be pulled, so its bytes must arrive. */
import { describe, expect, test } from '@jest/globals'
import { foreignLayer } from '../../testbed/images/content.js'
import { ociImage, type Image } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import type { MemoryOptions, MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'

const registryWith = useRegistries()
const REPO = 'acme/app'
const LARGE = 3 << 20

const leak = ociImage('leak', { layers: ['base', 'secret'] })
const release = ociImage('release', { layers: ['base', 'app'] })
const other = ociImage('other', { layers: ['base', 'app', 'other'] })

async function registryOf(
  tags: Readonly<Record<string, Image>>,
  options: MemoryOptions = {},
): Promise<MemoryRegistry> {
  const registry = await registryWith(options)
  for (const [tag, image] of Object.entries({ leak, ...tags })) pushImage(registry.store, REPO, image, tag)
  return registry
}

const purge = (registry: MemoryRegistry, inputs: Readonly<Record<string, string>> = {}): Promise<EngineRun> =>
  runEngine(registry, { image: `${REPO}:leak`, ...inputs })

const verdictOf = ({ report }: EngineRun, tag: string): string | undefined =>
  report.repositories[0]?.remaining.find((each) => each.tag === tag)?.verdict

/** The methods by which blobs were asked for that no round of the proof names. */
function methodsOf({ requests }: MemoryRegistry, { config, layers }: Image): Record<string, string[]> {
  const digests = [config, ...layers].flatMap((content) => content?.digest ?? [])
  return Object.fromEntries(
    digests.map((digest) => [
      digest,
      requests.filter(({ path }) => path === `/v2/${REPO}/blobs/${digest}`).map(({ method }) => method),
    ]),
  )
}

const digestAt = ({ layers }: Image, at: number): string => layers[at]?.digest ?? ''
const app = digestAt(release, 1)

describe('a layer of which only the cached descriptor is left', () => {
  test.each([
    ['a small layer', release],
    ['a large layer', ociImage('large', { layers: ['large'], layerSize: LARGE })],
  ])('%s: a plainly named tag that needs it is no success', async (_, image) => {
    const registry = await registryOf({ release: image })
    registry.options.reads = { [image.layers.at(-1)?.digest ?? '']: 'stale-descriptor' }
    const run = await purge(registry, { 'protected-tags': 'release' })
    expect([verdictOf(run, 'release'), run.result]).toEqual(['broken-before', 'incomplete'])
    expect(run.problems).toContain(`${REPO}:release is in protected-tags and does not pull`)
  })

  test('of a child of a plainly named index', async () => {
    const registry = await registryOf({ release: ociIndex([other, release]) })
    registry.options.reads = { [app]: 'stale-descriptor' }
    const run = await purge(registry, { 'protected-tags': 'release' })
    expect([verdictOf(run, 'release'), run.result]).toEqual(['broken-before', 'incomplete'])
  })

  test('that the purged image has, too', async () => {
    const registry = await registryOf({ release })
    const base = digestAt(release, 0)
    registry.options.reads = { [base]: 'stale-descriptor' }
    const run = await purge(registry, { 'protected-tags': 'release' })
    expect([verdictOf(run, 'release'), run.result]).toEqual(['broken-before', 'incomplete'])
  })

  test('a large one that the purged image has, too', async () => {
    const big = { layers: ['big'], layerSize: LARGE }
    const [one, two] = [ociImage('one', big), ociImage('two', big)]
    const registry = await registryWith()
    pushImage(registry.store, REPO, one, 'leak')
    pushImage(registry.store, REPO, two, 'release')
    registry.options.reads = { [digestAt(one, 0)]: 'stale-descriptor' }
    const run = await purge(registry, { 'protected-tags': 'release' })
    expect([verdictOf(run, 'release'), run.result]).toEqual(['broken-before', 'incomplete'])
  })

  test('in a cleanup', async () => {
    const registry = await registryOf({ release })
    registry.options.reads = { [app]: 'stale-descriptor' }
    const run = await runEngine(registry, {
      repositories: REPO,
      tags: 'leak',
      'older-than': '0s',
      'keep-newest': '0',
      'max-deletions': '5',
      'protected-tags': 'release',
    })
    expect([verdictOf(run, 'release'), run.result]).toEqual(['broken-before', 'incomplete'])
  })

  test.each(['none', 'rel*', '{release,v1}', 'releas[e]'])(
    'is not found by HEAD, which is all that other tags get: %s',
    async (tags) => {
      const registry = await registryOf({ release })
      registry.options.reads = { [app]: 'stale-descriptor' }
      const run = await purge(registry, { 'protected-tags': tags })
      expect([verdictOf(run, 'release'), run.result]).toEqual(['intact', 'purged'])
    },
  )
})

test.each([
  ['without content', { status: 200, headers: { 'Content-Type': 'application/octet-stream' } }],
  ['with other bytes', { status: 200, body: 'x'.repeat(release.layers[1]?.size ?? 0) }],
  ['with a page of HTML', { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>' }],
])('a layer that comes %s is no success', async (_, answer) => {
  const registry = await registryOf({ release })
  registry.options.intercept = ({ method, path }) =>
    method === 'GET' && path.endsWith(`/blobs/${app}`) ? answer : undefined
  const run = await purge(registry, { 'protected-tags': 'release' })
  expect([verdictOf(run, 'release'), run.result]).toEqual(['broken-before', 'incomplete'])
})

test('a layer that the storage behind a redirect does not have is no success', async () => {
  const registry = await registryOf({ release }, { redirectBlobs: true })
  expect((await purge(registry, { 'protected-tags': 'release' })).result).toBe('purged')
  const lost = await registryOf({ release }, { redirectBlobs: true })
  lost.storage.lost.add(app)
  const run = await purge(lost, { 'protected-tags': 'release' })
  expect([verdictOf(run, 'release'), run.result]).toEqual(['broken-before', 'incomplete'])
})

test('a foreign layer may be unknown to the registry, but it must not be promised without content', async () => {
  const image = ociImage('windows', { layers: [foreignLayer('windows'), 'own'] })
  const registry = await registryOf({ release: image })
  const run = await purge(registry, { 'protected-tags': 'release' })
  expect([verdictOf(run, 'release'), run.result]).toEqual(['intact', 'purged'])
  const promised = await registryOf({ release: image })
  promised.options.intercept = ({ path }) =>
    path.endsWith(`/blobs/${digestAt(image, 0)}`) ? { status: 200 } : undefined
  expect((await purge(promised, { 'protected-tags': 'release' })).result).toBe('incomplete')
})

test('each blob of a plainly named tag is fetched once, and never asked for by HEAD; others are by HEAD', async () => {
  const large = ociImage('large', { layers: ['app', 'large'], layerSize: LARGE })
  const registry = await registryOf({ release, other, alias: release, large })
  const run = await purge(registry, { 'protected-tags': 'release, large', 'verify-attempts': '1' })
  expect([run.result, run.problems]).toEqual(['purged', ''])
  const [config, base, shared] = [release.config?.digest ?? '', digestAt(release, 0), app]
  // The shared layer is asked for once for all tags that need it, the config may be the control of a round as well.
  expect(methodsOf(registry, release)).toEqual({
    [config]: expect.not.arrayContaining(['HEAD']),
    [base]: ['GET'],
    [shared]: ['GET'],
  })
  expect(methodsOf(registry, large)[digestAt(large, 1)]).toEqual(['GET'])
  expect(methodsOf(registry, other)[digestAt(other, 2)]).toEqual(['HEAD'])
})

test('with `scope: tag` as well', async () => {
  const registry = await registryOf({ release, keep: leak })
  registry.options.reads = { [app]: 'stale-descriptor' }
  const run = await purge(registry, { scope: 'tag', 'protected-tags': 'release' })
  expect([verdictOf(run, 'release'), run.result]).toEqual(['broken-before', 'incomplete'])
})
