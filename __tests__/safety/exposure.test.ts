/** `search-repositories`: what the purged repository no longer serves, a neighbour may. */
import { describe, expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { runEngine } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { realDeletes, served } from './wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const OTHER = 'acme/copy'
const SEARCH = { image: `${REPO}:debug-42`, 'search-repositories': OTHER }
const copy = ociImage('copy', { layers: ['debug-42/secret', 'copy/own'] })
const [secret] = copy.layers.map(({ digest }) => digest)

test('what a neighbour serves is listed, with the tags that hold it and lines for a next run', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  pushImage(registry.store, OTHER, copy, 'mounted')
  const run = await runEngine(registry, SEARCH)
  expect(run.result).toBe('purged')
  const [entry] = run.report.repositories
  expect(entry?.exposed).toEqual([{ repository: OTHER, digest: secret, heldBy: ['mounted'] }])
  const told = entry?.warnings.join('\n') ?? ''
  expect(told).toContain(`${OTHER}@${secret}, held by mounted`)
  expect(told).toContain(`image: |\n  ${OTHER}:mounted@${copy.digest}`)
  expect(served(registry, REPO, scene.gone)).toEqual([])
  const asked = registry.requests.filter(
    ({ path }) => path.startsWith(`/v2/${OTHER}/`) && path.includes('sha256:'),
  )
  expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(['GET']))
})

test('the lines for a next run purge what holds it there', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  pushImage(registry.store, OTHER, copy, 'mounted')
  pushImage(registry.store, OTHER, ociImage('stays'), 'stays')
  const both = {
    image: `${REPO}:debug-42\n${OTHER}:mounted@${copy.digest}`,
    'search-repositories': `${REPO},${OTHER}`,
  }
  const run = await runEngine(registry, { ...both, 'on-exposure': 'fail' })
  expect(run.problems).toBe('')
  expect(run.result).toBe('purged')
  expect(run.report.repositories.flatMap(({ exposed }) => exposed)).toEqual([])
})

test('content that no tag holds there is named by its digest', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  pushImage(registry.store, OTHER, ociImage('stays'), 'stays')
  pushImage(registry.store, OTHER, scene.leak)
  const run = await runEngine(registry, SEARCH)
  const told = run.report.repositories[0]?.warnings.join('\n') ?? ''
  expect(told).toContain(`image: |\n  ${OTHER}@${scene.leak.digest}`)
  expect(told).toContain(`blobs: |\n  ${OTHER}@sha256:`)
})

test('kept content is listed too, and is no reason to purge an image of the neighbour', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  pushImage(registry.store, OTHER, ociImage('neighbour', { layers: ['base/1'] }), 'neighbour')
  const run = await runEngine(registry, SEARCH)
  const [entry] = run.report.repositories
  expect(entry?.exposed.map(({ digest }) => digest)).toEqual([scene.kept[0]])
  expect(entry?.warnings.join('\n')).not.toContain('image: |')
})

