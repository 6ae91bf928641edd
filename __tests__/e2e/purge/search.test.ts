import { expect, test } from '@jest/globals'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { Image } from '../../../testbed/images/image.js'
import { mount, push } from '../../../testbed/images/push.js'
import { readyIn } from '../support/ready-lines.js'
import { expectGone, expectPulls, expectServed, snapshot } from '../support/registry-state.js'
import { startBalancer } from '../support/round-robin.js'
import { expectRefusal } from '../support/refused.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import {
  expectResult,
  implementations,
  lines,
  onRegistry,
  plain,
  purge,
  sharedRegistry,
  type Registry,
  type Run,
} from '../support/support.js'

const base = layerOf('base').digest
const secret = layerOf('secret').digest
const leak = imageOf('base', 'secret')
const keep = imageOf('base', 'app')
const own = treeOf(leak).blobs.filter((digest) => digest !== base)
const goes = { tags: ['leak'], manifests: [leak.digest], blobs: own }
/** What the neighbour built upon the leaked layer. */
const built = imageOf('secret', 'service')

async function pushLeak(registry: Registry, repository: string): Promise<void> {
  await push(registry, repository, keep, 'keep')
  await push(registry, repository, leak, 'leak')
}

/** Pushes an image whose layers come from another repository, as a build does that has them already. */
async function pushMounted(
  registry: Registry,
  repository: string,
  image: Image,
  tag: string | undefined,
  from: string,
): Promise<void> {
  expect(await mount(registry, repository, secret, from)).toBe(true)
  await push(registry, repository, image, tag)
}

/** The text that names what other repositories serve: the same in report, summary and log. */
function exposure(run: Run): string {
  const [entry] = run.report.repositories
  const text = (entry.warnings as string[]).find((warning) => warning.startsWith('EXPOSED')) ?? ''
  expect(run.output.annotations.map(({ message }) => message).join('\n')).toContain(text)
  expect(text).not.toBe('')
  return text
}

function testGlobs(registry: () => Registry, hasCatalog: boolean): void {
  test('a glob reads the catalog; without one it is said, and with on-exposure: fail it refuses', async () => {
    const [app, neighbour] = ['globs/app', 'globs/deep/neighbour']
    await pushLeak(registry(), app)
    await pushMounted(registry(), neighbour, built, 'v1', app)
    const inputs = { image: `${app}:leak`, 'search-repositories': lines('globs/**', 'nobody/*') }
    const asked = { tags: ['leak', 'keep'], manifests: [leak.digest], blobs: treeOf(leak).blobs }
    const refused = await expectRefusal(registry(), app, asked, { ...inputs, 'on-exposure': 'fail' })
    const unclear = hasCatalog ? /nobody\/\* matches no repository/ : /globs\/\*\* was not searched.*catalog/
    expect(refused.errors).toMatch(unclear)

    const run = await purge(registry(), inputs)
    expectResult(run, 'purged')
    expect(run.exposed).toEqual(hasCatalog ? [`${neighbour}@${secret}`] : [])
    expect(run.report.repositories[0].warnings.join('\n')).toMatch(unclear)
    await expectGone(registry(), app, goes)
  })
}

