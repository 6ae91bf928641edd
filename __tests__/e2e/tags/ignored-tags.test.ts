import { expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { request } from '../../../testbed/http.js'
import { ociIndex } from '../../../testbed/images/indexes.js'
import { push } from '../../../testbed/images/push.js'
import { expectGone, expectPulls, linkOf, statusOf } from '../support/registry-state.js'
import { expectRefusal } from '../support/refused.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import {
  expectResult,
  implementations,
  noWaits,
  onRegistry,
  plain,
  purge,
  type Registry,
  type Run,
} from '../support/support.js'

const name = 'acme/ignored'
const leak = imageOf('base', 'secret')
const own = treeOf(leak).blobs.filter((digest) => digest !== layerOf('base').digest)
const keep = imageOf('base', 'app')
const broken = imageOf('base', 'broken')
const inputs = { image: `${name}:leak` }
const asked = { tags: ['keep', 'leak', 'broken'], ...treeOf(leak) }

async function pushAll(registry: Registry, other = broken): Promise<void> {
  await push(registry, name, keep, 'keep')
  await push(registry, name, leak, 'leak')
  await push(registry, name, other, 'broken')
}

async function remove({ url, ca, auth }: Registry, path: string): Promise<void> {
  const answer = await request({ url: `${url}/v2/${name}/${path}`, method: 'DELETE', ca, auth })
  expect(answer.status).toBe(202)
}

const verdicts = (run: Run): Record<string, string> =>
  Object.fromEntries(
    (run.report.repositories[0].remaining as { tag: string; verdict: string }[]).map(({ tag, verdict }) => [
      tag,
      verdict,
    ]),
  )

/** The purge went on, and what was broken before is called so. */
async function expectPurgedBeside(registry: Registry, run: Run): Promise<void> {
  expectResult(run, 'purged')
  expect(verdicts(run)).toEqual({ broken: 'broken-before', keep: 'intact' })
  expect(run.digests).toEqual([leak.digest, ...own].sort())
  await expectGone(registry, name, { tags: ['leak'], manifests: [leak.digest], blobs: own })
  await expectPulls(registry, name, { keep: keep.digest })
}

for (const kind of implementations) {
  onRegistry(kind, (start) => {
    test('a remaining index that lacks a child refuses, unless unreadable-tags says to ignore it', async () => {
      const registry = await start(plain)
      const there = imageOf('base', 'there')
      await pushAll(registry, ociIndex([broken, there]))
      await remove(registry, `manifests/${broken.digest}`)
      const refused = await expectRefusal(registry, name, asked, inputs)
      expect(refused.errors).toContain(`${name}:broken needs the manifest ${broken.digest}`)
      expect(refused.errors).toContain('unreadable-tags: ignore')
      const guarded = { ...inputs, 'unreadable-tags': 'ignore', 'protected-tags': 'broken' }
      await expectRefusal(registry, name, asked, guarded)

      const run = await purge(registry, { ...inputs, 'unreadable-tags': 'ignore' }, noWaits)
      await expectPurgedBeside(registry, run)
      const said = run.report.repositories[0].warnings.join('\n') as string
      expect(said).toContain(`${name}:broken needs the manifest ${broken.digest}`)
      await expectPulls(registry, name, { [there.digest]: there.digest })
    })
  })
}

for (const version of ['3.1.1', '2.8.2'] as const) {
  onRegistry(version, (start) => {
    test('beside a tag whose pointer is corrupt a purge goes on with unreadable-tags: ignore', async () => {
      const registry = await start(plain)
      await pushAll(registry)
      writeFileSync(linkOf(registry, name, 'broken'), '')
      const seen = await statusOf(registry, name, { tags: ['broken'] })
      expect(seen).toEqual({ 'manifests/broken': 500 })
      // The DELETE of any manifest is answered with 500 now, and works.
      const run = await purge(registry, { ...inputs, 'unreadable-tags': 'ignore' }, noWaits)
      await expectPurgedBeside(registry, run)
      expect(await statusOf(registry, name, { tags: ['broken'] })).toEqual(seen)
    })
  })
}

onRegistry('2.8.2', (start) => {
  test('beside a tag whose pointer is corrupt a label goes, though the DELETE of its placeholder is 500', async () => {
    const registry = await start(plain)
    await pushAll(registry)
    writeFileSync(linkOf(registry, name, 'broken'), '')
    const run = await purge(registry, { ...inputs, scope: 'tag', 'unreadable-tags': 'ignore' }, noWaits)
    expectResult(run, 'purged')
    await expectGone(registry, name, { tags: ['leak'] })
    await expectPulls(registry, name, { keep: keep.digest, [leak.digest]: leak.digest })
  })
})

onRegistry('olareg', (start) => {
  test('a remaining image that lacks a layer already is no obstacle', async () => {
    const registry = await start(plain)
    await pushAll(registry)
    await remove(registry, `blobs/${layerOf('broken').digest}`)
    await expectPurgedBeside(registry, await purge(registry, inputs, noWaits))
  })
})
