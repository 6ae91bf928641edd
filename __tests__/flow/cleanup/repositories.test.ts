import { describe, expect, test } from '@jest/globals'
import { useRegistries } from '../../support/registries.js'
import { aged, chosen, clean, push } from './scene.js'

const registryWith = useRegistries()
const denied = { status: 403, body: { errors: [{ code: 'DENIED' }] } }

const builds = (seed: string): Parameters<typeof push>[1] => ({
  'debug-1': aged(`${seed} 1`, 9),
  latest: aged(`${seed} latest`, 1),
})

describe('the repositories', () => {
  test('are named, or found in the catalog, each once and in order', async () => {
    const registry = await registryWith()
    for (const name of ['acme/b', 'acme/a', 'acme/deep/c', 'other/d']) push(registry, builds(name), name)
    const run = await clean(registry, { repositories: 'other/d,acme/*,acme/a' })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(run.report.repositories.map(({ name, result }) => `${name} ${result}`)).toEqual([
      'acme/a purged',
      'acme/b purged',
      'other/d purged',
    ])
    expect(registry.store.tags('acme/deep/c')).toHaveLength(2)
  })

  test.each(['acme/absent', 'acme/none-*'])(
    'an entry that matches nothing refuses the run: %s',
    async (entry) => {
      const registry = await registryWith()
      push(registry, builds('a'), 'acme/a')
      const run = await clean(registry, { repositories: `acme/a,${entry}` })
      expect(run.result).toBe('refused')
      expect(run.problems).toContain(entry)
      expect(registry.store.tags('acme/a')).toHaveLength(2)
    },
  )

  test.each(['NAME_UNKNOWN', 'NOT_FOUND'])('a name that is answered 404 %s is one', async (code) => {
    const registry = await registryWith()
    push(registry, builds('a'), 'acme/a')
    registry.options.intercept = ({ path }) =>
      path === '/v2/acme/b/tags/list' ? { status: 404, body: { errors: [{ code }] } } : undefined
    const run = await clean(registry, { repositories: 'acme/a,acme/b' })
    expect([run.result, run.problems]).toEqual([
      'refused',
      expect.stringMatching(/^repositories: .* has no repository acme\/b/),
    ])
    expect(registry.store.tags('acme/a')).toHaveLength(2)
  })

  test('without a catalog a glob refuses the run', async () => {
    const registry = await registryWith({ noCatalog: true })
    push(registry, builds('a'), 'acme/a')
    const run = await clean(registry, { repositories: 'acme/*' })
    expect([run.result, run.problems]).toEqual(['refused', expect.stringContaining('catalog')])
  })

  test('what a catalog lists and nobody knows any more is nothing to do', async () => {
    const registry = await registryWith()
    push(registry, builds('a'), 'acme/a')
    push(registry, builds('b'), 'acme/b')
    registry.options.intercept = ({ path }) =>
      path === '/v2/acme/b/tags/list'
        ? { status: 404, body: { errors: [{ code: 'NAME_UNKNOWN' }] } }
        : undefined
    const run = await clean(registry, { repositories: 'acme/*' })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(run.report.repositories.map(({ result }) => result)).toEqual(['purged', 'nothing-to-do'])
  })

  test('are all planned before the first write in any', async () => {
    const registry = await registryWith()
    for (const name of ['acme/a', 'acme/b', 'acme/c']) push(registry, builds(name), name)
    await clean(registry, { repositories: 'acme/*' })
    const paths = registry.requests.map(({ method, path }) => `${method} ${path}`)
    const firstWrite = paths.indexOf('DELETE /v2/acme/a/manifests/debug-1')
    expect(firstWrite).toBeGreaterThan(0)
    for (const name of ['acme/a', 'acme/b', 'acme/c']) {
      expect(paths.indexOf(`GET /v2/${name}/manifests/latest`)).toBeLessThan(firstWrite)
      expect(paths.indexOf(`GET /v2/${name}/manifests/latest`)).toBeGreaterThan(-1)
    }
  })
})

