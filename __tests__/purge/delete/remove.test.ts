import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Digest } from '../../../src/oci/digest.js'
import type { Item } from '../../../src/plan/item.js'
import type { Tag } from '../../../src/oci/tag.js'
import { recordRemoval } from '../../../src/purge/delete/record-removal.js'
import type { Removal } from '../../../src/purge/delete/removal.js'
import { remove } from '../../../src/purge/delete/remove.js'
import { MOST_STEPS } from '../../../src/purge/delete/steps.js'
import { TRIES } from '../../../src/purge/pauses.js'
import { Stopped } from '../../../src/registry/errors.js'
import { CURRENT_FOR } from '../../../src/registry/time.js'
import { deleteTwists, type MemoryRegistry } from '../../support/memory-registry.js'
import { useRegistries } from '../../support/registries.js'
import { referenceScene, type ReferenceScene } from '../../support/scene.js'
import { error, purging, refuse, REPO, sayAll, sent, type Purging } from '../purging.js'
import { ociImage } from '../../../testbed/images/image.js'
import { pushImage } from '../../support/push.js'

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
  await at.purge.freshness.checkAgain('all')
  manifest = { kind: 'manifest', name: scene.leak.digest as Digest }
  blob = { kind: 'blob', name: scene.gone.at(-1) as Digest }
})

/** Pushes an image that needs the blob. */
const pushFresh = (): void =>
  void pushImage(registry.store, REPO, ociImage('fresh', { layers: ['debug-42/secret'] }), 'fresh')

describe('a DELETE', () => {
  test('that works is told before it is sent, and deletes', async () => {
    const told: string[][] = []
    registry.options.intercept = ({ method }) => void (method === 'DELETE' && told.push([...at.told]))
    for (const item of [TAG, manifest, blob]) expect(await remove(at.purge, item)).toEqual({ is: 'deleted' })
    expect(told.map((each) => each.at(-1))).toEqual(
      [TAG, manifest, blob].map(({ kind, name }) => `about ${kind} ${name}`),
    )
    expect([...at.purge.touched]).toEqual([manifest.name, blob.name])
    expect(registry.store.hasBlob(REPO, blob.name)).toBe(false)
  })

  test('that works with errors in its body says so', async () => {
    registry.options.onDelete = () => deleteTwists.acceptedWithErrors
    expect(await remove(at.purge, TAG)).toMatchObject({
      is: 'deleted',
      detail: { is: 'answered', answered: expect.stringContaining('202 UNKNOWN') },
    })
  })

  test.each<[number, string, Partial<Removal>]>([
    [401, 'UNAUTHORIZED', { is: 'denied' }],
    [403, 'DENIED', { is: 'refused', why: 'forbidden' }],
    [405, 'DENIED', { is: 'refused', why: 'referenced' }],
    [409, 'MANIFEST_REFERENCED', { is: 'refused', why: 'referenced' }],
    [412, 'PRECONDITION', { is: 'refused', why: 'locked' }],
    [400, 'GOOGLE_MANIFEST_DANGLING_TAG', { is: 'refused', why: 'referenced' }],
    [405, 'UNSUPPORTED', { is: 'refused', why: 'locked' }],
    [404, 'MANIFEST_UNKNOWN', { is: 'already-gone' }],
  ])('of a manifest with the response %d %s is judged, and sent once', async (status, code, removal) => {
    registry.options.onDelete = refuse(manifest.name, error(status, code))
    expect(await remove(at.purge, manifest)).toMatchObject(removal)
    expect(sent(registry, 'DELETE', manifest.name)).toBe(1)
    expect(at.purge.wrote).toBe(false)
  })

  test('of what answered by digest a moment ago, and is gone already, shows replicas that differ', async () => {
    registry.options.onDelete = refuse(manifest.name, error(404, 'MANIFEST_UNKNOWN'))
    await remove(at.purge, manifest)
    expect(at.purge.differed).toBe(false)
    at.purge.confirmed.add(manifest.name as Digest)
    await remove(at.purge, manifest)
    expect(at.purge.differed).toBe(true)
  })

  test('that the run is stopped in the middle of has an unknown outcome', async () => {
    registry.options.intercept = ({ method }) => {
      if (method !== 'DELETE') return undefined
      at.stop(true)
      return 'hang'
    }
    await expect(remove(at.purge, blob)).rejects.toThrow(Stopped)
    expect(at.doneOf(blob.name)).toMatchObject({ outcome: 'unknown', detail: { is: 'in-flight' } })
  })
})

