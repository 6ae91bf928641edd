import { describe, expect, test } from '@jest/globals'
import { artifact } from '../../../testbed/images/artifacts.js'
import { ociIndex } from '../../../testbed/images/indexes.js'
import { pushImage } from '../../support/push.js'
import type { MemoryOptions } from '../../support/memory-registry.js'
import { useRegistries } from '../../support/registries.js'
import { aged, because, chosen, clean, daysOld, push, REPO } from './scene.js'

type Registry = Awaited<ReturnType<typeof registryWith>>

const registryWith = useRegistries()

const ways: readonly [string, MemoryOptions][] = [
  ['tag', {}],
  ['gitlab', { dialect: '2.8', gitlab: true }],
  ['placeholder', { dialect: '2.8' }],
]

describe.each(ways)('a selected tag on an image that stays loses its label by the way %s', (way, options) => {
  test('beside others that go whole', async () => {
    const registry = await registryWith(options)
    const shared = aged('shared', 9)
    const going = aged('going', 9, { layers: ['base', 'own'] })
    push(registry, {
      'debug-1': shared,
      'debug-2': shared,
      stable: shared,
      'debug-3': going,
      latest: aged('latest', 1, { layers: ['base', 'app'] }),
    })
    const run = await clean(registry, { 'older-than': '3d' })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(chosen(run)).toEqual({ gone: ['debug-3'], labels: ['debug-1', 'debug-2'], kept: [] })
    expect(registry.store.tags(REPO).sort()).toEqual(['latest', 'stable'])
    expect(registry.store.hasManifest(REPO, shared.digest)).toBe(true)
    expect(registry.store.hasManifest(REPO, going.digest)).toBe(false)
    const [entry] = run.report.repositories
    expect(
      entry?.tags.filter(({ tag }) => tag !== 'debug-3').map(({ outcome, via }) => [outcome, via]),
    ).toEqual([
      ['deleted', way],
      ['deleted', way],
    ])
    expect(entry?.manifests.map(({ digest }) => digest)).toEqual([going.digest])
  })

  test('where nothing goes whole', async () => {
    const registry = await registryWith(options)
    const shared = aged('shared', 9)
    push(registry, { 'debug-1': shared, stable: shared })
    const run = await clean(registry)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(chosen(run)).toEqual({ gone: [], labels: ['debug-1'], kept: [] })
    expect(registry.store.tags(REPO)).toEqual(['stable'])
  })

  test('with `scope: tag` no image goes at all', async () => {
    const registry = await registryWith(options)
    const [one, two] = [aged('one', 9), aged('two', 1)]
    push(registry, { 'debug-1': one, 'debug-2': two, latest: aged('l', 1) })
    const run = await clean(registry, { scope: 'tag', 'older-than': '3d' })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(registry.store.tags(REPO).sort()).toEqual(['debug-2', 'latest'])
    expect(registry.store.hasManifest(REPO, one.digest)).toBe(true)
  })
})

describe('only the label goes', () => {
  test('where an index that stays lists the image', async () => {
    const registry = await registryWith()
    const child = aged('child', 9)
    push(registry, { 'debug-1': child, latest: ociIndex([child, aged('other', 9)]) })
    const run = await clean(registry)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(chosen(run)).toMatchObject({ gone: [], labels: ['debug-1'] })
    expect(registry.store.hasManifest(REPO, child.digest)).toBe(true)
  })

  test('where a tag that stays points to a child of it', async () => {
    const registry = await registryWith()
    const child = aged('child', 9)
    const index = ociIndex([child, aged('other', 9)])
    push(registry, { 'debug-1': index, 'v1-amd64': child })
    const run = await clean(registry)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(chosen(run)).toMatchObject({ gone: [], labels: ['debug-1'] })
    expect(registry.store.hasManifest(REPO, index.digest)).toBe(true)
  })

  test('where another manifest that stays has the same config', async () => {
    const registry = await registryWith()
    const options = { layers: ['x'] }
    const one = aged('same', 9, options)
    const two = aged('same', 9, { ...options, annotations: { other: 'bytes' } })
    push(registry, { 'debug-1': one, stable: two })
    const run = await clean(registry)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(chosen(run)).toMatchObject({ gone: [], labels: ['debug-1'] })
    expect(registry.store.hasManifest(REPO, one.digest)).toBe(true)
  })

  test('of a signature of an image that stays', async () => {
    const registry = await registryWith({ referrers: true })
    const image = aged('image', 9)
    push(registry, { latest: image })
    pushImage(registry.store, REPO, artifact('sbom', { subject: { ...image } }), 'debug-sbom')
    const run = await clean(registry)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(chosen(run)).toMatchObject({ gone: [], labels: ['debug-sbom'] })
  })

  test('and what such an image needs stays, and may keep the next one', async () => {
    const registry = await registryWith()
    const [a, b, c] = [aged('a', 9), aged('b', 9), aged('c', 9)]
    const first = ociIndex([a, b])
    push(registry, { stable: a, 'debug-1': first, 'debug-2': ociIndex([b, c]), 'debug-3': b, 'debug-4': c })
    const run = await clean(registry)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    // debug-2 goes as an index, since b is but shared with it; c is an image of its own that goes.
    expect(chosen(run)).toEqual({
      gone: ['debug-2', 'debug-4'],
      labels: ['debug-1', 'debug-3'],
      kept: [],
    })
    expect(registry.store.hasManifest(REPO, first.digest)).toBe(true)
    expect(registry.store.hasManifest(REPO, b.digest)).toBe(true)
    expect(registry.store.hasManifest(REPO, c.digest)).toBe(false)
  })

  test('or it stays, with the reason, where no label can be removed alone', async () => {
    const registry = await registryWith({ dialect: '2.8' })
    registry.options.intercept = ({ method, path }) =>
      method === 'DELETE' && path.includes('/tags/reference/')
        ? { status: 403, body: { errors: [{ code: 'DENIED' }] } }
        : undefined
    const shared = aged('shared', 9)
    push(registry, { 'debug-1': shared, stable: shared, 'debug-2': aged('2', 9) })
    const run = await clean(registry)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(chosen(run)).toEqual({ gone: ['debug-2'], labels: [], kept: ['debug-1'] })
    expect(because(run, 'debug-1')).toMatch(/stable points to its manifest, too, and this registry cannot/)
    expect(registry.store.tags(REPO).sort()).toEqual(['debug-1', 'stable'])
  })
})

