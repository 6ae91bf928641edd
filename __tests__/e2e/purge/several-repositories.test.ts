import { expect, test } from '@jest/globals'
import { push } from '../../../testbed/images/push.js'
import { expectGone, expectPulls } from '../support/registry-state.js'
import { deletesOf, startBalancer, type Hook } from '../support/round-robin.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import { expectResult, lines, onRegistry, purge, type RegistryServer } from '../support/support.js'

const leak = imageOf('base', 'secret')
const keep = imageOf('base', 'app')
const clean = imageOf('clean')
const own = treeOf(leak).blobs.filter((digest) => digest !== layerOf('base').digest)
const image = lines('team/a:leak', 'team/b:leak')

async function pushAll(registry: RegistryServer): Promise<void> {
  for (const repository of ['team/a', 'team/b']) {
    await push(registry, repository, keep, 'keep')
    await push(registry, repository, leak, 'leak')
  }
}

/** Moves the leaked tag of a repository once, at this moment. */
function moveWhen(registry: RegistryServer, repository: string, moment: (path: string) => boolean): Hook {
  let moved: Promise<unknown> | undefined
  return ({ path }) => {
    if (moved === undefined && moment(path)) moved = push(registry, repository, clean, 'leak')
    return moved?.then(() => undefined)
  }
}

onRegistry('3.1.1', (start) => {
  test('a tag that moves in the first repository refuses all of them', async () => {
    const registry = await start()
    await pushAll(registry)
    let lists = 0
    const balancer = await startBalancer(
      [registry],
      moveWhen(registry, 'team/a', (path) => path.endsWith('team/a/tags/list') && ++lists === 2),
    )
    const run = await purge(balancer, { image })
    expectResult(run, 'refused')
    expect(deletesOf(balancer.seen, ['leak', leak.digest, ...own])).toEqual([])
    await expectPulls(registry, 'team/a', { keep: keep.digest, leak: clean.digest })
    await expectPulls(registry, 'team/b', { keep: keep.digest, leak: leak.digest })
  })

  test('a tag that moves in the second one refuses that, while the first is purged and verified', async () => {
    const registry = await start()
    await pushAll(registry)
    const balancer = await startBalancer(
      [registry],
      moveWhen(registry, 'team/b', (path) => path.endsWith(`team/a/blobs/${own[0] ?? ''}`)),
    )
    const run = await purge(balancer, { image })
    expectResult(run, 'incomplete')
    expect(run.report.repositories).toMatchObject([
      { name: 'team/a', result: 'purged' },
      { name: 'team/b', result: 'refused' },
    ])
    expect(run.errors).toContain(`team/b:leak points to ${clean.digest} now`)
    await expectGone(registry, 'team/a', { tags: ['leak'], manifests: [leak.digest], blobs: own })
    await expectPulls(registry, 'team/a', { keep: keep.digest })
    await expectPulls(registry, 'team/b', {
      keep: keep.digest,
      leak: clean.digest,
      [leak.digest]: leak.digest,
    })
    // The same digests are still served by the other repository, so they are not all gone.
    expect(run.digests).toEqual([])
  })
})
