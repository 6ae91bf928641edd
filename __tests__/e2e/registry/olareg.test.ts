import { expect, test } from '@jest/globals'
import { pushScene } from '../../../testbed/images/scene.js'
import { expectPulls } from '../support/registry-state.js'
import { deletesOf, startBalancer } from '../support/round-robin.js'
import { expectRefusal } from '../support/refused.js'
import { folderFor, onRegistry } from '../support/support.js'

// What this registry answers like no version of distribution.
onRegistry('olareg', (start) => {
  test.each([
    ['deletion off, which is 405 without a word', { deleteEnabled: false }, /No deletion of manifests.* 405/],
    ['a read-only store, which is 403', { readonly: true }, /No permission.* 403 DENIED/],
  ])('%s: refused before anything is written', async (_what, options, said) => {
    const rootDirectory = await folderFor('data')
    const writable = await start({ rootDirectory })
    const { repository, leak, tags } = await pushScene(writable)
    await writable.stop()
    const registry = await start({ rootDirectory, ...options })
    const balancer = await startBalancer([registry])
    const asked = { tags: Object.keys(tags), manifests: [leak.digest], blobs: [leak.config, ...leak.layers] }
    const run = await expectRefusal(balancer, repository, asked, { image: `${repository}:${leak.tag}` })
    expect(run.errors).toMatch(said)
    expect(deletesOf(balancer.seen, [...asked.tags, ...asked.manifests, ...asked.blobs])).toEqual([])
    await expectPulls(registry, repository, tags)
  })

  test('a repository that does not exist, which is an empty list: refused', async () => {
    const registry = await start()
    const asked = { tags: ['latest'] }
    const run = await expectRefusal(registry, 'acme/ap', asked, { image: 'acme/ap:latest' })
    expect(run.errors).toContain('acme/ap:latest does not exist')
  })

  test('an option that it does not have is not ignored', async () => {
    await expect(start({ cache: 'inmemory' })).rejects.toThrow('olareg has no option cache')
  })
})