describe.each(ways)('where only a label is to go by the way %s', (_, options) => {
  const refuse = (registry: Registry, status: number, code: string): void => {
    registry.options.intercept = ({ method }) =>
      method === 'DELETE' ? { status, body: { errors: [{ code }] } } : undefined
  }

  test.each([
    [403, 'DENIED', /^No permission/],
    [401, 'UNAUTHORIZED', /^No permission/],
    [405, 'UNSUPPORTED', /deletion of manifests.*Turn deletion on/],
    [501, 'BROKEN', /^It is not clear/],
  ])('and a DELETE is answered with %i, the repository is refused', async (status, code, sentence) => {
    const registry = await registryWith(options)
    refuse(registry, status, code)
    const shared = aged('shared', 9)
    push(registry, { 'debug-1': shared, stable: shared })
    const run = await clean(registry)
    expect(run.result).toBe('refused')
    expect(run.problems).toMatch(sentence)
    expect(registry.store.tags(REPO).sort()).toEqual(['debug-1', 'stable'])
  })

  test('a dry run that may not delete plans what the run that may carries out', async () => {
    const registry = await registryWith(options)
    refuse(registry, 403, 'DENIED')
    const shared = aged('shared', 9)
    push(registry, { 'debug-1': shared, stable: shared, 'debug-2': aged('2', 9) })
    const dry = await clean(registry, { 'dry-run': 'true' })
    expect([dry.result, dry.problems]).toEqual(['planned', ''])
    expect(chosen(dry)).toEqual({ gone: ['debug-2'], labels: ['debug-1'], kept: [] })
    expect(dry.log.join('\n')).toContain('No permission for the removal of tags')
    delete registry.options.intercept
    const run = await clean(registry, { approve: dry.report.fingerprint ?? '' })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(registry.store.tags(REPO)).toEqual(['stable'])
  })
})

test('what only a label held stays whole, also when the tag is pushed again meanwhile', async () => {
  const registry = await registryWith()
  const child = aged('child', 9)
  const other = aged('other', 9, { layers: ['base', 'other'] })
  const going = aged('going', 9, { layers: ['base', 'going'] })
  push(registry, { 'v1-amd64': child, 'debug-1': ociIndex([child, other]), 'debug-2': going })
  registry.options.after = ({ method, path }, store) => {
    if (method === 'DELETE' && path.endsWith(`/manifests/${going.digest}`))
      pushImage(store, REPO, aged('new', 0), 'debug-1')
  }
  const run = await clean(registry)
  expect(chosen(run)).toMatchObject({ gone: ['debug-2'], labels: ['debug-1'] })
  expect(run.result).toBe('incomplete')
  expect(registry.store.hasManifest(REPO, going.digest)).toBe(false)
  for (const { digest } of other.layers) expect(registry.store.hasBlob(REPO, digest)).toBe(true)
})

test('two tags of one image, one protected: the other loses its label', async () => {
  const registry = await registryWith()
  const image = aged('1', 9)
  push(registry, { 'debug-1': image, 'debug-2': image })
  const run = await clean(registry, { 'protected-tags': 'debug-2', 'as-of': daysOld(0) })
  expect([run.result, run.problems]).toEqual(['purged', ''])
  expect(chosen(run)).toEqual({ gone: [], labels: ['debug-1'], kept: ['debug-2'] })
})
