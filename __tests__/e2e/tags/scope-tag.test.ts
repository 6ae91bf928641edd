import { expect, test } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { platformIndex } from '../../../testbed/images/platforms.js'
import { push } from '../../../testbed/images/push.js'
import { pushScene } from '../../../testbed/images/scene.js'
import { readyBlock } from '../support/ready-lines.js'
import { expectGone, expectPulls, snapshot } from '../support/registry-state.js'
import { startBalancer } from '../support/round-robin.js'
import { expectRefusal } from '../support/refused.js'
import {
  expectResult,
  lines,
  onRegistry,
  plain,
  purge,
  sharedRegistry,
  type RegistryServer,
  type Run,
} from '../support/support.js'

const repository = 'acme/search-indexer'

/** Only a label was to go, and nothing that a reader sees may sound as if more had gone. */
function expectLabelsOnly(run: Run, labels: number): void {
  expectResult(run, 'purged')
  expect({ digests: run.digests, kept: run.kept }).toEqual({ digests: [], kept: [] })
  const [verdict = ''] = run.summary.split('\n')
  const said =
    labels === 1
      ? '1 of 1 label removed; the manifest it pointed to is STILL SERVED by digest'
      : `${labels} of ${labels} labels removed; the manifests they pointed to are STILL SERVED by digest`
  expect(verdict).toContain(said)
  const seen = [run.summary, ...run.output.annotations.map(({ message }) => message)].join('\n')
  expect(seen).not.toMatch(/\bpurged\b|digests? gone/)
  const [entry] = run.report.repositories
  expect({ manifests: entry.manifests, blobs: entry.blobs }).toEqual({ manifests: [], blobs: [] })
  const steps = ['List tags', 'Resolve', 'Plan', 'Delete tag', 'Verify']
  const outcomes = entry.tags.map(({ outcome }: { outcome: string }) => outcome)
  expect(run.output.groups.map(({ title }) => title)).toEqual(
    steps.filter((step) => step !== 'Delete tag' || outcomes.includes('deleted')),
  )
}

