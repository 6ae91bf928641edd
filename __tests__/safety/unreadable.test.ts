/** `unreadable-tags`: a neighbour that cannot be read stands in the way, or counts as broken before. */
import { describe, expect, test } from '@jest/globals'
import { artifact, unknownManifest } from '../../testbed/images/artifacts.js'
import { layer } from '../../testbed/images/content.js'
import { ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { schema1Image } from '../../testbed/images/schema1.js'
import { runEngine } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import type { MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { realDeletes, served } from './wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }
const IGNORE = { ...IMAGE, 'unreadable-tags': 'ignore' }

type Setting = (registry: MemoryRegistry) => void
const broken = ociImage('broken')
const nested = ociIndex([broken, ociImage('sound')])

const UNREADABLE: [string, Setting][] = [
  [
    'answers 500',
    ({ store, options }) => {
      pushImage(store, REPO, broken, 'odd')
      options.reads = { odd: 500 }
    },
  ],
  ['has an empty link file', ({ store }) => store.corruptTag(REPO, 'odd')],
  [
    'answers with a page of HTML',
    ({ store, options }) => {
      pushImage(store, REPO, broken, 'odd')
      options.reads = { odd: 'html' }
    },
  ],
  [
    'answers with a body that is cut off',
    ({ store, options }) => {
      pushImage(store, REPO, broken, 'odd')
      options.reads = { odd: 'cut-body' }
    },
  ],
  [
    'is an index of which a child is missing',
    ({ store }) => {
      pushImage(store, REPO, nested, 'odd')
      store.deleteManifest(REPO, broken.digest)
    },
  ],
  [
    'is an index of which a child answers 503',
    ({ store, options }) => {
      pushImage(store, REPO, nested, 'odd')
      options.reads = { [broken.digest]: 503 }
    },
  ],
  [
    'has referrers that cannot be listed',
    ({ store, options }) => {
      pushImage(store, REPO, broken, 'odd')
      options.referrers = true
      options.referrersTwist = (_, digest) => (digest === broken.digest ? { status: 500 } : undefined)
    },
  ],
]

describe.each(UNREADABLE)('a remaining tag that %s', (what, setting) => {
  test('refuses by default, and names the way out', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    setting(registry)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('refused')
    expect(run.problems).toContain('`unreadable-tags: ignore`')
    expect(run.problems).toMatch(what.includes('referrers') ? broken.digest : /acme\/search-indexer:odd/)
    expect(realDeletes(registry, scene.gone)).toEqual([])
  })

  test('counts as broken before with `ignore`, and no longer blocks the purge', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    setting(registry)
    const run = await runEngine(registry, IGNORE)
    expect(run.problems).toBe('')
    expect(run.result).toBe('purged')
    expect(served(registry, REPO, scene.gone)).toEqual([])
    const [entry] = run.report.repositories
    expect(entry?.warnings.join('\n')).toContain('counts it as broken before this run')
    const verdict = entry?.remaining.find(({ tag }) => tag === 'odd')?.verdict
    expect(verdict).toBe(what.includes('referrers') ? 'intact' : 'broken-before')
  })
})

test('what can be read of a tag that is passed over is still protected', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const secret = 'debug-42/secret'
  pushImage(registry.store, REPO, ociIndex([broken, ociImage('sound', { layers: [secret] })]), 'odd')
  registry.store.deleteManifest(REPO, broken.digest)
  const run = await runEngine(registry, IGNORE)
  expect(run.result).toBe('purged')
  expect(served(registry, REPO, [layer(secret).digest])).toEqual([layer(secret).digest])
  expect(scene.gone).toContain(layer(secret).digest)
})

test('a lie is not passed over', async () => {
  const registry = await registryWith({ reads: { latest: 'wrong-body' } })
  referenceScene(registry.store)
  for (const dry of ['true', 'false'])
    expect((await runEngine(registry, { ...IGNORE, 'dry-run': dry })).result).toBe('refused')
})

test('a protected tag is not passed over', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  pushImage(registry.store, REPO, nested, 'odd')
  registry.store.deleteManifest(REPO, broken.digest)
  expect((await runEngine(registry, { ...IGNORE, 'protected-tags': 'odd' })).result).toBe('refused')
  registry.options.reads = { odd: 500 }
  expect((await runEngine(registry, { ...IGNORE, 'protected-tags': 'odd' })).result).toBe('refused')
})