describe('a DELETE in steps', () => {
  /** Without the probes. */
  const statuses = (): number[] =>
    registry.requests.flatMap(({ method, status }) => (method === 'DELETE' ? [status] : [])).slice(2)

  test('that finds the item gone has deleted it, since an earlier step may have', async () => {
    registry.options.deleteSteps = { keys: 3 }
    registry.options.after = ({ method }, store) => {
      if (method === 'DELETE') store.deleteManifest(REPO, manifest.name)
    }
    at.purge.confirmed.add(manifest.name as Digest)
    expect(await remove(at.purge, manifest)).toMatchObject({ is: 'deleted' })
    expect(statuses()).toEqual([400, 404])
    expect(at.purge.differed).toBe(false)
  })

  test('has a bound, and a step counts as a write', async () => {
    let steps = 0
    const header = (target: string): string => `<${target.replace(/last=.*/, `last=${++steps}`)}>; rel="next"`
    registry.options.deleteSteps = { keys: 1, header }
    registry.options.intercept = ({ method, url }) => {
      if (method !== 'DELETE' || !url.includes('?')) return undefined
      return { status: 400, body: { errors: [{ code: 'MANIFEST_TAGS' }] }, headers: { Link: header(url) } }
    }
    expect(await remove(at.purge, manifest)).toMatchObject({
      is: 'failed',
      detail: { is: 'stuck', why: 'too-many' },
    })
    expect(statuses()).toHaveLength(MOST_STEPS + 1)
    expect(at.purge.wrote).toBe(true)
  })

  test('of a tag reads the tag again before a step, after a second', async () => {
    registry.options.deleteSteps = { keys: 3 }
    const other = ociImage('other')
    registry.options.after = async ({ method }, store) => {
      if (method !== 'DELETE') return
      pushImage(store, REPO, other, TAG.name)
      await at.clock.advance(CURRENT_FOR)
    }
    expect(await remove(at.purge, TAG)).toEqual({ is: 'kept', because: { is: 'moved', to: other.digest } })
    expect(statuses()).toEqual([400])
  })

  test('by an endpoint of its own for tags has no steps', async () => {
    at.purge.plan = { ...at.purge.plan, way: 'gitlab' }
    registry.options.intercept = ({ method }) =>
      method === 'DELETE'
        ? {
            status: 400,
            body: { errors: [{ code: 'MANIFEST_TAGS' }] },
            headers: { Link: '<x?last=a>; rel=next' },
          }
        : undefined
    expect(await remove(at.purge, TAG)).toMatchObject({ is: 'refused' })
  })
})

test.each([
  ['Basic realm="Gitea Package API"', 'a token with the scope `write:package`'],
  ['Bearer realm="https://quay.example.com/v2/auth",scope="repository:a/b:pull,push"', 'Write (`push`)'],
  ['Bearer realm="https://auth.example.com/token",scope="repository:a/b:pull,push"', 'the action `push` on'],
  ['Basic realm="registry"', 'the action `delete` on'],
])('a DELETE that is not permitted names the right by the challenge %s', async (challenge, right) => {
  registry.options.intercept = ({ method }) =>
    method === 'DELETE' ? { status: 403, headers: { 'WWW-Authenticate': challenge } } : undefined
  const removal = await remove(at.purge, manifest)
  expect(sayAll(recordRemoval(at.purge, manifest, removal))).toContain(
    `The user needs ${right.startsWith('Write') ? 'the permission ' : ''}${right}`,
  )
})

