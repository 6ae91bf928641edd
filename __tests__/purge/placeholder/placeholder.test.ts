import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Digest } from '../../../src/oci/digest.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { PlannedTag } from '../../../src/plan/plan.js'
import { replaceAgain } from '../../../src/purge/placeholder/again.js'
import { emptyImage, emptyIndex } from '../../../src/purge/placeholder/dummy.js'
import { placeholder } from '../../../src/purge/placeholder/placeholder.js'
import { Stopped } from '../../../src/registry/errors.js'
import type { MemoryOptions, MemoryRegistry } from '../../support/memory-registry.js'
import { SeededRandom } from '../../support/random.js'
import { useRegistries } from '../../support/registries.js'
import { referenceScene, type ReferenceScene } from '../../support/scene.js'
import { error, purging, REPO, sayAll, sent, type Purging } from '../purging.js'
import { ociImage } from '../../../testbed/images/image.js'
import { pushImage } from '../../support/push.js'

const registryWith = useRegistries()
const TAG = 'debug-42'
const VIA = { via: 'placeholder' }
let registry: MemoryRegistry
let scene: ReferenceScene
let at: Purging
beforeEach(() => begin({}))

async function begin(options: MemoryOptions): Promise<void> {
  registry = await registryWith({ dialect: '2.8', ...options })
  scene = referenceScene(registry.store)
  registry.store.tag(REPO, 'alias', scene.leak.digest)
  at = await purging(registry, { tags: [TAG, 'v1.0.0'], scope: 'tag' })
  await at.purge.freshness.checkAgain('all')
}

const labels = (): readonly PlannedTag[] => at.purge.plan.tags
/** Manifests of ours that are still there. */
const ours = (): string[] =>
  registry.store
    .manifests(REPO)
    .flatMap(({ digest, bytes }) => (bytes.includes('registry-purge') ? [digest] : []))
const put = (): Digest | undefined => [...at.purge.placeholders][0]

describe('a placeholder', () => {
  test('removes labels, leaves their manifests and nothing of its own', async () => {
    const before = registry.store.snapshot()[REPO]
    expect(await placeholder(at.purge, labels())).toEqual([])
    const after = registry.store.snapshot()[REPO]
    expect(after?.tags).toEqual({ ...before?.tags, [TAG]: undefined, 'v1.0.0': undefined })
    expect([after?.manifests, after?.blobs]).toEqual([before?.manifests, before?.blobs])
    for (const { tag } of labels()) expect(at.doneOf(tag)).toMatchObject({ outcome: 'deleted', ...VIA })
  })

  test('is told of before it is put, with what each tag pointed to', async () => {
    await placeholder(at.purge, labels())
    expect(at.intents).toEqual([
      {
        item: { kind: 'tag', name: TAG },
        placeholder: { digest: put(), parts: [], before: scene.leak.digest },
      },
      {
        item: { kind: 'tag', name: 'v1.0.0' },
        placeholder: { digest: put(), parts: [], before: scene.v100.digest },
      },
    ])
  })

  test('is not put on a tag that somebody pushed, nor on one that is gone', async () => {
    const other = ociImage('other')
    pushImage(registry.store, REPO, other, TAG)
    registry.store.untag(REPO, 'v1.0.0')
    const problems = await placeholder(at.purge, labels())
    expect(problems).toMatchObject([{ kind: 'item-kept', because: { is: 'moved', to: other.digest } }])
    expect(registry.requests.filter(({ method }) => method === 'PUT')).toEqual([])
    expect(at.doneOf(TAG)).toMatchObject({ outcome: 'kept', ...VIA })
    expect(at.doneOf('v1.0.0')).toMatchObject({ outcome: 'already-gone' })
    expect(at.purge.wrote).toBe(false)
  })

  test('that was put is the work of a PUT, whatever the response to it', async () => {
    registry.options.onPut = () => ({ worked: true, answer: { status: 500 } })
    expect(await placeholder(at.purge, labels())).toEqual([])
    expect(registry.store.resolve(REPO, TAG)).toBeUndefined()
    expect(sent(registry, 'PUT', TAG)).toBe(1)
  })

  test('that the user may not push is tried once', async () => {
    registry.options.onPut = () => ({ worked: false, answer: error(403, 'DENIED') })
    const problems = await placeholder(at.purge, labels())
    expect(problems).toMatchObject([{ kind: 'push-not-permitted', item: { name: TAG } }])
    expect([at.purge.denied, at.purge.wrote]).toEqual([true, false])
    expect(registry.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1)
  })

  test('on a tag that somebody pushes meanwhile leaves that tag alone', async () => {
    const other = ociImage('other')
    registry.options.after = ({ method, path }, store) => {
      if (method === 'PUT' && path.endsWith(TAG)) pushImage(store, REPO, other, TAG)
    }
    const problems = await placeholder(at.purge, labels())
    expect(sayAll(problems)).toContain(
      `tag ${REPO}:${TAG} was kept: somebody else pushed ${other.digest}, to which it points now`,
    )
    expect(registry.store.resolve(REPO, TAG)).toBe(other.digest)
    expect(ours()).toEqual([])
  })
})

