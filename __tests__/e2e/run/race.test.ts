import { expect, test } from '@jest/globals'
import { request } from '../../../testbed/http.js'
import { push, putManifest } from '../../../testbed/images/push.js'
import { expectGone, expectPulls, expectServed, statusOf } from '../support/registry-state.js'
import { deletesOf, startBalancer, type Seen } from '../support/round-robin.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import { expectResult, onRegistry, purge, type RegistryServer } from '../support/support.js'

const name = 'acme/race'
const base = layerOf('base').digest
const secret = layerOf('secret').digest
const leak = imageOf('base', 'secret')
const keep = imageOf('base', 'app')
const own = treeOf(leak).blobs.filter((digest) => digest !== base)
const built = imageOf('secret', 'built later')

async function pushAll(registry: RegistryServer): Promise<void> {
  await push(registry, name, keep, 'keep')
  await push(registry, name, leak, 'leak')
}

type Moment = (request: Pick<Seen, 'method' | 'path'>) => boolean

/** Before this reference is deleted for the first time. */
const deleteOf = (reference: string): Moment => {
  return ({ method, path }) => method === 'DELETE' && path.endsWith(`/${reference}`)
}
/** Before the tags are listed for this time: survey, first write, blobs, end. */
const listing = (time: number): Moment => {
  let times = 0
  return ({ path }) => path.endsWith('/tags/list') && ++times === time
}
/** Before the first look at this reference after the last DELETE that the plan asks for. */
const firstLook = (reference: string): Moment => {
  let deleted = false
  return ({ method, path }) => {
    deleted ||= method === 'DELETE' && path.endsWith(secret)
    return deleted && method === 'GET' && path.endsWith(`/${reference}`)
  }
}

/** Runs the purge of `leak`, and lets somebody else interfere once. */
async function purgeWhile(registry: RegistryServer, moment: Moment, interfere: () => Promise<unknown>) {
  let interfered: Promise<unknown> | undefined
  const balancer = await startBalancer([registry], (asked) => {
    if (interfered === undefined && moment(asked)) interfered = interfere()
    return interfered
  })
  const run = await purge(balancer, { image: `${name}:leak`, 'verify-timeout': '10s' })
  expect(interfered).toBeDefined()
  return { run, seen: balancer.seen }
}

