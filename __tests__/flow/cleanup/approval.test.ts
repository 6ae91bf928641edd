import { describe, expect, test } from '@jest/globals'
import { outputsOf } from '../../../src/report/outputs.js'
import { useRegistries } from '../../support/registries.js'
import type { EngineRun } from '../../support/engine.js'
import { aged, clean, push, REPO } from './scene.js'

const registryWith = useRegistries()
const dry = { 'dry-run': 'true' }

const matrixIn = ({ report }: EngineRun): { repositories: string; fingerprint: string }[] =>
  (JSON.parse(outputsOf(report, '')['matrix'] ?? '') as { include: [] }).include

describe('approval', () => {
  test('what was approved is what is deleted', async () => {
    const registry = await registryWith()
    push(registry, { 'debug-1': aged('1', 9), latest: aged('2', 1) })
    const planned = await clean(registry, dry)
    const approve = planned.report.fingerprint ?? ''
    const run = await clean(registry, { approve })
    expect([run.result, run.problems, run.report.fingerprint]).toEqual(['purged', '', approve])
  })

  test('one more tag is another plan, and nothing at all is one, too', async () => {
    const registry = await registryWith()
    push(registry, { 'debug-1': aged('1', 9), latest: aged('2', 1) })
    const approve = (await clean(registry, dry)).report.fingerprint ?? ''
    push(registry, { 'debug-2': aged('3', 9) })
    const more = await clean(registry, { approve })
    expect([more.result, more.problems]).toEqual(['refused', expect.stringContaining('approve:')])
    expect(registry.store.tags(REPO)).toHaveLength(3)
    const less = await clean(registry, { approve, tags: 'none-*' })
    expect([less.result, less.problems]).toEqual(['refused', expect.stringContaining('approve:')])
  })

  test('that only the label of a tag goes is part of what is approved', async () => {
    const registry = await registryWith()
    const image = aged('1', 9)
    push(registry, { 'debug-1': image, stable: image })
    const label = (await clean(registry, dry)).report.fingerprint
    registry.store.untag(REPO, 'stable')
    const whole = (await clean(registry, dry)).report.fingerprint
    expect(label).not.toBe(whole)
  })

  test('what was refused then and can be done now was not approved', async () => {
    const registry = await registryWith()
    push(registry, { 'debug-1': aged('1', 9) }, 'acme/a')
    push(registry, { 'debug-1': aged('2', 9) }, 'acme/b')
    registry.options.intercept = ({ method, path }) =>
      method === 'DELETE' && path.startsWith('/v2/acme/b/')
        ? { status: 405, body: { errors: [{ code: 'UNSUPPORTED' }] } }
        : undefined
    const planned = await clean(registry, { ...dry, repositories: 'acme/*' })
    expect(planned.result).toBe('refused')
    delete registry.options.intercept
    const run = await clean(registry, {
      repositories: 'acme/*',
      approve: planned.report.fingerprint ?? '',
    })
    expect([run.result, run.problems]).toEqual(['refused', expect.stringContaining('approve:')])
    expect(registry.store.tags('acme/b')).toHaveLength(1)
  })
})

describe('max-deletions', () => {
  test.each([dry, {}])('refuses a larger plan whole, over all repositories: %j', async (more) => {
    const registry = await registryWith()
    for (const repo of ['acme/a', 'acme/b'])
      push(registry, { 'debug-1': aged(`${repo} 1`, 9), 'debug-2': aged(`${repo} 2`, 9) }, repo)
    const run = await clean(registry, { ...more, repositories: 'acme/*', 'max-deletions': '3' })
    expect(run.result).toBe('refused')
    expect(run.problems).toMatch(
      /max-deletions: the plan would delete 4 tags in 2 repositories.* 3 are allowed/,
    )
    expect(run.report.repositories.map(({ result }) => result)).toEqual(['refused', 'refused'])
    expect(registry.store.tags('acme/a')).toHaveLength(2)
    expect(run.log.join('\n')).toContain('debug-2')
    const enough = await clean(registry, { ...dry, repositories: 'acme/*', 'max-deletions': '4' })
    expect(enough.result).toBe('planned')
  })

  test('counts labels, too', async () => {
    const registry = await registryWith()
    const image = aged('1', 9)
    push(registry, { 'debug-1': image, stable: image })
    expect((await clean(registry, { 'max-deletions': '0' })).result).toBe('refused')
    expect(registry.store.tags(REPO)).toHaveLength(2)
  })
})

describe('protected-tags', () => {
  test('an entry that matches in no repository refuses, but for an approved plan', async () => {
    const registry = await registryWith()
    push(registry, { 'debug-1': aged('1', 9), latest: aged('2', 1) })
    const run = await clean(registry, { 'protected-tags': 'stabel' })
    expect([run.result, run.problems]).toEqual(['refused', expect.stringContaining('protected-tags: stabel')])
    const approve = (await clean(registry, dry)).report.fingerprint ?? ''
    expect((await clean(registry, { approve, 'protected-tags': 'stabel' })).result).toBe('purged')
  })

  test('an entry may match where nothing is selected', async () => {
    const registry = await registryWith()
    push(registry, { 'debug-1': aged('1', 9), latest: aged('2', 1) }, 'acme/a')
    push(registry, { stable: aged('3', 1) }, 'acme/b')
    const run = await clean(registry, { repositories: 'acme/*', 'protected-tags': 'stable' })
    expect([run.result, run.problems]).toEqual(['purged', ''])
  })
})

describe('the matrix of a dry run', () => {
  test('has a repository an entry, each with the fingerprint of a run on it alone', async () => {
    const registry = await registryWith()
    for (const repo of ['acme/a', 'acme/b', 'acme/c'])
      push(registry, { 'debug-1': aged(`${repo} 1`, 9), latest: aged(`${repo} 2`, 1) }, repo)
    push(registry, { latest: aged('d', 1) }, 'acme/d')
    const planned = await clean(registry, { ...dry, repositories: 'acme/*' })
    const include = matrixIn(planned)
    expect(include.map(({ repositories }) => repositories)).toEqual(['acme/a', 'acme/b', 'acme/c'])
    for (const { repositories, fingerprint: approve } of include) {
      const run = await clean(registry, { repositories, approve })
      expect([run.result, run.problems]).toEqual(['purged', ''])
    }
  })

  test('has several an entry above 256, one a line', async () => {
    const registry = await registryWith()
    const names = Array.from({ length: 300 }, (_, at) => `acme/r${String(at).padStart(3, '0')}`)
    const image = aged('1', 9)
    for (const name of names) push(registry, { 'debug-1': image }, name)
    const inputs = { 'max-deletions': '1000' }
    const planned = await clean(registry, { ...dry, ...inputs, repositories: 'acme/*' })
    expect(planned.result).toBe('planned')
    const include = matrixIn(planned)
    expect(include).toHaveLength(256)
    expect(include.flatMap(({ repositories }) => repositories.split('\n'))).toEqual(names)
    const several = include.find(({ repositories }) => repositories.includes('\n'))
    const run = await clean(registry, {
      ...inputs,
      repositories: several?.repositories ?? '',
      approve: several?.fingerprint ?? '',
    })
    expect([run.result, run.problems]).toEqual(['purged', ''])
  })

  test('is empty where nothing is selected, and no output elsewhere', async () => {
    const registry = await registryWith()
    push(registry, { latest: aged('2', 1) })
    expect(matrixIn(await clean(registry, dry))).toEqual([])
    const { report } = await clean(registry)
    expect(outputsOf(report, '')['matrix']).toBe('')
  })
})