describe('a placeholder that cannot be deleted', () => {
  test('gives way to the tag as it was', async () => {
    registry.options.onDelete = () => ({ worked: false, answer: error(405, 'UNSUPPORTED') })
    const problems = await placeholder(at.purge, labels())
    const left = [{ digest: put(), answered: '405 UNSUPPORTED' }]
    expect(problems).toMatchObject([
      {
        kind: 'label-not-removed',
        detail: { is: 'as-before', digest: scene.leak.digest, left, putBack: true },
      },
      { kind: 'label-not-removed', detail: { is: 'as-before', digest: scene.v100.digest, left } },
    ])
    expect(registry.store.resolve(REPO, TAG)).toBe(scene.leak.digest)
    expect(at.doneOf(TAG)).toMatchObject({ outcome: 'failed', ...VIA })
    expect(sayAll(problems)).toContain('the tag was put back and points to')
  })

  test('and a tag that cannot be put back is named, with what it pointed to', async () => {
    registry.options.onDelete = () => ({ worked: false, answer: error(405, 'UNSUPPORTED') })
    let puts = 0
    registry.options.onPut = () => (puts++ < 2 ? undefined : { worked: false, answer: error(500, 'UNKNOWN') })
    const problems = await placeholder(at.purge, labels())
    expect(problems).toMatchObject([
      {
        kind: 'label-on-placeholder',
        placeholder: put(),
        before: scene.leak.digest,
        failure: { is: 'answered', answered: '500 UNKNOWN' },
      },
      { kind: 'label-on-placeholder', before: scene.v100.digest },
    ])
    expect(at.doneOf(TAG)).toMatchObject({
      outcome: 'unknown',
      detail: { is: 'placeholder', digest: put(), parts: [], before: scene.leak.digest },
    })
  })

  test('but was, as a check shows, is not deleted again', async () => {
    registry.options.onDelete = () => ({ worked: true, answer: error(500, 'UNKNOWN') })
    expect(await placeholder(at.purge, labels())).toEqual([])
    expect(sent(registry, 'DELETE', put() ?? '?')).toBe(1)
    expect([...at.purge.explained]).toEqual([TAG, 'v1.0.0'])
  })
})

