import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Item } from '../../src/plan/item.js'
import type { Tag } from '../../src/oci/tag.js'
import { deleteInARow, keptBecause } from '../../src/purge/burst.js'
import { CURRENT_FOR } from '../../src/registry/time.js'
import { ociImage } from '../../testbed/images/image.js'
import type { MemoryRegistry } from '../support/memory-registry.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { error, purging, refuse, REPO, sent, type Purging } from './purging.js'

const registryWith = useRegistries()
const TAG: Item = { kind: 'tag', name: 'debug-42' as Tag }
const PRESENT = { item: TAG, endpoint: 'manifests' } as const
let registry: MemoryRegistry
let at: Purging
beforeEach(async () => {
  registry = await registryWith()
  referenceScene(registry.store)
  at = await purging(registry, { tags: [TAG.name] })
})

describe('a burst on a tag', () => {
  test.each([
    ['tag', undefined],
    ['tag', 'tag'],
    ['tag', 'placeholder'],
  ] as const)('records the %s endpoint, which it used, if labels are removed by %s', async (via, way) => {
    at.purge.plan = { ...at.purge.plan, ...(way !== undefined && { way }) }
    expect(await deleteInARow(at.purge, PRESENT, 1)).toBe(false)
    expect(at.doneOf(TAG.name)).toMatchObject({ outcome: 'deleted', via })
    expect(registry.store.resolve(REPO, TAG.name)).toBeUndefined()
  })

  test('that does not work leaves the outcome as it was, and how it came about', async () => {
    at.purge.record({ item: TAG, outcome: 'with-manifest', via: 'manifest' })
    registry.options.onDelete = refuse(TAG.name, error(405, 'UNSUPPORTED'))
    await deleteInARow(at.purge, PRESENT, 2)
    expect(at.doneOf(TAG.name)).toMatchObject({
      outcome: 'with-manifest',
      via: 'manifest',
      detail: { is: 'repeated', answers: ['405', '405'] },
    })
  })

  test('counts as written before its first response', async () => {
    registry.options.onDelete = refuse(TAG.name, error(405, 'UNSUPPORTED'))
    const wrote: boolean[] = []
    registry.options.intercept = ({ method }) => void (method === 'DELETE' && wrote.push(at.purge.wrote))
    expect(at.purge.wrote).toBe(false)
    await deleteInARow(at.purge, PRESENT, 1)
    expect(wrote).toEqual([true])
  })

  test('names no digest that the run has touched', async () => {
    await deleteInARow(at.purge, PRESENT, 1)
    expect([...at.purge.touched]).toEqual([])
  })
})

describe('a burst on a registry that deletes in steps', () => {
  /** Without the probes. */
  const statuses = (): number[] =>
    registry.requests.flatMap(({ method, status }) => (method === 'DELETE' ? [status] : [])).slice(2)

  test('takes every step of a DELETE of a manifest, and then begins anew', async () => {
    registry.options.deleteSteps = { keys: 3 }
    const digest = registry.store.resolve(REPO, TAG.name) ?? ''
    const item = { kind: 'manifest', name: digest } as Item
    await at.purge.freshness.checkAgain('all')
    await deleteInARow(at.purge, { item, endpoint: 'manifests' }, 2)
    expect(statuses()).toEqual([400, 400, 202, 404])
    expect(at.doneOf(digest)).toMatchObject({ detail: { is: 'repeated', answers: ['202', '404'] } })
    expect(registry.requests.at(-1)?.url).not.toContain('?')
  })

  test('takes only the first step of a DELETE of a tag', async () => {
    registry.options.deleteSteps = { keys: 3 }
    await deleteInARow(at.purge, PRESENT, 2)
    expect(statuses()).toEqual([400, 400])
    expect(registry.requests.at(-1)?.url).not.toContain('?')
  })
})

describe('before a DELETE of a burst', () => {
  const blob = { kind: 'blob', name: ociImage('debug-42', { layers: ['debug-42/secret'] }).layers[0]?.digest }
  const lists = (): number => sent(registry, 'GET', 'tags/list')

  test('the tags are listed if the newest check is older than asked', async () => {
    await at.purge.freshness.checkAgain('all')
    const before = lists()
    await at.clock.advance(CURRENT_FOR)
    expect(await keptBecause(at.purge, blob as Item)).toBeUndefined()
    expect(lists()).toBe(before)
    await at.clock.advance(1)
    pushImage(registry.store, REPO, ociImage('fresh', { layers: ['debug-42/secret'] }), 'fresh')
    expect(await keptBecause(at.purge, blob as Item)).toEqual({ is: 'needed', by: ['fresh'] })
    expect(lists()).toBe(before + 1)
  })

  test('a tag needs no list, since it was read right before', async () => {
    const before = lists()
    await at.clock.advance(CURRENT_FOR + 1)
    expect(await keptBecause(at.purge, TAG)).toBeUndefined()
    expect(lists()).toBe(before)
  })

  test('content is kept if the tags cannot be listed', async () => {
    await at.clock.advance(CURRENT_FOR + 1)
    registry.options.intercept = ({ path }) => (path.endsWith('/tags/list') ? { status: 403 } : undefined)
    expect(await keptBecause(at.purge, blob as Item)).toMatchObject({ is: 'unchecked' })
  })
})