/** Every file of a registry's folder. */
function filesOf({ root }: RegistryServer): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath.slice(root.length)}/${name}`)
}

for (const kind of ['3.1.1', '3.0.0', '2.8.2', 'olareg'] as const) {
  onRegistry(kind, (start) => {
    const registry = sharedRegistry(start, plain)
    const via = kind === '2.8.2' ? 'placeholder' : 'tag'

    test('one label goes; its digest, and every other tag, still pulls', async () => {
      const { tags, leak } = await pushScene(registry())
      const balancer = await startBalancer([registry()])
      const run = await purge(balancer, { image: `${repository}:${leak.tag}`, scope: 'tag' })

      expectLabelsOnly(run, 1)
      const { [leak.tag]: digest = '', ...others } = tags
      await expectGone(registry(), repository, { tags: [leak.tag] })
      await expectPulls(registry(), repository, { ...others, [digest]: digest })
      const [entry] = run.report.repositories
      expect(entry.tags).toMatchObject([{ tag: leak.tag, digest, outcome: 'deleted', via }])
      expect(entry.remaining.map(({ verdict }: { verdict: string }) => verdict)).toEqual(
        Object.keys(others).map(() => 'intact'),
      )
      // Only what this way needs was probed, and nothing was deleted but a label or the placeholder.
      const deleted = balancer.seen.filter(({ method }) => method === 'DELETE').map(({ path }) => path)
      expect(deleted.filter((path) => path.includes('/blobs/'))).toEqual([])
      expect(deleted).toHaveLength(via === 'tag' ? 2 : 4)
      expect(run.report.requests['probe']).toBe(via === 'tag' ? 1 : 3)
      expect(run.report.requests).not.toHaveProperty('read-referrers')
      // The label is the last tag of its manifest, which is pushed by its digest unless a placeholder takes the label.
      const pushed = balancer.seen.filter(({ method, path }) => method === 'PUT' && path.endsWith(digest))
      expect(pushed).toHaveLength(via === 'tag' ? 1 : 0)
    })

    if (kind === '3.0.0') return

    test('both tags on one digest, and one on another, go in one run', async () => {
      const { tags, leak } = await pushScene(registry())
      const named = ['latest', 'stable', leak.tag]
      const image = lines(...named.map((tag) => `${repository}:${tag}`))
      const run = await purge(registry(), { image, scope: 'tag' })

      expectLabelsOnly(run, 3)
      await expectGone(registry(), repository, { tags: named })
      const { latest = '', stable: _, [leak.tag]: digest = '', ...others } = tags
      await expectPulls(registry(), repository, { ...others, [latest]: latest, [digest]: digest })
      if (via === 'placeholder')
        expect(run.report.requests).toMatchObject({ 'put-placeholder': 3, 'delete-placeholder': 1 })

      // What is printed for a later run says that the labels are gone.
      const again = await purge(registry(), { image: readyBlock(run).image, scope: 'tag' })
      expectResult(again, 'purged')
      expect(again.summary).toContain('0 of 3 labels removed, 3 gone before')
      const [entry] = again.report.repositories
      expect(entry.tags).toMatchObject(named.map(() => ({ outcome: 'already-gone', via: null })))
      expect(again.report.requests).not.toHaveProperty('put-placeholder')
      expect(again.report.requests).not.toHaveProperty('delete-tag')
    })

    test('the only label of a repository goes, and its index still pulls with all its images', async () => {
      const { index } = platformIndex('labelled')
      await push(registry(), 'labels/index', index, 'multi')
      expectLabelsOnly(await purge(registry(), { image: 'labels/index:multi', scope: 'tag' }), 1)
      await expectGone(registry(), 'labels/index', { tags: ['multi'] })
      await expectPulls(registry(), 'labels/index', { [index.digest]: index.digest })
    })

    test('a label on a child of an index that stays goes, and the index still pulls', async () => {
      const { index, images } = platformIndex('listed')
      const [child] = images
      if (child === undefined) throw new Error('there is no child')
      await push(registry(), 'labels/listed', index, 'multi')
      await push(registry(), 'labels/listed', child, 'amd64')
      const run = await purge(registry(), { image: 'labels/listed:amd64', scope: 'tag' })
      expectLabelsOnly(run, 1)
      await expectGone(registry(), 'labels/listed', { tags: ['amd64'] })
      const digests = { multi: index.digest, [child.digest]: child.digest }
      await expectPulls(registry(), 'labels/listed', digests)
    })

    test('a label that is gone already counts as done, and nothing is claimed of what it stood on', async () => {
      const { tags } = await pushScene(registry())
      const absent = `sha256:${'1'.repeat(64)}`
      const run = await purge(registry(), { image: `${repository}:gone@${absent}`, scope: 'tag' })
      expectResult(run, 'purged')
      expect(run.report.repositories[0].tags).toMatchObject([{ tag: 'gone', outcome: 'already-gone' }])
      expect(run.report.requests).not.toHaveProperty('delete-tag')
      await expectPulls(registry(), repository, tags)
      // The registry does not know that digest at all.
      expect(run.summary.split('\n')[0]).not.toContain('STILL SERVED')
    })

    test('a dry run writes nothing', async () => {
      const { tags, leak } = await pushScene(registry())
      const asked = { tags: Object.keys(tags), manifests: Object.values(tags), blobs: leak.ownBlobs }
      const before = await snapshot(registry(), repository, asked)
      const inputs = { image: `${repository}:${leak.tag}`, scope: 'tag', 'dry-run': 'true' }
      const run = await purge(registry(), inputs)
      expectResult(run, 'planned')
      expect(run.digests).toEqual([])
      expect(run.summary).toMatch(/^## .*Dry run: 1 label, and nothing else, would go. Nothing was written/)
      expect(await snapshot(registry(), repository, asked)).toEqual(before)
    })

    test('a tag that does not exist, or is on another digest, is refused', async () => {
      const { tags, leak } = await pushScene(registry())
      const asked = { tags: Object.keys(tags), manifests: Object.values(tags), blobs: leak.ownBlobs }
      const absent = { image: `${repository}:lates`, scope: 'tag' }
      const unknown = await expectRefusal(registry(), repository, asked, absent)
      // 2.x lists tags in the order of the file system.
      for (const said of [/lates does not exist/, /has: .*latest/, /has: .*stable/])
        expect(unknown.errors).toMatch(said)
      const wrong = { image: `${repository}:latest@${leak.digest}`, scope: 'tag' }
      const elsewhere = await expectRefusal(registry(), repository, asked, wrong)
      expect(elsewhere.errors).toContain(`latest points to ${tags['latest'] ?? ''}, not to ${leak.digest}`)
    })
  })
}

for (const version of ['3.1.1', '2.8.2'] as const) {
  onRegistry(version, (start) => {
    test('with deletion off nothing is written, no placeholder either', async () => {
      const registry = await start({ ...plain, deleteEnabled: false })
      const { tags, leak } = await pushScene(registry)
      const balancer = await startBalancer([registry])
      const asked = { tags: Object.keys(tags), manifests: Object.values(tags), blobs: leak.ownBlobs }
      const inputs = { image: `${repository}:${leak.tag}`, scope: 'tag' }
      const run = await expectRefusal(balancer, repository, asked, inputs)
      expect(run.errors).toMatch(/No removal of tags from .*405 UNSUPPORTED.*storage\.delete\.enabled/)
      expect(balancer.seen.filter(({ method }) => ['PUT', 'POST'].includes(method))).toEqual([])
    })
  })
}

onRegistry('2.8.2', (start) => {
  test('a placeholder leaves nothing behind that anybody can fetch', async () => {
    const registry = await start(plain)
    const { tags, leak } = await pushScene(registry)
    const before = filesOf(registry)
    const run = await purge(registry, { image: `${repository}:${leak.tag}`, scope: 'tag' })
    expectLabelsOnly(run, 1)

    const [, placeholder = ''] = /a placeholder \((sha256:\w{64})\)/.exec(run.log) ?? []
    await expectGone(registry, repository, { manifests: [placeholder] })
    const after = filesOf(registry)
    const hex = placeholder.slice('sha256:'.length)
    // The bytes of the index itself, a few words without any content, wait for garbage collection.
    expect(after.filter((file) => !before.includes(file))).toEqual([
      `/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`,
    ])
    const lost = before.filter((file) => !after.includes(file))
    expect(lost.filter((file) => !file.includes(`/_manifests/tags/${leak.tag}/`))).toEqual([])
    const { [leak.tag]: _, ...others } = tags
    await expectPulls(registry, repository, others)
  })
})
