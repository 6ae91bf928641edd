import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Digest } from '../../src/oci/digest.js'
import type { Item } from '../../src/plan/item.js'
import type { Tag } from '../../src/oci/tag.js'
import { deleteInARow } from '../../src/purge/burst.js'
import { deleteOnceMore, heal } from '../../src/purge/heal.js'
import { Stopped } from '../../src/registry/errors.js'
import { CURRENT_FOR } from '../../src/registry/time.js'
import type { MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene, type ReferenceScene } from '../support/scene.js'
import { error, purging, REPO, sayAll, sent, type Purging } from './purging.js'
import { ociImage } from '../../testbed/images/image.js'
import { pushImage } from '../support/push.js'

const registryWith = useRegistries()
const TAG: Item = { kind: 'tag', name: 'debug-42' as Tag }
let registry: MemoryRegistry
let scene: ReferenceScene
let at: Purging
let manifest: Item
let blob: Item
beforeEach(async () => {
  registry = await registryWith()
  scene = referenceScene(registry.store)
  at = await purging(registry, { tags: [TAG.name] })
  manifest = { kind: 'manifest', name: scene.leak.digest as Digest }
  blob = { kind: 'blob', name: scene.gone.at(-1) as Digest }
  at.purge.record({ item: blob, outcome: 'deleted' })
})

const pushFresh = (): void =>
  void pushImage(registry.store, REPO, ociImage('fresh', { layers: ['debug-42/secret'] }), 'fresh')
const deletes = (item: Item): number => sent(registry, 'DELETE', item.name)
const onBlobs = (item: Item) => ({ item, endpoint: 'blobs' }) as const

