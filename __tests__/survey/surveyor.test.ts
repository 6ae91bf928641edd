import { describe, expect, test } from '@jest/globals'
import { sha256, type Digest } from '../../src/oci/digest.js'
import type { Tag } from '../../src/oci/tag.js'
import type { Response } from '../../src/registry/send.js'
import type { Deletions, Extent } from '../../src/survey/check.js'
import { StaleList, UnknownRepository } from '../../src/survey/errors.js'
import type { Target } from '../../src/survey/facts.js'
import { Surveyor } from '../../src/survey/surveyor.js'
import { response } from '../registry/wire.js'
import { json, registryOf, REPO, unknown } from './wire.js'

const IMAGE = 'application/vnd.oci.image.manifest.v1+json'
const bodyOf = (name: string): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(name), size: 1 },
    layers: [],
  })
const tag = (name: string): Tag => name as Tag
const set = (...names: readonly string[]): ReadonlySet<Tag> => new Set(names.map(tag))

/** A registry with tags, each on an image of its own name; `a10` tells that its list hides nothing. */
function scene(more: { list?: () => Response; labels?: boolean; protectedNames?: readonly Tag[] } = {}) {
  const tags = new Set(['a1', 'a10', 'b', 'c'])
  let asked: string[] = []
  const registry = registryOf((path) => {
    asked.push(path)
    if (path.includes('/tags/list')) return more.list?.() ?? json({ tags: [...tags] })
    const name = /manifests\/([^?]*)/.exec(path)?.[1] ?? ''
    if (tags.has(name)) return response(200, { 'content-type': IMAGE }, bodyOf(name))
    return unknown(path.includes('/blobs/') ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN')
  })
  const { labels = false, protectedNames = [] } = more
  const surveyor = new Surveyor(registry.tools, REPO, { labels, protectedNames })
  /** The tags that were read since the last call. */
  const read = (): string[] => {
    const names = asked.flatMap((path) => /manifests\/([a-z]\w*)$/.exec(path)?.[1] ?? [])
    asked = []
    return names.filter((name) => !name.startsWith('sha'))
  }
  return { tags, surveyor, read }
}

const deletions = (more: Partial<Deletions> = {}): Deletions => ({
  tags: set('c'),
  manifests: new Set<Digest>(),
  removed: set(),
  untagged: set(),
  dropped: set(),
  explained: set(),
  ...more,
})

describe('a survey', () => {
  test('reads listed, named and protected tags, and probes deletion', async () => {
    const { surveyor, read } = scene({ protectedNames: [tag('p')] })
    const target: Target = { repository: REPO, tags: [{ tag: tag('n') }], digests: [], blobs: [] }
    const survey = await surveyor.survey(await surveyor.list(), target)
    expect(new Set(read())).toEqual(set('a1', 'a10', 'b', 'c', 'n', 'p'))
    expect(survey.tags.get(tag('n'))).toEqual({ is: 'unknown' })
    expect(survey).toMatchObject({
      manifestDeletion: { is: 'on' },
      blobDeletion: { is: 'on' },
      twinsUnclear: [],
    })
    expect(survey.listed).toEqual(['a1', 'a10', 'b', 'c'])
  })

  test('lists again, three times at the most, if a named tag resolves and is not listed', async () => {
    let lists = 0
    const { surveyor } = scene({
      list: () => json({ tags: ++lists < 4 ? ['a1', 'a10'] : ['a1', 'a10', 'b'] }),
    })
    const target: Target = { repository: REPO, tags: [{ tag: tag('b') }], digests: [], blobs: [] }
    const facts = await surveyor.read(await surveyor.list(), target)
    expect([lists, facts.listed]).toEqual([3, ['a1', 'a10']])
  })

  test('of labels probes their removal alone', async () => {
    const { surveyor } = scene({ labels: true })
    const survey = await surveyor.survey(['a1', 'a10'].map(tag), {
      repository: REPO,
      tags: [],
      digests: [],
      blobs: [],
    })
    expect(survey.untagging).toEqual({ is: 'possible', way: 'tag' })
  })
})

describe('a check', () => {
  test.each<[Extent, string[]]>([
    ['new', ['d']],
    ['going', ['d', 'c', 'gone']],
    ['all', ['a1', 'a10', 'b', 'c', 'd', 'gone']],
    ['end', ['a1', 'a10', 'b', 'c', 'd', 'gone']],
  ])('of the extent `%s` reads what it says', async (extent, expected) => {
    const { surveyor, tags, read } = scene({ protectedNames: [tag('gone')] })
    const before = await surveyor.read(await surveyor.list())
    tags.add('d')
    read()
    const facts = await surveyor.checkAgain(before, extent, deletions())
    expect(read().sort()).toEqual([...expected].sort())
    expect(new Set(facts.tags.keys())).toEqual(set('a1', 'a10', 'b', 'c', 'd', 'gone'))
  })

  test('reads what is asked for in any case, and a deleted tag that is listed again', async () => {
    const { surveyor, read } = scene()
    const before = await surveyor.read(await surveyor.list())
    read()
    await surveyor.checkAgain(before, 'new', deletions({ removed: set('c') }), [tag('b')])
    expect(read().sort()).toEqual(['b', 'c'])
  })

  test('of an unknown repository finds nothing if no other tag must be there, else it is an error', async () => {
    let isThere = true
    const { surveyor, tags } = scene({
      list: () => (isThere ? json({ tags: ['a1', 'a10', 'b', 'c'] }) : unknown('NAME_UNKNOWN')),
    })
    const before = await surveyor.read(await surveyor.list())
    isThere = false
    tags.clear()
    const all = deletions({ tags: set('a1', 'a10', 'b', 'c') })
    expect((await surveyor.checkAgain(before, 'all', all)).listed).toEqual([])
    await expect(surveyor.checkAgain(before, 'all', deletions())).rejects.toBeInstanceOf(UnknownRepository)
  })

  test('of a list that names a deleted tag lists past caches, and fails if that does not help', async () => {
    const { surveyor, tags } = scene({ list: () => json({ tags: ['a1', 'a10', 'b', 'c'] }) })
    const before = await surveyor.read(await surveyor.list())
    tags.delete('c')
    const gone = deletions({ removed: set('c'), untagged: set('c') })
    await expect(surveyor.checkAgain(before, 'all', gone)).rejects.toBeInstanceOf(StaleList)
  })
})
