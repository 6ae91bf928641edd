import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Tag } from '../../../src/oci/tag.js'
import type { PlannedTag } from '../../../src/plan/plan.js'
import { Retention } from '../../../src/purge/tags/retention.js'
import { deleteTwists, type Interception, type MemoryRegistry } from '../../support/memory-registry.js'
import { useRegistries } from '../../support/registries.js'
import { error, purging, REPO, sent, type Purging } from '../purging.js'
import { ociImage } from '../../../testbed/images/image.js'
import { ociIndex } from '../../../testbed/images/indexes.js'
import { pushImage } from '../../support/push.js'

const registryWith = useRegistries()
const child = ociImage('child')
const shared = ociImage('shared')
const alone = ociImage('alone')
const LABELS = ['child', 'child-2', 'shared', 'alone']
let registry: MemoryRegistry
let at: Purging
let retention: Retention
beforeEach(async () => {
  registry = await registryWith({ tagDeleteTakesManifest: true })
  pushImage(registry.store, REPO, ociIndex([child, ociImage('other child')]), 'multi')
  pushImage(registry.store, REPO, shared, 'stable')
  pushImage(registry.store, REPO, alone, 'alone')
  for (const tag of ['child', 'child-2']) registry.store.tag(REPO, tag, child.digest)
  registry.store.tag(REPO, 'shared', shared.digest)
  at = await purging(registry, { tags: LABELS, scope: 'tag' })
  await at.purge.freshness.checkAgain('all')
  retention = new Retention(at.purge)
})

function label(tag: string): PlannedTag {
  const planned = at.purge.plan.tags.find((each) => each.tag === (tag as Tag))
  if (planned === undefined) throw new Error(`${tag} is not planned`)
  return planned
}
const puts = (): number => registry.requests.filter(({ method }) => method === 'PUT').length
const onPut = (answer: ReturnType<typeof error>): void => {
  registry.options.onPut = () => ({ worked: false, answer })
}
const FREE = { is: 'free' }

describe('a manifest that loses its last tag', () => {
  test('is pushed by its digest once, for all its labels, and told before', async () => {
    expect(await retention.keep(label('child'))).toEqual(FREE)
    expect(await retention.keep(label('child-2'))).toEqual(FREE)
    expect([puts(), sent(registry, 'PUT', child.digest)]).toEqual([1, 1])
    expect(at.told[0]).toBe('about tag child')
    expect(at.purge.wrote).toBe(true)
    registry.store.deleteIfUnversioned(REPO, child.digest)
    expect(registry.store.hasManifest(REPO, child.digest)).toBe(true)
  })

  test('is not pushed if another tag stays on it', async () => {
    expect(retention.losesLastTag(shared.digest as never)).toBe(false)
    expect(await retention.keep(label('shared'))).toEqual(FREE)
    expect(puts()).toBe(0)
    registry.store.untag(REPO, 'stable')
    await at.purge.freshness.checkAgain('all')
    expect(retention.losesLastTag(shared.digest as never)).toBe(true)
  })

  test('keeps its label if it cannot be pushed and is needed', async () => {
    onPut(error(400, 'MANIFEST_INVALID'))
    expect(await retention.keep(label('child'))).toMatchObject({
      is: 'kept',
      because: {
        is: 'last-tag',
        digest: child.digest,
        by: ['multi'],
        answered: expect.stringContaining('400'),
      },
    })
    expect(retention.refusal(child.digest as never)).toContain('400 MANIFEST_INVALID')
    expect(at.purge.wrote).toBe(false)
  })

  test('may go with its label if it cannot be pushed and nothing needs it', async () => {
    onPut(error(400, 'MANIFEST_INVALID'))
    expect(await retention.keep(label('alone'))).toEqual(FREE)
    expect(retention.refusal(alone.digest as never)).toContain('400')
  })

  test.each([
    [403, 'DENIED'],
    [405, 'UNSUPPORTED'],
  ])('is not pushed if another one was refused with %d', async (status, code) => {
    onPut(error(status, code))
    await retention.keep(label('alone'))
    expect(await retention.keep(label('child'))).toMatchObject({ is: 'kept', because: { is: 'last-tag' } })
    expect(puts()).toBe(1)
  })

  test.each<[string, Interception]>([
    ['404', error(404, 'MANIFEST_UNKNOWN')],
    ['other bytes', { status: 200, body: '{}' }],
    ['a response out of a cache', { status: 200, headers: { Age: '5' }, body: '{}' }],
    ['no response', 'reset'],
  ])('keeps its label, needed or not, if its digest answers with %s', async (_, answer) => {
    registry.options.intercept = ({ method, path }) =>
      method === 'GET' && path.endsWith(alone.digest) ? answer : undefined
    expect(await retention.keep(label('alone'))).toMatchObject({
      is: 'kept',
      because: { is: 'unread-manifest', digest: alone.digest },
    })
    expect(puts()).toBe(0)
  })

  test('is pushed again after a failure, each time right after it was read', async () => {
    let failures = 2
    registry.options.onPut = () => (failures-- > 0 ? deleteTwists.failed : undefined)
    expect(await retention.keep(label('child'))).toEqual(FREE)
    const last = registry.requests.slice(-6).map(({ method }) => method)
    expect(last).toEqual(['GET', 'PUT', 'GET', 'PUT', 'GET', 'PUT'])
  })

  test('is given up after four failures, but never because the registry asks for a pause', async () => {
    onPut(error(500, 'UNKNOWN'))
    expect(await retention.keep(label('child'))).toMatchObject({ is: 'kept' })
    expect(puts()).toBe(4)
    let pauses = 9
    registry.options.onPut = () => {
      const answer = pauses-- > 0 ? error(429, 'TOOMANYREQUESTS') : error(500, 'UNKNOWN')
      return { worked: false, answer }
    }
    await retention.keep(label('alone'))
    expect(puts()).toBe(4 + 9 + 4)
  })

  test('is not pushed by a page that answers with 200', async () => {
    registry.options.onPut = () => ({ worked: false, answer: { status: 200, body: '<html>' } })
    expect(await retention.keep(label('child'))).toMatchObject({ is: 'kept', because: { is: 'last-tag' } })
  })
})