describe('on-exposure: fail', () => {
  test('refuses before the first write', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    pushImage(registry.store, OTHER, copy, 'mounted')
    const run = await runEngine(registry, { ...SEARCH, 'on-exposure': 'fail' })
    expect(run.result).toBe('refused')
    expect(run.report.repositories[0]?.result).toBe('refused')
    expect(realDeletes(registry, scene.gone)).toEqual([])
  })

  test('is incomplete where it comes up at the end only', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    pushImage(registry.store, OTHER, ociImage('stays'), 'stays')
    registry.options.after = ({ method, path }, store) => {
      if (method === 'DELETE' && path.endsWith(secret ?? '')) pushImage(store, OTHER, copy, 'mounted')
    }
    const run = await runEngine(registry, { ...SEARCH, 'on-exposure': 'fail' })
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain(`${OTHER}@${secret}`)
    expect(run.report.repositories[0]?.exposed).toHaveLength(1)
  })

  test.each([401, 403, 500])('is not fulfilled by a neighbour that answers %d', async (status) => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    registry.options.intercept = ({ path }) =>
      path.startsWith(`/v2/${OTHER}/`) && !path.endsWith('/tags/list') ? { status } : undefined
    pushImage(registry.store, OTHER, copy, 'mounted')
    const strict = await runEngine(registry, { ...SEARCH, 'on-exposure': 'fail' })
    expect(strict.result).toBe('refused')
    expect(realDeletes(registry, scene.gone)).toEqual([])
    const lenient = await runEngine(registry, SEARCH)
    expect(lenient.result).toBe('purged')
    expect(lenient.report.repositories[0]?.warnings.join()).toContain(`${OTHER} could not be searched`)
  })

  test.each([
    ['a glob that matches nothing', { 'search-repositories': 'nobody/**' }],
    ['a name that the registry does not know', { 'search-repositories': 'acme/nobody' }],
  ])('is not fulfilled by %s', async (_, inputs) => {
    const registry = await registryWith()
    referenceScene(registry.store)
    expect((await runEngine(registry, { ...SEARCH, ...inputs, 'on-exposure': 'fail' })).result).toBe(
      'refused',
    )
    const lenient = await runEngine(registry, { ...SEARCH, ...inputs })
    expect(lenient.result).toBe('purged')
    expect(lenient.report.repositories[0]?.warnings.join()).toContain(inputs['search-repositories'])
  })

  test('is not fulfilled by a registry without a catalog', async () => {
    const registry = await registryWith({ dialect: 'olareg' })
    referenceScene(registry.store)
    const glob = { ...SEARCH, 'search-repositories': 'acme/*' }
    expect((await runEngine(registry, { ...glob, 'on-exposure': 'fail' })).result).toBe('refused')
    expect((await runEngine(registry, glob)).result).toBe('purged')
  })
})

test('a glob is looked up in the whole catalog, and leaves the purged repository out', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  for (let at = 0; at < 150; at++) pushImage(registry.store, `acme/r${at}`, ociImage('other'), 'v1')
  pushImage(registry.store, 'acme/zz', copy, 'mounted')
  pushImage(registry.store, 'acme/deep/er', copy, 'mounted')
  const run = await runEngine(registry, { ...SEARCH, 'search-repositories': 'acme/*' })
  expect(run.report.repositories[0]?.exposed.map(({ repository }) => repository)).toEqual(['acme/zz'])
  const all = await runEngine(registry, {
    image: 'acme/zz:mounted',
    'search-repositories': '**',
    'dry-run': 'true',
  })
  expect(new Set(all.report.repositories[0]?.exposed.map(({ repository }) => repository))).toEqual(
    new Set(['acme/deep/er']),
  )
})

test('what a search brings back is deleted again before the step is green', async () => {
  const registry = await registryWith({ revivesElsewhere: true })
  const scene = referenceScene(registry.store)
  pushImage(registry.store, OTHER, copy, 'mounted')
  const run = await runEngine(registry, SEARCH)
  expect(run.result).toBe('purged')
  expect(run.log.join()).toContain('STILL ANSWERS')
  for (const digest of scene.gone) {
    const { status } = await fetch(`${registry.url}/v2/${REPO}/blobs/${digest}`)
    expect(status).toBe(404)
  }
})

test('a dry run lists exposures, and a refused plan searches nothing', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  pushImage(registry.store, OTHER, copy, 'mounted')
  const dry = await runEngine(registry, { ...SEARCH, 'dry-run': 'true' })
  expect([dry.result, dry.report.repositories[0]?.exposed.length]).toEqual(['planned', 1])
  const before = registry.requests.length
  expect((await runEngine(registry, { ...SEARCH, image: `${REPO}:nobody` })).result).toBe('refused')
  expect(
    registry.requests.slice(before).filter(({ path }) => path.includes('sha256:') && path.includes(OTHER)),
  ).toEqual([])
})