describe('a registry that refuses an empty index', () => {
  test('gets an image of blobs that are deleted with it', async () => {
    await begin({ refuseEmptyIndex: true })
    const before = registry.store.snapshot()[REPO]
    expect(await placeholder(at.purge, labels())).toEqual([])
    expect(registry.store.snapshot()[REPO]?.blobs).toEqual(before?.blobs)
    expect(ours()).toEqual([])
    expect(at.intents.at(-1)?.placeholder?.parts).toHaveLength(2)
    expect(registry.store.resolve(REPO, TAG)).toBeUndefined()
  })

  test('and deletes no blobs gets none', async () => {
    await begin({ refuseEmptyIndex: true, unsupported: { blob: 405 } })
    const problems = await placeholder(at.purge, labels())
    expect(problems[0]).toMatchObject({ kind: 'label-not-removed', detail: { is: 'undeletable-parts' } })
    expect(registry.requests.filter(({ method }) => method === 'POST')).toEqual([])
    expect(registry.store.resolve(REPO, TAG)).toBe(scene.leak.digest)
  })

  test('and keeps a blob of it has that named, after two tries', async () => {
    await begin({ refuseEmptyIndex: true })
    registry.options.onDelete = ({ kind }) =>
      kind === 'blob' ? { worked: false, answer: error(405, 'UNSUPPORTED') } : undefined
    const problems = await placeholder(at.purge, labels())
    expect(problems.map(({ kind }) => kind)).toEqual(['placeholder-part-left', 'placeholder-part-left'])
    const [part] = problems
    if (part?.kind !== 'placeholder-part-left') throw new Error('no part is named')
    expect(sent(registry, 'DELETE', part.digest)).toBe(2)
    expect(registry.store.resolve(REPO, TAG)).toBeUndefined()
  })

  test('and takes no upload is told so', async () => {
    await begin({ refuseEmptyIndex: true, uploadLocation: 'foreign' })
    const problems = await placeholder(at.purge, labels())
    expect(problems[0]).toMatchObject({ detail: { is: 'upload-failed' } })
    expect(registry.store.resolve(REPO, TAG)).toBe(scene.leak.digest)
  })
})

describe('a run that is stopped', () => {
  test('while a placeholder is put takes it away, and puts no other', async () => {
    registry.options.after = ({ method }) => void (method === 'PUT' && at.stop())
    await expect(placeholder(at.purge, labels())).rejects.toThrow(Stopped)
    expect(at.doneOf(TAG)).toMatchObject({ outcome: 'deleted' })
    expect(sent(registry, 'PUT', 'v1.0.0')).toBe(0)
    expect(ours()).toEqual([])
  })

  test('at once says where the tag may point to', async () => {
    registry.options.after = ({ method }) => void (method === 'PUT' && at.stop(true))
    await expect(placeholder(at.purge, labels())).rejects.toThrow(Stopped)
    expect(at.doneOf(TAG)).toMatchObject({
      outcome: 'unknown',
      detail: { is: 'placeholder', digest: put(), before: scene.leak.digest },
    })
  })
})

describe('a label that is served again', () => {
  test('on an old placeholder is deleted with it, which counts as written', async () => {
    const old = ociImage('old placeholder')
    pushImage(registry.store, REPO, old, TAG)
    await at.purge.freshness.checkAgain('all', [TAG as Tag])
    at.purge.placeholders.add(old.digest as Digest)
    expect(at.purge.wrote).toBe(false)
    expect(await replaceAgain(at.purge, new Set([TAG as Tag]))).toEqual([])
    expect([registry.store.resolve(REPO, TAG), at.purge.wrote]).toEqual([undefined, true])
  })

  test('is replaced again only if it was removed before', async () => {
    const [first] = labels()
    if (first === undefined) throw new Error('no label')
    await placeholder(at.purge, [first])
    registry.store.tag(REPO, TAG, scene.leak.digest)
    await at.purge.freshness.checkAgain(
      'all',
      labels().map(({ tag }) => tag),
    )
    expect(await replaceAgain(at.purge, new Set(labels().map(({ tag }) => tag)))).toEqual([])
    expect(registry.store.resolve(REPO, TAG)).toBeUndefined()
    expect(registry.store.resolve(REPO, 'v1.0.0')).toBe(scene.v100.digest)
  })
})

test('two placeholders never have one digest, nor one blob', () => {
  const random = new SeededRandom(1)
  const all = [emptyIndex, emptyIndex, emptyImage, emptyImage].map((make) => make(random))
  const digests = all.flatMap(({ digest, blobs }) => [digest, ...blobs.map((blob) => blob.digest)])
  expect(new Set(digests).size).toBe(8)
})
