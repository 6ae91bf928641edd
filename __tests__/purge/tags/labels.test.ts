import { describe, expect, test } from '@jest/globals'
import { executeLabels } from '../../../src/purge/tags/labels.js'
import { removeLabels } from '../../../src/purge/tags/remove-labels.js'
import type { MemoryOptions, MemoryRegistry } from '../../support/memory-registry.js'
import { useRegistries } from '../../support/registries.js'
import { error, purging, refuse, REPO, sayAll, sent, type Purging } from '../purging.js'
import { ociImage } from '../../../testbed/images/image.js'
import { ociIndex } from '../../../testbed/images/indexes.js'
import { pushImage } from '../../support/push.js'

const registryWith = useRegistries()
const images = ['one', 'two', 'three'].map((name) => ociImage(name))
const [one, two, three] = images
if (one === undefined || two === undefined || three === undefined) throw new Error('no images')
const TAGS = ['one', 'two', 'two-2', 'three']

/** Three images that an index needs; `three` also has a tag that stays. */
async function begin(
  options: MemoryOptions,
  tags: readonly string[] = TAGS,
): Promise<{ registry: MemoryRegistry; at: Purging }> {
  const registry = await registryWith(options)
  pushImage(registry.store, REPO, ociIndex(images), 'multi')
  for (const [tag, image] of [
    ['one', one],
    ['two', two],
    ['two-2', two],
    ['three', three],
  ] as const)
    registry.store.tag(REPO, tag, image?.digest ?? '')
  registry.store.tag(REPO, 'stable', three?.digest ?? '')
  const at = await purging(registry, { tags, scope: 'tag' })
  await at.purge.freshness.checkAgain('all')
  return { registry, at }
}

const outcomes = (at: Purging, tags = TAGS) => tags.map((tag) => at.doneOf(tag)?.outcome)
const manifestsLeft = (registry: MemoryRegistry): number =>
  images.filter(({ digest }) => registry.store.hasManifest(REPO, digest)).length

describe('labels', () => {
  test.each<[string, MemoryOptions, string]>([
    ['the tag endpoint', {}, 'tag'],
    ['the tag endpoint of Gitea', { tagDeleteTakesManifest: true }, 'tag'],
    ["GitLab's endpoint", { gitlab: true, unsupported: { tag: 405 } }, 'gitlab'],
    ['a placeholder', { dialect: '2.8' }, 'placeholder'],
  ])('are removed by %s, and every manifest stays', async (_, options, via) => {
    const { registry, at } = await begin(options)
    expect(await removeLabels(at.purge, at.purge.plan.tags)).toEqual([])
    expect(registry.store.tags(REPO)).toEqual(['multi', 'stable'])
    expect(manifestsLeft(registry)).toBe(3)
    for (const tag of TAGS) expect(at.doneOf(tag)).toMatchObject({ outcome: 'deleted', via })
  })

  test('are removed in the next way if the registry has not the first one for real tags', async () => {
    const { registry, at } = await begin({ gitlab: true })
    registry.options.unsupported = { tag: 405 }
    expect(await removeLabels(at.purge, at.purge.plan.tags)).toEqual([])
    expect(at.purge.plan.way).toBe('gitlab')
    expect(registry.store.tags(REPO)).toEqual(['multi', 'stable'])
    expect(at.told.join('\n')).toContain('cannot delete such a tag by name')
  })

  test('are not removed if there is no next way', async () => {
    const { registry, at } = await begin({ gitlab: true, unsupported: { tag: 405 } })
    registry.options.intercept = ({ method, path }) =>
      method === 'DELETE' && path.includes('/tags/reference/') ? error(405, 'UNSUPPORTED') : undefined
    const problems = await removeLabels(at.purge, at.purge.plan.tags)
    expect(problems.map(({ kind }) => kind)).toEqual(new Array(4).fill('item-not-deleted'))
    expect(outcomes(at)).toEqual(new Array(4).fill('failed'))
    expect(registry.requests.filter(({ method }) => method === 'PUT')).toHaveLength(2)
  })
})

describe('a registry that deletes a manifest with one of its labels', () => {
  test('is asked for one label and no more', async () => {
    const { registry, at } = await begin({ tagDeleteTakesManifest: 'always' })
    registry.options.onDelete = ({ kind, repo, reference }) => {
      if (kind !== 'tag') return undefined
      registry.store.deleteManifest(repo, registry.store.resolve(repo, reference) ?? '')
      return { worked: false, answer: { status: 202 } }
    }
    const problems = await removeLabels(at.purge, at.purge.plan.tags)
    expect(problems).toMatchObject([
      { kind: 'label-took-manifest', item: { kind: 'tag', name: 'one' }, digest: one.digest },
    ])
    expect(outcomes(at)).toEqual(['deleted', 'kept', 'kept', 'kept'])
    expect(at.doneOf('two')).toMatchObject({ detail: { is: 'not-tried' } })
    expect(manifestsLeft(registry)).toBe(2)
    expect(sayAll(problems)).toContain("with the registry's own tools")
  })

  test('is not suspected because a replica lags behind for a moment', async () => {
    const { registry, at } = await begin({})
    let lies = 1
    registry.options.intercept = ({ method, path }) => {
      const asked = method === 'GET' && path.endsWith(`/manifests/${one.digest}`)
      return asked && at.doneOf('one') !== undefined && lies-- > 0
        ? error(404, 'MANIFEST_UNKNOWN')
        : undefined
    }
    expect(await removeLabels(at.purge, at.purge.plan.tags)).toEqual([])
    expect(lies).toBeLessThan(1)
    expect(outcomes(at)).toEqual(new Array(4).fill('deleted'))
  })
})

describe('a plan of labels only', () => {
  test('asks for each manifest by digest, and says that it is still there', async () => {
    const { registry, at } = await begin({})
    registry.store.untag(REPO, 'three')
    const before = sent(registry, 'GET', two.digest)
    expect(await executeLabels(at.purge)).toEqual({ refused: [], problems: [], left: new Map() })
    expect(sent(registry, 'GET', two.digest)).toBeGreaterThan(before)
    expect(at.told.filter((line) => line.includes('as it should be'))).toHaveLength(3)
    expect(at.told.at(-1)).toMatch(/^end Delete tag: .*3 deleted/)
  })

  test('is refused if nothing was written', async () => {
    const { registry, at } = await begin({}, ['three'])
    registry.options.onDelete = refuse('three', error(403, 'DENIED'))
    const execution = await executeLabels(at.purge)
    expect(execution).toMatchObject({ refused: [{ kind: 'delete-not-permitted' }], problems: [] })
  })

  test('is not refused if a tag is gone though its DELETE was refused', async () => {
    const { registry, at } = await begin({}, ['three'])
    registry.options.onDelete = () => ({ worked: true, answer: error(403, 'DENIED') })
    const execution = await executeLabels(at.purge)
    expect(execution).toMatchObject({ refused: [], problems: [{ kind: 'delete-not-permitted' }] })
  })

  test('does nothing for tags that do not resolve', async () => {
    const registry = await registryWith({})
    pushImage(registry.store, REPO, one, 'one')
    const at = await purging(registry, { tags: ['one'], scope: 'tag' })
    const [tag] = at.purge.plan.tags
    if (tag === undefined) throw new Error('no tag')
    at.purge.plan = { ...at.purge.plan, tags: [{ tag: tag.tag, root: tag.root }] }
    const before = registry.requests.length
    expect(await executeLabels(at.purge)).toEqual({ refused: [], problems: [], left: new Map() })
    expect([registry.requests.length, outcomes(at, ['one'])]).toEqual([before, ['already-gone']])
  })
})
