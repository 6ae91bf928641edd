import { expect, test } from '@jest/globals'
import { ociImage, type Image } from '../../../testbed/images/image.js'
import { pullsCompletely } from '../../../testbed/images/pull.js'
import { push, putAlias } from '../../../testbed/images/push.js'
import { expectGone } from '../support/registry-state.js'
import { layerOf } from '../support/scenes.js'
import {
  expectResult,
  lines,
  onRegistry,
  purge,
  versions,
  type Registry,
  type Run,
} from '../support/support.js'

const DAY = 86_400_000
const daysAgo = (days: number): string => new Date(Date.now() - days * DAY).toISOString()

/** An image of this age, with one layer of its own and one that all have. */
const build = (name: string, days: number): Image =>
  ociImage(name, { layers: [layerOf('base'), layerOf(name)], created: daysAgo(days) })

const one = 'acme/search-indexer'
const two = 'acme/billing'
const cleanup = {
  repositories: 'acme/*',
  tags: 'debug-*\n!debug-keep',
  'older-than': '14d',
  'protected-tags': 'debug-demo',
  'max-deletions': '10',
}

/** Two repositories with something to clean, and one without. */
async function pushAll(registry: Registry): Promise<Record<string, Image>> {
  const images: Record<string, [string, string, Image]> = {
    old: [one, 'debug-1', build('debug-1', 30)],
    older: [one, 'debug-2', build('debug-2', 60)],
    young: [one, 'debug-3', build('debug-3', 2)],
    shared: [one, 'debug-4', build('debug-4', 40)],
    kept: [one, 'debug-keep', build('debug-keep', 90)],
    guarded: [one, 'debug-demo', build('debug-demo', 90)],
    latest: [one, 'latest', build('latest', 1)],
    other: [two, 'debug-1', build('billing', 20)],
    otherLatest: [two, 'latest', build('billing-latest', 1)],
    idle: ['acme/web', 'latest', build('web', 50)],
  }
  for (const [repository, tag, image] of Object.values(images)) await push(registry, repository, image, tag)
  await putAlias(registry, one, 'debug-1', 'debug-1b')
  await putAlias(registry, one, 'debug-4', 'stable')
  return Object.fromEntries(Object.entries(images).map(([name, [, , image]]) => [name, image]))
}

const tagsOf = (run: Run, repository: string): Record<string, string> =>
  Object.fromEntries(
    (run.report.repositories as { name: string; tags: { tag: string; outcome: string }[] }[])
      .filter(({ name }) => name === repository)
      .flatMap(({ tags }) => tags.map(({ tag, outcome }) => [tag, outcome])),
  )

for (const kind of [...versions, 'olareg'] as const) {
  onRegistry(kind, (start) => {
    // olareg has no catalog.
    const inputs = { ...cleanup, ...(kind === 'olareg' && { repositories: lines(one, two, 'acme/web') }) }

    test('a cleanup: planned, approved, purged, proven, and nothing to do the next time', async () => {
      const registry = await start()
      const images = await pushAll(registry)
      const planned = await purge(registry, { ...inputs, 'dry-run': 'true' })
      expectResult(planned, 'planned')
      const matrix = JSON.parse(planned.outputs['matrix'] ?? '') as { include: { repositories: string }[] }
      expect(matrix.include.map(({ repositories }) => repositories)).toEqual([two, one])
      const asOf = (planned.report.inputs as Record<string, string>)['as-of']

      const run = await purge(registry, { ...inputs, approve: planned.outputs['fingerprint'], 'as-of': asOf })
      expectResult(run, 'purged')
      expect(run.outputs['fingerprint']).toBe(planned.outputs['fingerprint'])
      expect(run.digests).toEqual(planned.digests)
      const gone = kind === '2.8.2' ? 'with-manifest' : 'deleted'
      expect(tagsOf(run, one)).toEqual({
        'debug-1': gone,
        'debug-1b': gone,
        'debug-2': gone,
        'debug-3': 'kept',
        'debug-4': 'deleted',
        'debug-demo': 'kept',
      })
      expect(tagsOf(run, two)).toEqual({ 'debug-1': gone })
      for (const name of ['old', 'older'])
        await expectGone(registry, one, {
          tags: ['debug-1', 'debug-1b', 'debug-2', 'debug-4'],
          manifests: [images[name]?.digest ?? ''],
          blobs: [images[name]?.config?.digest ?? '', images[name]?.layers[1]?.digest ?? ''],
        })
      for (const tag of ['debug-3', 'stable', 'debug-keep', 'debug-demo', 'latest'])
        expect(await pullsCompletely(registry, one, tag)).toMatchObject({ ok: true })
      expect(await pullsCompletely(registry, two, 'latest')).toMatchObject({ ok: true })
      expect(await pullsCompletely(registry, one, images['shared']?.digest ?? '')).toMatchObject({ ok: true })

      const again = await purge(registry, inputs)
      expectResult(again, 'nothing-to-do')
    })
  })
}

onRegistry('3.1.1', (start) => {
  test('the plan is a table in the log and in the summary, and its steps are groups', async () => {
    const registry = await start()
    await pushAll(registry)
    const run = await purge(registry, inputsFor(one))
    expectResult(run, 'purged')
    expect(run.output.groups.map(({ title }) => title)).toEqual([
      'List tags',
      'Resolve',
      'Plan',
      'Delete tag',
      'Delete manifest',
      'Delete blobs',
      'Verify',
    ])
    const plan = run.output.groups.find(({ title }) => title === 'Plan')?.lines.join('\n') ?? ''
    expect(plan).toMatch(/^repository +tag +age +size +verdict +because$/m)
    expect(plan).toMatch(/^acme\/search-indexer +debug-1 +30d +\S+ \S+ +goes +its image goes: sha256:/m)
    expect(plan).toMatch(/debug-3 +48h +\S+ \S+ +stays +created 48h ago, and older-than is 14d$/m)
    expect(plan).toMatch(/debug-4 +40d +\S+ \S+ +label only +stable points to its manifest, too$/m)
    expect(plan).toMatch(/debug-demo +– +\S+ \S+ +stays +protected-tags: debug-demo$/m)
    expect(run.summary).toMatch(/^\| repository \| tag \| digest \| age \| size \| verdict \| because \|$/m)
    expect(run.summary).toMatch(
      /\| `debug-4` \| `sha256:\w+` \| 40d \| .* \| deleted \| `only the label goes: stable/,
    )
    expect(run.summary.split('\n')[0]).toMatch(
      /4 tags \\\(1 of them as a label only: its image is STILL SERVED\\\) removed, 6 digests gone/,
    )
  })

  test('a plan that is refused says how many, prints them, and sends nothing that changes anything', async () => {
    const registry = await start()
    await pushAll(registry)
    const run = await purge(registry, { ...cleanup, 'max-deletions': '2' })
    expectResult(run, 'refused')
    expect(run.errors).toContain('max-deletions: the plan would delete 5 tags in 2 repositories')
    expect(run.log).toMatch(/debug-1b +30d/)
    for (const tag of ['debug-1', 'debug-1b', 'debug-2', 'debug-3', 'debug-4'])
      expect(await pullsCompletely(registry, one, tag)).toMatchObject({ ok: true })
  })

  const inputsFor = (repositories: string): typeof cleanup => ({ ...cleanup, repositories })
})
