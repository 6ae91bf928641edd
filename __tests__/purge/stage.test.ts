import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Digest } from '../../src/oci/digest.js'
import type { PlannedContent } from '../../src/plan/plan.js'
import { Stage } from '../../src/purge/stage.js'
import { ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import type { MemoryRegistry } from '../support/memory-registry.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { error, purging, refuse, REPO, sent, type Purging } from './purging.js'

const registryWith = useRegistries()
const children = [ociImage('amd64'), ociImage('arm64')]
const index = ociIndex(children)
const [amd64, arm64] = children.map(({ digest }) => digest as Digest) as [Digest, Digest]
let registry: MemoryRegistry
let at: Purging
let stage: Stage
beforeEach(async () => {
  registry = await registryWith()
  pushImage(registry.store, REPO, index, 'multi')
  pushImage(registry.store, REPO, ociImage('latest'), 'latest')
  at = await purging(registry, { tags: ['multi'] })
  await at.purge.freshness.checkAgain('all')
  stage = new Stage(at.purge, 'Delete manifest')
})

const manifests = (): readonly PlannedContent[] => at.purge.plan.manifests
/** The digests that DELETEs named, in order. */
const deleted = (): (string | undefined)[] =>
  registry.requests.flatMap(({ method, path }) =>
    method === 'DELETE' && path.includes('/manifests/sha256:') ? [path.split('/').at(-1)] : [],
  )
const since = (before: number): (string | undefined)[] => deleted().slice(before)

describe('a step', () => {
  test('that has nothing to do neither begins nor ends', async () => {
    expect(await stage.removeAll('manifest', [])).toEqual([])
    stage.close()
    expect(at.told).toEqual([])
  })

  test('begins once, and ends once with the number of each outcome', async () => {
    stage.open()
    stage.open()
    await stage.removeAll('manifest', manifests())
    at.purge.record({ item: { kind: 'manifest', name: amd64 }, outcome: 'kept' })
    at.purge.record({ item: { kind: 'blob', name: arm64 }, outcome: 'failed' })
    stage.close()
    stage.close()
    const steps = at.told.filter((line) => /^(begin|end) /.test(line))
    expect(steps).toEqual(['begin Delete manifest', 'end Delete manifest: 1 deleted, 1 kept'])
  })

  test('announces everything before its first DELETE', async () => {
    let announced = 0
    registry.options.intercept = ({ method }) => {
      if (method === 'DELETE') announced ||= at.intents.length
    }
    await stage.removeAll('manifest', manifests())
    expect(announced).toBe(3)
  })
})

describe('the manifests of a step', () => {
  test('are deleted with parents before children, in whatever order they come', async () => {
    const before = deleted().length
    expect(await stage.removeAll('manifest', manifests().toReversed())).toEqual([])
    expect(since(before)[0]).toBe(index.digest)
    expect(new Set(since(before))).toEqual(new Set([index.digest, amd64, arm64]))
  })

  test('are tried again after the others if they are refused, as long as that helps', async () => {
    registry.options.parentsFirst = 'MANIFEST_REFERENCED'
    const flat = manifests().map((each) => ({ ...each, level: 0 }))
    expect(
      await stage.removeAll(
        'manifest',
        [...flat].sort((one) => (one.digest === index.digest ? 1 : -1)),
      ),
    ).toEqual([])
    expect(registry.store.hasManifest(REPO, amd64)).toBe(false)
    for (const { digest } of flat) expect(at.doneOf(digest)).toMatchObject({ outcome: 'deleted' })
  })

  test('are tried again once more if that helped another one', async () => {
    const refusals = new Map<string, number>([
      [amd64, 1],
      [arm64, 2],
    ])
    registry.options.onDelete = ({ reference, attempt }) =>
      attempt <= (refusals.get(reference) ?? 0) ? { worked: false, answer: error(409, 'DENIED') } : undefined
    expect(await stage.removeAll('manifest', manifests())).toEqual([])
    expect([amd64, arm64].map((digest) => sent(registry, 'DELETE', digest))).toEqual([2, 3])
  })

  test('are given up when a whole turn did not help', async () => {
    const refusing = [amd64, arm64]
    registry.options.onDelete = ({ reference }) =>
      refusing.includes(reference as Digest) ? { worked: false, answer: error(409, 'DENIED') } : undefined
    const problems = await stage.removeAll('manifest', manifests())
    expect(problems.map(({ kind }) => kind)).toEqual(['delete-refused', 'delete-refused'])
    expect(refusing.map((digest) => sent(registry, 'DELETE', digest))).toEqual([2, 2])
    expect(at.doneOf(amd64)).toMatchObject({ outcome: 'failed' })
  })

  test('below one that is refused are not deleted, and only that one is a problem', async () => {
    registry.options.onDelete = refuse(index.digest, error(409, 'LOCKED'))
    const problems = await stage.removeAll('manifest', manifests())
    const item = { kind: 'manifest', name: index.digest }
    expect(problems).toMatchObject([{ kind: 'delete-refused', item, why: 'locked', answered: '409 LOCKED' }])
    expect(sent(registry, 'DELETE', index.digest)).toBe(2)
    expect([sent(registry, 'DELETE', amd64), sent(registry, 'DELETE', arm64)]).toEqual([0, 0])
    expect(at.doneOf(amd64)).toMatchObject({
      outcome: 'kept',
      detail: { is: 'kept', because: { is: 'above-refused', above: item } },
    })
  })

  test('below one that is refused are deleted if it goes in the end', async () => {
    registry.options.onDelete = ({ reference, attempt }) =>
      reference === index.digest && attempt === 1
        ? { worked: false, answer: error(409, 'LOCKED') }
        : undefined
    expect(await stage.removeAll('manifest', manifests())).toEqual([])
    for (const { digest } of manifests()) expect(at.doneOf(digest)).toMatchObject({ outcome: 'deleted' })
  })

  test('are tried again after a pause if something may still refer to them', async () => {
    const before = at.clock.now()
    registry.options.onDelete = ({ reference, attempt }) =>
      reference === amd64 && attempt <= 3 ? { worked: false, answer: error(405, 'DENIED') } : undefined
    expect(await stage.removeAll('manifest', manifests())).toEqual([])
    expect(at.clock.now() - before).toBeGreaterThanOrEqual(3_000)
  })

  test('are left alone once the registry does not accept the credentials', async () => {
    registry.options.onDelete = refuse(index.digest, error(401, 'UNAUTHORIZED'))
    const problems = await stage.removeAll('manifest', manifests())
    expect(problems.map(({ kind }) => kind)).toEqual(['delete-not-permitted'])
    expect([sent(registry, 'DELETE', amd64), sent(registry, 'DELETE', arm64)]).toEqual([0, 0])
  })
})