describe('one repository that is refused or fails', () => {
  test.each<[string, (path: string, method: string) => boolean]>([
    ['its list is denied', (path) => path === '/v2/acme/b/tags/list'],
    ['a tag cannot be read', (path) => path === '/v2/acme/b/manifests/latest'],
    ['nothing can be deleted', (path, method) => method === 'DELETE' && path.startsWith('/v2/acme/b/')],
  ])('does not stop the others, and makes the step red: %s', async (_, match) => {
    const registry = await registryWith()
    for (const name of ['acme/a', 'acme/b', 'acme/c']) push(registry, builds(name), name)
    registry.options.intercept = ({ path, method }) => (match(path, method) ? denied : undefined)
    const run = await clean(registry, { repositories: 'acme/*' })
    expect(run.result).toBe('incomplete')
    expect(run.report.repositories.map(({ result }) => result)).toEqual(['purged', 'refused', 'purged'])
    expect(run.report.repositories[1]?.problems).not.toEqual([])
    expect(registry.store.tags('acme/b')).toHaveLength(2)
    expect(registry.store.tags('acme/a')).toEqual(['latest'])
    expect(registry.store.tags('acme/c')).toEqual(['latest'])
  })

  test('is the result where the others have nothing to do', async () => {
    const registry = await registryWith()
    push(registry, builds('a'), 'acme/a')
    push(registry, { latest: aged('b', 1) }, 'acme/b')
    registry.options.intercept = ({ path }) => (path === '/v2/acme/a/tags/list' ? denied : undefined)
    const run = await clean(registry, { repositories: 'acme/*' })
    expect(run.result).toBe('refused')
  })

  test('that moves before its first write is refused alone', async () => {
    const registry = await registryWith()
    for (const name of ['acme/a', 'acme/b']) push(registry, builds(name), name)
    const pushed = aged('new', 0)
    registry.options.after = ({ method, path }) => {
      if (method === 'DELETE' && path === '/v2/acme/a/manifests/debug-1')
        push(registry, { 'debug-1': pushed }, 'acme/b')
    }
    const run = await clean(registry, { repositories: 'acme/*' })
    expect(run.report.repositories.map(({ result }) => result)).toEqual(['purged', 'refused'])
    expect(run.result).toBe('incomplete')
    expect(registry.store.resolve('acme/b', 'debug-1')).toBe(pushed.digest)
  })

  test('that is refused first does not stop those after it', async () => {
    const registry = await registryWith()
    for (const name of ['acme/a', 'acme/b']) push(registry, builds(name), name)
    let lists = 0
    registry.options.after = ({ url }) => {
      if (url === '/v2/acme/a/tags/list' && ++lists === 2)
        push(registry, { 'debug-1': aged('new', 0) }, 'acme/a')
    }
    const run = await clean(registry, { repositories: 'acme/*' })
    expect(run.report.repositories.map(({ result }) => result)).toEqual(['refused', 'purged'])
    expect(run.result).toBe('incomplete')
    expect(registry.store.tags('acme/b')).toEqual(['latest'])
  })

  test('a registry that stops answering is not asked for a thousand repositories', async () => {
    const registry = await registryWith()
    const names = Array.from({ length: 30 }, (_, at) => `acme/r${String(at).padStart(2, '0')}`)
    for (const name of names) push(registry, builds(name), name)
    registry.options.intercept = ({ path }) => (path.startsWith('/v2/acme/r') ? 'reset' : undefined)
    const run = await clean(registry, { repositories: 'acme/*' })
    expect(run.result).toBe('refused')
    expect(run.report.repositories).toHaveLength(30)
    expect(
      new Set(registry.requests.filter(({ path }) => path.endsWith('/tags/list')).map(({ path }) => path))
        .size,
    ).toBeLessThan(10)
  })
})

test('the tags of each repository are selected by themselves', async () => {
  const registry = await registryWith()
  push(registry, builds('a'), 'acme/a')
  push(registry, { 'debug-9': aged('b', 2), latest: aged('bl', 1) }, 'acme/b')
  const run = await clean(registry, { repositories: 'acme/*', 'older-than': '5d', 'dry-run': 'true' })
  expect(chosen(run, 'acme/a')).toMatchObject({ gone: ['debug-1'], kept: [] })
  expect(chosen(run, 'acme/b')).toMatchObject({ gone: [], kept: ['debug-9'] })
  expect(run.report.repositories.map(({ result }) => result)).toEqual(['planned', 'nothing-to-do'])
})