describe('before a DELETE', () => {
  test('the newest check decides', async () => {
    pushFresh()
    await at.purge.freshness.checkAgain('all')
    expect(await remove(at.purge, blob)).toEqual({ is: 'kept', because: { is: 'needed', by: ['fresh'] } })
    expect(sent(registry, 'DELETE', blob.name)).toBe(0)
  })

  test('nothing is checked again within a second, and the tags are after it', async () => {
    const before = sent(registry, 'GET', 'tags/list')
    await remove(at.purge, manifest)
    expect(sent(registry, 'GET', 'tags/list')).toBe(before)
    await at.clock.advance(CURRENT_FOR + 1)
    pushFresh()
    expect(await remove(at.purge, blob)).toMatchObject({ is: 'kept' })
    expect(sent(registry, 'GET', 'tags/list')).toBe(before + 1)
    expect(sent(registry, 'DELETE', blob.name)).toBe(0)
  })

  test('a tag that somebody pushed meanwhile is kept, and one that is gone needs none', async () => {
    await at.clock.advance(CURRENT_FOR)
    const other = ociImage('other')
    pushImage(registry.store, REPO, other, TAG.name)
    expect(await remove(at.purge, TAG)).toEqual({ is: 'kept', because: { is: 'moved', to: other.digest } })
    registry.store.untag(REPO, TAG.name)
    expect(await remove(at.purge, TAG)).toEqual({ is: 'already-gone' })
    expect(sent(registry, 'DELETE', TAG.name)).toBe(0)
  })

  test('what cannot be checked is not deleted', async () => {
    await at.clock.advance(CURRENT_FOR + 1)
    registry.options.intercept = ({ path }) => (path.endsWith('/tags/list') ? { status: 403 } : undefined)
    expect(await remove(at.purge, blob)).toEqual({ is: 'failed', detail: { is: 'unchecked' } })
    expect(sent(registry, 'DELETE', blob.name)).toBe(0)
  })
})

describe('a DELETE whose outcome is unknown', () => {
  test('is looked up, and not sent again if it worked', async () => {
    registry.options.onDelete = () => deleteTwists.failedButWorked
    expect(await remove(at.purge, manifest)).toMatchObject({
      is: 'deleted',
      detail: { is: 'found-gone', seen: true, answered: expect.stringContaining('500') },
    })
    expect(sent(registry, 'DELETE', manifest.name)).toBe(1)
  })

  test('is looked up, though a check of another item came in between', async () => {
    registry.options.onDelete = () => deleteTwists.failedButWorked
    at.purge.freshness.outdate = () => undefined
    expect(await remove(at.purge, manifest)).toMatchObject({ is: 'deleted', detail: { is: 'found-gone' } })
    expect(sent(registry, 'DELETE', manifest.name)).toBe(1)
  })

  test('shows no deletion of what nobody has seen before', async () => {
    registry.options.onDelete = () => deleteTwists.failedButWorked
    expect(await remove(at.purge, blob)).toMatchObject({
      is: 'already-gone',
      detail: { is: 'found-gone', seen: false },
    })
  })

  test('is sent again if it did not work, at most so many times', async () => {
    let failures = 2
    registry.options.onDelete = () => (failures-- > 0 ? deleteTwists.reset : undefined)
    expect(await remove(at.purge, manifest)).toEqual({ is: 'deleted' })
    expect(sent(registry, 'DELETE', manifest.name)).toBe(3)
    failures = Infinity
    expect(await remove(at.purge, blob)).toMatchObject({
      is: 'failed',
      detail: { is: 'answered', answered: expect.stringContaining('ECONNRESET') },
    })
    expect(sent(registry, 'DELETE', blob.name)).toBe(TRIES)
  })

  test('is not sent again if a tag came to need it', async () => {
    registry.options.onDelete = () => {
      pushFresh()
      return deleteTwists.failed
    }
    expect(await remove(at.purge, blob)).toEqual({ is: 'kept', because: { is: 'needed', by: ['fresh'] } })
    expect(sent(registry, 'DELETE', blob.name)).toBe(1)
  })

  test('stays unknown if the 404 after it is not of the registry itself', async () => {
    registry.options.onDelete = () => deleteTwists.failed
    registry.options.intercept = ({ method, path }) =>
      method === 'GET' && path.endsWith(manifest.name) ? { status: 404, body: '<html>' } : undefined
    expect(await remove(at.purge, manifest)).toMatchObject({
      is: 'unknown',
      detail: { is: 'foreign-404', answered: expect.stringContaining('500') },
    })
    expect(sent(registry, 'DELETE', manifest.name)).toBe(1)
  })
})

