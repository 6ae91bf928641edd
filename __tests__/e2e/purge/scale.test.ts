/** What many tags and many repositories cost, with what a run of the bundle holds in memory. */
import { expect, jest, test } from '@jest/globals'
import { planMany } from '../../../scripts/bench/many.js'
import { ociImage, type Image } from '../../../testbed/images/image.js'
import { aged, push } from '../../flow/cleanup/scene.js'
import { runEngine } from '../../support/engine.js'
import { pushImage } from '../../support/push.js'
import { useRegistries } from '../../support/registries.js'

jest.setTimeout(300_000)
const registryWith = useRegistries()

test('20,000 tags are planned in bounded memory, with one request for each', async () => {
  const planned = await planMany(20_000)
  expect(planned).toMatchObject({ result: 'planned', planned: 300 })
  // The list, a GET for each tag, the configs of 300 candidates, one question for referrers, two for deletion, one blob.
  expect(planned.requests).toBe(1 + 20_000 + 300 + 1 + 2 + 1)
  expect(planned.mib).toBeLessThan(250)
})

test('2,000 tags are planned in less than 150 MiB', async () => {
  const planned = await planMany(2_000)
  expect(planned).toMatchObject({ result: 'planned', planned: 300 })
  expect(planned.mib).toBeLessThan(150)
})

test('300 deletions out of 2,000 tags, six of them labels, for little more than the smallest number of requests', async () => {
  const registry = await registryWith()
  const repo = 'acme/app'
  const pool = (at: number): string[] =>
    Array.from({ length: 4 }, (_, layer) => `pool ${(at + layer * 7) % 400}`)
  const images = Array.from({ length: 425 }, (_, at) => ociImage(`image ${at}`, { layers: pool(at) }))
  const builds = Array.from({ length: 240 }, (_, at) =>
    ociImage(`build ${at}`, { layers: [...pool(at), `own ${at}`] }),
  )
  const tags = new Map<string, Image>()
  for (let at = 0; at < 1700; at++) tags.set(`v${at}`, images[at % 425] as Image)
  for (let at = 0; at < 294; at++) tags.set(`debug-${at}`, builds[at % 240] as Image)
  for (let at = 294; at < 300; at++) tags.set(`debug-${at}`, images[at] as Image)
  for (const image of [...images, ...builds]) pushImage(registry.store, repo, image)
  for (const [tag, { digest }] of tags) registry.store.tag(repo, tag, digest)

  const inputs = { repositories: repo, tags: 'debug-*', 'older-than': '0s', 'max-deletions': '300' }
  const run = await runEngine(registry, { ...inputs, 'verify-attempts': '1', 'verify-interval': '0s' })
  expect([run.result, run.problems]).toEqual(['purged', ''])
  expect(registry.store.tags(repo)).toHaveLength(1700)
  expect(builds.filter(({ digest }) => registry.store.hasManifest(repo, digest))).toEqual([])
  const kept = new Set(
    images.flatMap(({ config, layers }) => [config, ...layers].map((blob) => blob?.digest ?? '')),
  )
  expect([...kept].filter((digest) => !registry.store.hasBlob(repo, digest))).toEqual([])

  const [T, n, Tp, U, R, m, b] = [2000, 300, 1700, 300, 240, 240, 2 * 240]
  const N = 4 + T + n + Tp + 2 + 1 + U + R + m + b + (n + 2 * m + b + 3) + (Tp + kept.size) + b
  const requests = Object.values(run.report.requests).reduce((sum: number, each) => sum + (each ?? 0), 0)
  // One that finds out how to remove a label alone, one for referrers, and one that shows what the first label took
  // along. Looks that got old on a busy machine come on top.
  expect(requests).toBeGreaterThanOrEqual(N + 3)
  expect(requests).toBeLessThan(1.05 * N)
})

test('a catalog of 1,000 repositories is planned whole, those with nothing to do for the price of their lists and tags', async () => {
  const registry = await registryWith({ paging: { size: 100 } })
  const image = aged('debug', 9)
  const names = Array.from({ length: 1000 }, (_, at) => `acme/r${String(at).padStart(4, '0')}`)
  for (const [at, name] of names.entries())
    push(registry, at % 10 === 0 ? { 'debug-1': image } : { latest: image }, name)
  const inputs = { repositories: 'acme/*', tags: 'debug-*', 'older-than': '3d', 'dry-run': 'true' }
  const run = await runEngine(registry, inputs)
  expect(run.result).toBe('planned')
  expect(run.report.repositories).toHaveLength(1000)
  expect(run.report.repositories.filter(({ result }) => result === 'planned')).toHaveLength(100)
  expect(run.report.requests).toMatchObject({
    // One list, and one question behind its only tag.
    'list-tags': 2000,
    'read-tag': 1000,
    probe: 200,
    'read-config': 100,
    'check-blob': 100,
  })
  expect(run.log.filter((line) => line.startsWith('▸ Resolve'))).toEqual(
    names.map((name) => `▸ Resolve (${name})`),
  )
})