test('a tag that was readable and is not any more stops the blobs, whatever was decided', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  registry.options.after = ({ method, path }) => {
    if (method === 'DELETE' && path.endsWith(scene.leak.digest)) registry.options.reads = { latest: 500 }
  }
  const run = await runEngine(registry, IGNORE)
  expect(run.result).toBe('incomplete')
  expect(served(registry, REPO, scene.gone.slice(1))).toEqual(scene.gone.slice(1))
})

test('a tag that was passed over and starts to answer before the first write stops the run', async () => {
  const registry = await registryWith({ reads: { odd: 500 } })
  const scene = referenceScene(registry.store)
  pushImage(registry.store, REPO, ociImage('odd', { layers: ['debug-42/secret'] }), 'odd')
  let lists = 0
  registry.options.intercept = ({ url }) => {
    if (url.endsWith('/tags/list') && ++lists === 2) registry.options.reads = {}
  }
  const run = await runEngine(registry, IGNORE)
  expect(run.result).toBe('refused')
  expect(realDeletes(registry, scene.gone)).toEqual([])
})

describe('schema 1', () => {
  test.each([true, false])('layers of a remaining manifest count as needed (signed: %s)', async (signed) => {
    const registry = await registryWith({ dialect: '2.8', schema1: true })
    referenceScene(registry.store)
    const old = schema1Image('old', { layers: ['debug-42/secret', 'old/own'], signed })
    pushImage(registry.store, REPO, old, 'old')
    const run = await runEngine(registry, IMAGE)
    expect(run.problems).toBe('')
    expect(run.result).toBe('purged')
    const secret = layer('debug-42/secret').digest
    expect(served(registry, REPO, [secret])).toEqual([secret])
    expect(run.report.repositories[0]?.kept.find(({ digest }) => digest === secret)?.heldBy).toEqual(['old'])
    expect(run.report.repositories[0]?.remaining.find(({ tag }) => tag === 'old')?.verdict).toBe('intact')
  })

  test('a conversion is no schema 1 manifest that is stored', async () => {
    const registry = await registryWith({ reads: { latest: 'schema-1' } })
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('refused')
    expect(run.problems).toContain('conversion')
    expect(realDeletes(registry, scene.gone)).toEqual([])
  })

  test('one whose signed text does not hash can be passed over', async () => {
    const registry = await registryWith({ schema1: true })
    referenceScene(registry.store)
    const old = schema1Image('old')
    const other = Buffer.from(old.bytes.toString().replace('"amd64"', '"arm64"'))
    for (const blob of old.layers) registry.store.putBlob(REPO, blob.bytes)
    registry.store.putManifest(REPO, old.mediaType, other, 'old', old.digest)
    expect((await runEngine(registry, IMAGE)).result).toBe('refused')
    expect((await runEngine(registry, IGNORE)).result).toBe('purged')
  })

  test('a leak that is answered with schema 1 refuses', async () => {
    const registry = await registryWith({ dialect: '2.8', schema1: true })
    referenceScene(registry.store)
    pushImage(registry.store, REPO, schema1Image('old'), 'old')
    const run = await runEngine(registry, { image: `${REPO}:old` })
    expect(run.result).toBe('refused')
    expect(run.problems).toContain('schema 1')
  })

  test('its label alone can go', async () => {
    const registry = await registryWith({ dialect: '2.8', schema1: true })
    referenceScene(registry.store)
    const old = schema1Image('old')
    pushImage(registry.store, REPO, old, 'old')
    const run = await runEngine(registry, { image: `${REPO}:old`, scope: 'tag' })
    expect(run.problems).toBe('')
    expect(run.result).toBe('purged')
    expect(registry.store.hasManifest(REPO, old.digest)).toBe(true)
    expect(registry.store.tags(REPO)).not.toContain('old')
  })
})

test('a remaining manifest of unknown kind holds every digest written in it', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const [, , , secret] = scene.leak.layers
  pushImage(registry.store, REPO, unknownManifest('odd', { mentions: [secret?.digest ?? ''] }), 'odd')
  pushImage(registry.store, REPO, artifact('sbom'), 'sbom')
  const run = await runEngine(registry, IMAGE)
  expect(run.result).toBe('purged')
  expect(served(registry, REPO, [secret?.digest ?? ''])).toEqual([secret?.digest])
})
