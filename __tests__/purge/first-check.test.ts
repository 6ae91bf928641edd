import { beforeEach, describe, expect, test } from '@jest/globals'
import { NAMED } from '../../src/flow/ask/rules.js'
import type { Digest } from '../../src/oci/digest.js'
import type { Tag } from '../../src/oci/tag.js'
import type { Survey } from '../../src/survey/facts.js'
import { checkFirst, type FirstCheck } from '../../src/purge/first-check.js'
import { ociImage } from '../../testbed/images/image.js'
import type { MemoryRegistry } from '../support/memory-registry.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene, type ReferenceScene } from '../support/scene.js'
import { purging, REPO, sent, type Purging } from './purging.js'

const registryWith = useRegistries()
const TAG = 'debug-42'
let registry: MemoryRegistry
let scene: ReferenceScene
let at: Purging
let survey: Survey
beforeEach(async () => {
  registry = await registryWith()
  scene = referenceScene(registry.store)
  at = await purging(registry, { tags: [TAG] })
  survey = at.purge.facts as Survey
})

/** @param aged whether the survey is old */
function check(aged = false): Promise<FirstCheck> {
  const target = { repository: REPO, tags: [{ tag: TAG as Tag }], digests: [], blobs: [] }
  const rules = {
    registry: registry.url,
    scope: 'image',
    sharedBlobs: 'keep',
    protectedTags: [],
    unreadableTags: 'refuse',
    dryRun: false,
    ...NAMED,
  } as const
  return checkFirst(at.purge, { target, survey, rules, aged })
}

/** Reads of a tag since the call of this function. */
function readsOf(tag: string): () => number {
  const before = sent(registry, 'GET', `manifests/${tag}`)
  return () => sent(registry, 'GET', `manifests/${tag}`) - before
}

describe('the check before the first write', () => {
  test('refuses nothing if nothing has changed, and writes nothing', async () => {
    expect(await check()).toEqual({ refused: [], left: new Map() })
    expect([sent(registry, 'DELETE', TAG), at.purge.wrote]).toEqual([0, false])
  })

  test('refuses if somebody pushed the tag', async () => {
    const { digest } = ociImage('other')
    pushImage(registry.store, REPO, ociImage('other'), TAG)
    const { refused } = await check()
    expect(refused).toContainEqual({ kind: 'tag-moved', repository: REPO, tag: TAG, digest })
  })

  test('refuses if the tags can no longer be listed, and tells why', async () => {
    registry.options.intercept = ({ path }) => (path.endsWith('/tags/list') ? { status: 403 } : undefined)
    expect(await check()).toEqual({
      refused: [{ kind: 'no-permission-to-list', repository: REPO, answered: '403' }],
      left: new Map(),
    })
  })

  test('refuses what a plan of now would refuse', async () => {
    registry.store.tag(REPO, 'alias', scene.leak.digest)
    const { refused } = await check()
    expect(refused).toContainEqual(expect.objectContaining({ kind: 'alias' }))
  })

  test('names what a new tag needs, which stays', async () => {
    const secret = scene.gone.at(-1) as Digest
    pushImage(registry.store, REPO, ociImage('fresh', { layers: ['debug-42/secret'] }), 'fresh')
    const { left } = await check()
    expect(left).toEqual(new Map([[secret, ['fresh']]]))
  })
})

describe('a tag that stays', () => {
  test('is read again only if the survey is old', async () => {
    const reads = readsOf('latest')
    await check()
    expect(reads()).toBe(0)
    await check(true)
    expect(reads()).toBeGreaterThan(0)
  })

  test('is read again if it is protected, up to a hundred of them', async () => {
    const { plan } = at.purge
    const names = [...plan.remaining.map(({ tag }) => tag), ...Array.from({ length: 99 }, (_, n) => `p${n}`)]
    for (const name of names.slice(-99)) registry.store.tag(REPO, name, scene.v100.digest)
    at = await purging(registry, { tags: [TAG] })
    survey = at.purge.facts as Survey
    at.purge.plan = {
      ...at.purge.plan,
      remaining: at.purge.plan.remaining.map((each) => ({ ...each, protected: true })),
    }
    const all = at.purge.plan.remaining.map(({ tag }) => tag)
    const before = registry.requests.length
    await check()
    const read = all.filter((tag) =>
      registry.requests.slice(before).some(({ path }) => path.endsWith(`/manifests/${tag}`)),
    )
    expect(read).toEqual(all.slice(0, 100))
    expect(all).toHaveLength(103)
  })
})
