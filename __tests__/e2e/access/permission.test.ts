import { expect, test } from '@jest/globals'
import { pushScene } from '../../../testbed/images/scene.js'
import { expectGone, snapshot } from '../support/registry-state.js'
import { startBalancer, type Hook } from '../support/round-robin.js'
import { expectResult, onRegistry, purge } from '../support/support.js'

const error = (code: string) => ({ errors: [{ code, message: 'not for you' }] })
const noDelete: Hook = ({ method }) =>
  method === 'DELETE' ? { reply: 403, body: error('DENIED') } : undefined

onRegistry('3.1.1', (start) => {
  test('a user who may not delete is refused before anything is written, with the action that is missing', async () => {
    const registry = await start()
    const { repository, tags, leak } = await pushScene(registry)
    const asked = { tags: Object.keys(tags), manifests: [leak.digest], blobs: leak.ownBlobs }
    const before = await snapshot(registry, repository, asked)
    const run = await purge(await startBalancer([registry], noDelete), { image: `${repository}:${leak.tag}` })
    expectResult(run, 'refused')
    expect(run.errors).toMatch(/No permission.*403 DENIED.*`delete` on acme\/search-indexer/)
    expect(await snapshot(registry, repository, asked)).toEqual(before)
  })

  test('a dry run of a user who may not delete is planned, with a warning', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const balancer = await startBalancer([registry], noDelete)
    const run = await purge(balancer, { image: `${repository}:${leak.tag}`, 'dry-run': 'true' })
    expectResult(run, 'planned')
    const warnings = run.output.annotations.filter(({ level }) => level === 'warning')
    expect(warnings.some(({ message }) => message.includes('No permission'))).toBe(true)
  })

  test.each([
    [401, 'UNAUTHORIZED'],
    [404, 'NAME_UNKNOWN'],
    [503, 'UNAVAILABLE'],
  ])('a registry that answers everything with %i after the deletes proves nothing', async (status, code) => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const deleted = new Set<string>()
    const balancer = await startBalancer([registry], ({ method, path }) => {
      if (deleted.size === leak.ownBlobs.length && method !== 'DELETE')
        return { reply: status, body: error(code) }
      const blob = leak.ownBlobs.find((digest) => path.endsWith(digest))
      if (method === 'DELETE' && blob !== undefined) deleted.add(blob)
      return undefined
    })
    const run = await purge(balancer, { image: `${repository}:${leak.tag}`, 'verify-timeout': '1s' })
    expectResult(run, 'incomplete')
    expect(run.digests).toEqual([])
    expect(run.errors).toContain(String(status))
    await expectGone(registry, repository, {
      tags: [leak.tag],
      manifests: [leak.digest],
      blobs: leak.ownBlobs,
    })
  })
})