describe('a burst', () => {
  test.each([
    [0, 3],
    [1, 4],
    [7, 10],
  ])('number %d is of %d DELETEs, each on a connection of its own', async (burst, times) => {
    expect(await heal(at.purge, [onBlobs(blob)], burst)).toMatchObject({
      putOff: false,
      unsure: [],
      problems: [],
    })
    const all = registry.requests.filter(
      ({ method, path }) => method === 'DELETE' && path.endsWith(blob.name),
    )
    expect(new Set(all.map(({ socketId }) => socketId)).size).toBe(times)
    expect(at.doneOf(blob.name)).toMatchObject({
      outcome: 'deleted',
      detail: { is: 'repeated', answers: ['202', ...new Array<string>(times - 1).fill('404')] },
    })
  })

  test('reads every tag first, and keeps what one needs now', async () => {
    pushFresh()
    const healing = await heal(at.purge, [onBlobs(blob), onBlobs(manifest)], 0)
    expect(healing.left).toEqual(new Map([[blob.name, ['fresh']]]))
    expect([deletes(blob), deletes(manifest)]).toEqual([0, 3])
    expect(at.doneOf(blob.name)?.detail).toBeUndefined()
  })

  test('keeps a tag that somebody pushed', async () => {
    const other = ociImage('other')
    pushImage(registry.store, REPO, other, TAG.name)
    const healing = await heal(at.purge, [{ item: TAG, endpoint: 'manifests' }], 0)
    expect(healing.movedTags).toEqual(new Map([[TAG.name, other.digest]]))
    expect(deletes(TAG)).toBe(0)
  })

  test('sends nothing if the tags cannot be checked', async () => {
    registry.options.intercept = ({ path }) => (path.endsWith('/tags/list') ? { status: 403 } : undefined)
    const healing = await heal(at.purge, [onBlobs(blob)], 0)
    expect(healing.unsure).toEqual([
      { is: 'unchecked', problem: { kind: 'no-permission-to-list', repository: REPO, answered: '403' } },
    ])
    expect(deletes(blob)).toBe(0)
  })

  test('sends nothing if what a tag needs is not known', async () => {
    registry.options.reads = { latest: 403 }
    const healing = await heal(at.purge, [onBlobs(blob)], 0)
    expect(healing.unsure).toMatchObject([{ is: 'unsure' }])
    expect(deletes(blob)).toBe(0)
  })

  test('deletes as a blob a manifest that is served as one', async () => {
    await deleteInARow(at.purge, onBlobs(manifest), 2)
    const paths = registry.requests.flatMap(({ method, path }) => (method === 'DELETE' ? [path] : []))
    expect(paths.filter((path) => path.endsWith(manifest.name))).toEqual(
      new Array(2).fill(`/v2/${REPO}/blobs/${manifest.name}`),
    )
    expect(at.doneOf(manifest.name)?.item).toEqual(manifest)
  })

  test('goes on after a failure, and ends when the registry asks for a pause', async () => {
    const answers = [error(500, 'UNKNOWN'), error(404, 'BLOB_UNKNOWN'), error(429, 'TOOMANYREQUESTS')]
    registry.options.intercept = ({ method }) => (method === 'DELETE' ? answers.shift() : undefined)
    const healing = await heal(at.purge, [onBlobs(blob), onBlobs(manifest)], 5)
    expect(healing.putOff).toBe(true)
    expect(at.doneOf(blob.name)).toMatchObject({ detail: { answers: ['500', '404', '429'] } })
    expect(deletes(manifest)).toBe(0)
  })

  test('whose DELETE was held back is no success, whatever the number of milliseconds', async () => {
    await at.purge.freshness.checkAgain('all')
    registry.options.tooMany = {
      times: 1,
      retryAfter: '2',
      match: ({ method, path }) => method === 'DELETE' && path.endsWith(manifest.name),
    }
    expect(await deleteInARow(at.purge, { item: manifest, endpoint: 'manifests' }, 1)).toBe(true)
    expect(await deleteInARow(at.purge, { item: manifest, endpoint: 'manifests' }, 3)).toBe(true)
    expect(at.doneOf(manifest.name)).toMatchObject({ outcome: 'failed', detail: { answers: ['2000'] } })
    expect(deletes(manifest)).toBe(1)
  })

  test('that takes long is checked again in the middle', async () => {
    await at.purge.freshness.checkAgain('all')
    registry.options.after = async ({ method }) => {
      if (method !== 'DELETE') return
      pushFresh()
      await at.clock.advance(CURRENT_FOR + 1)
    }
    await deleteInARow(at.purge, onBlobs(blob), 3)
    expect(at.doneOf(blob.name)).toMatchObject({
      outcome: 'deleted',
      detail: { answers: ['202'], ended: { is: 'needed', by: ['fresh'] } },
    })
    expect(deletes(blob)).toBe(1)
  })

  test('ends when the run is stopped', async () => {
    await at.purge.freshness.checkAgain('all')
    registry.options.after = ({ method }) => void (method === 'DELETE' && at.stop())
    await expect(deleteInARow(at.purge, onBlobs(blob), 3)).rejects.toThrow(Stopped)
    expect(deletes(blob)).toBe(1)
  })
})

describe('the very last DELETE', () => {
  test('is one, and what it did is not read', async () => {
    expect(await deleteOnceMore(at.purge, [blob.name as Digest])).toEqual([])
    expect(registry.requests.at(-1)).toMatchObject({ method: 'DELETE' })
    expect(deletes(blob)).toBe(1)
    expect(at.told.at(-1)).toBe('withdraw')
  })

  test('comes after a check that is newer than any other', async () => {
    await at.purge.freshness.checkAgain('all')
    await at.clock.advance(1)
    pushFresh()
    const problems = await deleteOnceMore(at.purge, [blob.name as Digest])
    expect(problems).toMatchObject([{ kind: 'item-kept', item: blob, because: { is: 'needed' } }])
    expect(sayAll(problems)).toBe(`blob ${REPO}@${blob.name} was kept: a tag needs it now: fresh`)
    expect(deletes(blob)).toBe(0)
  })
})