for (const version of ['3.1.1', '2.8.2'] as const) {
  onRegistry(version, (start) => {
    test('a layer that a tag pushed before the blobs needs is left, and the tag pulls', async () => {
      const registry = await start()
      await pushAll(registry)
      const { run } = await purgeWhile(registry, deleteOf(leak.digest), () =>
        push(registry, name, built, 'new'),
      )

      expectResult(run, 'incomplete')
      await expectPulls(registry, name, { keep: keep.digest, new: built.digest })
      await expectServed(registry, name, [secret])
      const rest = own.filter((digest) => digest !== secret)
      await expectGone(registry, name, { tags: ['leak'], manifests: [leak.digest], blobs: rest })
      expect(run.errors).toMatch(new RegExp(`${secret} was kept, because new came to need it`))
      expect(run.kept).toEqual([base, secret].sort())
      expect(run.digests).toEqual([leak.digest, ...rest].sort())
      expect(run.summary).toMatch(/^## .*STILL SERVED, held by .*new/)
    })

    test('a push that comes too late to be seen before the blobs is seen at the end, and is no success', async () => {
      const registry = await start()
      await pushAll(registry)
      const { run } = await purgeWhile(registry, deleteOf(secret), () => push(registry, name, built, 'new'))
      expectResult(run, 'incomplete')
      await expectPulls(registry, name, { keep: keep.digest })
      expect(run.report.repositories[0].remaining).toMatchObject([
        { tag: 'keep', verdict: 'intact' },
        { tag: 'new', digest: built.digest, verdict: 'broken' },
      ])
      expect(run.errors).toContain(`${name}:new`)
    })

    test('a leaked tag that moves after the survey refuses, and nothing is deleted', async () => {
      const registry = await start()
      await pushAll(registry)
      const { run, seen } = await purgeWhile(registry, listing(2), () => push(registry, name, built, 'leak'))

      expectResult(run, 'refused')
      expect(run.errors).toContain(`${name}:leak points to ${built.digest} now`)
      expect(deletesOf(seen, ['leak', leak.digest, built.digest, ...own])).toEqual([])
      await expectPulls(registry, name, { keep: keep.digest, leak: built.digest, [leak.digest]: leak.digest })
    })

    test('a second tag that somebody puts on the leak after the survey refuses', async () => {
      const registry = await start()
      await pushAll(registry)
      const { run, seen } = await purgeWhile(registry, listing(2), () =>
        putManifest(registry, name, leak, 'alias'),
      )
      expectResult(run, 'refused')
      expect(run.errors).toContain(`${name}:alias@${leak.digest}`)
      expect(deletesOf(seen, ['leak', leak.digest, ...own])).toEqual([])
      await expectPulls(registry, name, { keep: keep.digest, leak: leak.digest, alias: leak.digest })
    })

    test('a tag that somebody puts on the leak while it is verified stays whole, and what it needs is listed as kept', async () => {
      const registry = await start()
      await pushAll(registry)
      const { run } = await purgeWhile(registry, firstLook(leak.digest), () =>
        push(registry, name, leak, 'again'),
      )
      expectResult(run, 'incomplete')
      expect(run.errors).toContain('again')
      expect(run.digests).toEqual([])
      expect(run.kept).toEqual([leak.digest, ...treeOf(leak).blobs].sort())
      expect(run.summary).toMatch(/^## .*4 digests STILL SERVED, held by again/)
      await expectPulls(registry, name, { keep: keep.digest, again: leak.digest })
    })

    test('the same push again under its own tag is purged again', async () => {
      const registry = await start()
      await pushAll(registry)
      const { run } = await purgeWhile(registry, firstLook(leak.digest), () =>
        push(registry, name, leak, 'leak'),
      )
      expectResult(run, 'purged')
      await expectGone(registry, name, { tags: ['leak'], manifests: [leak.digest], blobs: own })
      await expectPulls(registry, name, { keep: keep.digest })
    })

    test('another push under the leaked tag while it is verified stays, and is no success', async () => {
      const registry = await start()
      await pushAll(registry)
      const { run } = await purgeWhile(registry, firstLook('leak'), () =>
        push(registry, name, imageOf('clean'), 'leak'),
      )
      expectResult(run, 'incomplete')
      expect(run.errors).toContain(`${name}:leak`)
      await expectPulls(registry, name, { keep: keep.digest, leak: imageOf('clean').digest })
      await expectGone(registry, name, { manifests: [leak.digest], blobs: own })
    })

    test('what nobody needs any more, since its holder moved, goes too', async () => {
      const registry = await start()
      await pushAll(registry)
      const moved = imageOf('other base', 'app')
      const { run } = await purgeWhile(registry, deleteOf(leak.digest), () =>
        push(registry, name, moved, 'keep'),
      )

      expectResult(run, 'purged')
      await expectGone(registry, name, { tags: ['leak'], manifests: [leak.digest], blobs: [...own, base] })
      await expectPulls(registry, name, { keep: moved.digest })
      expect({ digests: run.digests, kept: run.kept }).toEqual({
        digests: [leak.digest, ...own, base].sort(),
        kept: [],
      })
      const [entry] = run.report.repositories
      expect(entry.blobs).toContainEqual(
        expect.objectContaining({ digest: base, outcome: 'deleted', verdict: 'gone' }),
      )
      expect(entry.remaining).toMatchObject([{ tag: 'keep', digest: moved.digest, verdict: 'moved' }])
      expect(run.summary.split('\n')[0]).not.toContain('STILL SERVED')
    })

    test('a remaining tag that somebody deletes meanwhile is no success', async () => {
      const registry = await start()
      await push(registry, name, imageOf('base', 'third'), 'third')
      await pushAll(registry)
      const { url, ca, auth } = registry
      const third = `${url}/v2/${name}/manifests/${imageOf('base', 'third').digest}`
      const { run } = await purgeWhile(registry, deleteOf(leak.digest), () =>
        request({ url: third, method: 'DELETE', ca, auth }),
      )
      expectResult(run, 'incomplete')
      expect(run.report.repositories[0].remaining).toMatchObject([
        { tag: 'keep', verdict: 'intact' },
        { tag: 'third', verdict: 'removed' },
      ])
      await expectGone(registry, name, { tags: ['leak'], manifests: [leak.digest], blobs: own })
      await expectPulls(registry, name, { keep: keep.digest })
    })
  })
}

onRegistry('2.8.2', (start) => {
  test('a leaked tag that moves at the last moment keeps its new image', async () => {
    const registry = await start()
    await pushAll(registry)
    const clean = imageOf('clean')
    const { run } = await purgeWhile(registry, deleteOf('leak'), () => push(registry, name, clean, 'leak'))
    expectResult(run, 'incomplete')
    expect(run.errors).toContain(`${name}:leak points to ${clean.digest} now`)
    await expectPulls(registry, name, { keep: keep.digest, leak: clean.digest })
    expect(await statusOf(registry, name, { manifests: [leak.digest] })).toEqual({
      [`manifests/${leak.digest}`]: 404,
      [`blobs/${leak.digest}`]: 404,
    })
  })
})