describe('a registry that asks for a pause', () => {
  test('gets it for as long as it likes, and then every tag is read again', async () => {
    let left = 2 * TRIES
    registry.options.intercept = ({ method }) =>
      method === 'DELETE' && left-- > 0 ? { status: 429, headers: { 'Retry-After': '3' } } : undefined
    const before = at.clock.now()
    const reads = sent(registry, 'GET', 'manifests/latest')
    expect(await remove(at.purge, blob)).toEqual({ is: 'deleted' })
    expect(at.clock.now() - before).toBeGreaterThanOrEqual(2 * TRIES * 3_000)
    expect(sent(registry, 'GET', 'manifests/latest')).toBeGreaterThan(reads)
  })
})

describe('the record of a removal', () => {
  test.each([
    ['tag', undefined],
    ['tag', 'tag'],
    ['gitlab', 'gitlab'],
    ['tag', 'placeholder'],
  ] as const)('names the %s endpoint, which its DELETE used, if labels are removed by %s', (via, way) => {
    at.purge.plan = { ...at.purge.plan, ...(way !== undefined && { way }) }
    recordRemoval(at.purge, TAG, { is: 'deleted' })
    expect(at.doneOf(TAG.name)).toMatchObject({ outcome: 'deleted', via })
  })

  const because = { is: 'needed', by: ['fresh' as Tag] } as const
  const detail = { is: 'unchecked' } as const

  test.each<[Removal, object, string]>([
    [{ is: 'deleted' }, { outcome: 'deleted', via: 'tag' }, ''],
    [{ is: 'already-gone', detail }, { outcome: 'already-gone', via: 'tag', detail }, ''],
    [
      { is: 'kept', because },
      { outcome: 'kept', detail: { is: 'kept', because } },
      'was kept: a tag needs it now: fresh',
    ],
    [{ is: 'failed', detail }, { outcome: 'failed', detail }, 'was not deleted: it could not be checked'],
    [{ is: 'unknown', detail }, { outcome: 'unknown', detail }, 'was deleted is not known: it could not'],
    [
      { is: 'refused', answered: '409 X', why: 'locked', status: 409, code: 'X' },
      { outcome: 'failed', detail: { is: 'answered', answered: '409 X' } },
      'was not deleted: the registry returned 409 X, although deletion is allowed there. It is locked',
    ],
    [
      { is: 'refused', answered: '403', why: 'forbidden', status: 403, code: '' },
      { outcome: 'failed' },
      'no permission (403)',
    ],
    [{ is: 'denied', answered: '401' }, { outcome: 'failed' }, 'no permission (401)'],
    [{ is: 'unsupported', answered: '405' }, { outcome: 'failed' }, 'the registry returned 405'],
  ])('%j', (removal, done, words) => {
    const problems = recordRemoval(at.purge, TAG, removal)
    expect(at.doneOf(TAG.name)).toMatchObject(done)
    expect(problems).toHaveLength(words === '' ? 0 : 1)
    expect(sayAll(problems)).toContain(words)
    if (words !== '') expect(sayAll(problems)).toContain(`tag ${REPO}:debug-42`)
    expect(at.purge.denied).toBe(removal.is === 'denied')
  })
})