for (const kind of implementations) {
  onRegistry(kind, (start) => {
    const registry = sharedRegistry(start, plain)
    const hasCatalog = kind !== 'olareg'

    test('a layer that was mounted elsewhere is found there, and the lines of the message purge it', async () => {
      const [app, neighbour] = ['mounted/app', 'mounted/neighbour']
      await pushLeak(registry(), app)
      await pushMounted(registry(), neighbour, built, 'v1', app)
      await push(registry(), neighbour, keep, 'keep')
      const balancer = await startBalancer([registry()])
      const run = await purge(balancer, { image: `${app}:leak`, 'search-repositories': neighbour })

      expectResult(run, 'purged')
      await expectGone(registry(), app, goes)
      await expectPulls(registry(), neighbour, { v1: built.digest, keep: keep.digest })
      const found = [
        { repository: neighbour, digest: secret, heldBy: ['v1'] },
        { repository: neighbour, digest: base, heldBy: ['keep'] },
      ].sort((one, other) => (one.digest < other.digest ? -1 : 1))
      expect(run.report.repositories[0].exposed).toEqual(found)
      expect(run.exposed).toEqual(found.map(({ digest }) => `${neighbour}@${digest}`))
      expect(run.summary).toMatch(/^## .*3 digests gone; .*2 digests EXPOSED in mounted\/neighbour/)
      const text = exposure(run)
      expect(text).toContain(`${neighbour}@${base}, held by keep (kept here as well)`)
      expect(run.summary).toContain(`| \`${neighbour}\` | \`${secret}\` | \`v1\` |`)
      // The neighbour was only read, by whole GETs.
      const asked = balancer.seen.filter(({ path }) => path.includes(`/${neighbour}/`))
      expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(['GET']))

      const { image, blobs } = readyIn(text.split('\n'))
      expect({ image, blobs }).toEqual({ image: `${neighbour}:v1@${built.digest}`, blobs: '' })
      const next = await purge(registry(), { image, 'search-repositories': app })
      expectResult(next, 'purged')
      await expectGone(registry(), neighbour, { tags: ['v1'], ...treeOf(built) })
      await expectPulls(registry(), neighbour, { keep: keep.digest })
      expect(next.exposed).toEqual([])
    })

    testGlobs(registry, hasCatalog)
    // What follows asks nothing of the registry that differs between the versions of distribution.
    if (kind === '2.8.2') return

    test('what no tag holds there is named by digest, and goes by these lines', async () => {
      const [app, neighbour] = ['untagged/app', 'untagged/neighbour']
      await pushLeak(registry(), app)
      await pushMounted(registry(), neighbour, leak, undefined, app)
      await push(registry(), neighbour, imageOf('other'), 'other')
      const run = await purge(registry(), { image: `${app}:leak`, 'search-repositories': neighbour })
      expectResult(run, 'purged')
      const { image, blobs } = readyIn(exposure(run).split('\n'))
      expect(image).toBe(`${neighbour}@${leak.digest}`)
      expect(blobs.split('\n').sort()).toEqual(own.map((digest) => `${neighbour}@${digest}`).sort())
      expectResult(await purge(registry(), { image, blobs }), 'purged')
      await expectGone(registry(), neighbour, { manifests: [leak.digest], blobs: own })
      await expectPulls(registry(), neighbour, { other: imageOf('other').digest })
    })

    test('a repository that serves nothing of it is no exposure, and a name that does not exist is said', async () => {
      await pushLeak(registry(), 'clean/app')
      await push(registry(), 'clean/neighbour', imageOf('other'), 'v1')
      const run = await purge(registry(), {
        image: 'clean/app:leak',
        'search-repositories': lines('clean/neighbour', 'clean/app', 'clean/neihgbour'),
      })
      expectResult(run, 'purged')
      expect(run.exposed).toEqual([])
      expect(run.summary.split('\n')[0]).not.toContain('EXPOSED')
      // olareg has an empty list for every name.
      const warnings = run.report.repositories[0].warnings.join('\n') as string
      expect(warnings.includes('the tags of clean/neihgbour cannot be listed')).toBe(hasCatalog)
    })

    test('on-exposure: fail refuses before the first write; a dry run lists the same', async () => {
      const [app, neighbour] = ['fail/app', 'fail/neighbour']
      await pushLeak(registry(), app)
      await pushMounted(registry(), neighbour, built, 'v1', app)
      const inputs = { image: `${app}:leak`, 'search-repositories': neighbour }
      const asked = { tags: ['keep', 'leak'], manifests: [leak.digest], blobs: treeOf(leak).blobs }
      const balancer = await startBalancer([registry()])
      const run = await expectRefusal(balancer, app, asked, { ...inputs, 'on-exposure': 'fail' })
      expect(run.errors).toMatch(/on-exposure is `fail`: EXPOSED: .*fail\/app/)
      expect(run.errors).toContain(`${neighbour}@${secret}, held by v1`)
      expect(run.exposed).toEqual([`${neighbour}@${secret}`])
      expect(run.report.requests).not.toHaveProperty('delete-tag')

      const before = await snapshot(registry(), app, asked)
      const dry = await purge(registry(), { ...inputs, 'dry-run': 'true' })
      expectResult(dry, 'planned')
      expect(dry.exposed).toEqual(run.exposed)
      expect(exposure(dry)).toContain(`${neighbour}:v1@${built.digest}`)
      expect(await snapshot(registry(), app, asked)).toEqual(before)
    })

    test('what comes up elsewhere during the run is found at the end, and no success with on-exposure: fail', async () => {
      const [app, neighbour] = ['late/app', 'late/neighbour']
      await pushLeak(registry(), app)
      // Without a tag that name has no list, which `fail` takes for a mistake.
      await push(registry(), neighbour, imageOf('other'), 'other')
      let mounted: Promise<undefined> | undefined
      const balancer = await startBalancer([registry()], ({ method, path }) => {
        if (method === 'DELETE' && path.endsWith(`/${secret}`))
          mounted ??= pushMounted(registry(), neighbour, built, 'v1', app).then(() => undefined)
        return mounted
      })
      const inputs = { image: `${app}:leak`, 'search-repositories': neighbour, 'on-exposure': 'fail' }
      const run = await purge(balancer, inputs)

      expectResult(run, 'incomplete')
      await expectGone(registry(), app, goes)
      await expectServed(registry(), neighbour, [secret])
      expect(run.exposed).toEqual([`${neighbour}@${secret}`])
      expect(run.digests).toEqual([leak.digest, ...own].sort())
      expect(run.errors).toContain(`${neighbour}@${secret}, held by v1`)
    })

    test('what one run purges in both repositories is no exposure of either', async () => {
      const [app, neighbour] = ['pair/app', 'pair/neighbour']
      await pushLeak(registry(), app)
      await pushMounted(registry(), neighbour, built, 'v1', app)
      await push(registry(), neighbour, imageOf('other'), 'keep')
      const run = await purge(registry(), {
        image: lines(`${app}:leak`, `${neighbour}:v1`),
        'search-repositories': lines(app, neighbour),
        'on-exposure': 'fail',
      })
      expectResult(run, 'purged')
      expect(run.exposed).toEqual([])
      await expectGone(registry(), app, goes)
      await expectGone(registry(), neighbour, { tags: ['v1'], ...treeOf(built) })
    })
  })
}

onRegistry('3.1.1', (start) => {
  test('a catalog of several pages is read to its end', async () => {
    const registry = await start(plain)
    await pushLeak(registry, 'pages/app')
    await pushMounted(registry, 'pages/neighbour', built, 'v1', 'pages/app')
    const folder = join(registry.root, 'docker/registry/v2/repositories')
    const copies = Array.from({ length: 205 }, (_, at) => `copies/${String(at).padStart(3, '0')}`)
    for (const copy of copies)
      cpSync(join(folder, 'pages/neighbour'), join(folder, copy), { recursive: true })
    const run = await purge(registry, {
      image: 'pages/app:leak',
      'search-repositories': lines('copies/20?', 'pages/*', 'copies/000'),
    })
    expectResult(run, 'purged')
    expect(run.report.requests['list-repositories']).toBe(3)
    const found = ['000', '200', '201', '202', '203', '204'].map((copy) => `copies/${copy}`)
    expect(run.exposed).toEqual([...found, 'pages/neighbour'].map((name) => `${name}@${secret}`).sort())
  })
})
