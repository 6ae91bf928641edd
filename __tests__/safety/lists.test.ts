import { describe, expect, test } from '@jest/globals'
import { ociImage, type Image } from '../../testbed/images/image.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene, type ReferenceScene } from '../support/scene.js'
import type { MemoryOptions, MemoryRegistry, RecordedRequest } from '../support/memory-registry.js'
import { realDeletes, served } from './wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }

interface Scene extends ReferenceScene {
  readonly registry: MemoryRegistry
  readonly holder: Image
}

/** An image that holds a layer of the leak. */
const holderOf = (seed: string): Image => ociImage(seed, { layers: ['debug-42/secret'] })
const digestsOf = ({ digest, config, layers }: Image): string[] => [
  digest,
  ...(config === undefined ? [] : [config.digest]),
  ...layers.map((layer) => layer.digest),
]
const deletesIn = ({ registry, gone }: Scene): RecordedRequest[] =>
  realDeletes(registry, ['debug-42', ...gone])

/** The reference scene, and a tag at the end of its list that holds a layer of the leak. */
async function sceneWith(options: MemoryOptions, tag = 'z-last'): Promise<Scene> {
  const registry = await registryWith(options)
  const scene = referenceScene(registry.store)
  const holder = holderOf('holder')
  pushImage(registry.store, REPO, holder, tag)
  return { ...scene, registry, holder }
}

function expectUntouched(scene: Scene, { result }: EngineRun): void {
  expect(result).toBe('refused')
  expect(deletesIn(scene)).toEqual([])
}

/** The holder can be pulled, and the rest of the leak cannot. */
function expectKept({ registry, holder, gone }: Scene, { result }: EngineRun, expected = 'purged'): void {
  expect(result).toBe(expected)
  const content = digestsOf(holder)
  expect(served(registry, REPO, content)).toEqual(content)
  expect(served(registry, REPO, gone).every((digest) => content.includes(digest))).toBe(true)
}

describe('a continuation that is not understood is not the end', () => {
  test.each([
    ['without brackets', (target: string) => `${target}; rel=next`],
    ['in single quotes', (target: string) => `<${target}>; rel='next'`],
    ['without a relation', (target: string) => `<${target}>`],
  ])('a link %s is followed', async (_, header) => {
    const scene = await sceneWith({ paging: { size: 3, target: 'absolute', header } })
    expectKept(scene, await runEngine(scene.registry, IMAGE))
  })

  test.each([
    ['an unknown relation', (target: string) => `<${target}>; rel="more"`],
    ['no address', () => 'rel="next"'],
    ['two next pages', (target: string) => `<${target}>; rel=next, <${target}&a=b>; rel=next`],
  ])('a link with %s refuses', async (_, header) => {
    const scene = await sceneWith({ paging: { size: 3, header } })
    const run = await runEngine(scene.registry, IMAGE)
    expectUntouched(scene, run)
    expect(run.problems).toContain(`the tag list of ${REPO} is not followed`)
  })

  test('a body that says that there is more, and not where, refuses', async () => {
    const body = { name: REPO, tags: ['debug-42', 'latest', 'stable'], next_page: 'gAAAAA' }
    const scene = await sceneWith({
      intercept: ({ route }) => (route.kind === 'tags' ? { status: 200, body } : undefined),
    })
    const run = await runEngine(scene.registry, IMAGE)
    expectUntouched(scene, run)
    expect(run.problems).toContain('there is more (nextpage)')
  })

  test('a last page that links back to the beginning refuses (serverless-registry)', async () => {
    const scene = await sceneWith({
      intercept: ({ route }, store) =>
        route.kind === 'tags'
          ? {
              status: 200,
              headers: { Link: `http://${scene.registry.host}/v2/${REPO}/tags/list?n=50&last=; rel=next` },
              body: { name: REPO, tags: store.listed(REPO) },
            }
          : undefined,
    })
    const run = await runEngine(scene.registry, IMAGE)
    expectUntouched(scene, run)
    expect(run.problems).toContain('links in a circle')
    expect(scene.registry.requests.filter(({ route }) => route.kind === 'tags')).toHaveLength(2)
  })

  test('pages that go on and on without anything new refuse at once', async () => {
    let page = 0
    const scene = await sceneWith({
      intercept: ({ route }, store) =>
        route.kind === 'tags'
          ? {
              status: 200,
              headers: { Link: `</v2/${REPO}/tags/list?page=${++page}>; rel="next"` },
              body: { name: REPO, tags: store.listed(REPO) },
            }
          : undefined,
    })
    const run = await runEngine(scene.registry, IMAGE)
    expectUntouched(scene, run)
    expect(run.problems).toContain('goes on without naming anything new')
    expect(page).toBe(2)
  })

  test('an empty last page without a link is legal', async () => {
    const scene = await sceneWith({ paging: { size: 3, emptyLast: true } })
    expectKept(scene, await runEngine(scene.registry, IMAGE))
  })

  test.each([
    ['a link that is not understood', { Link: 'rel="next"' }],
    ['nothing new on its second page', { Link: '</v2/_catalog?page=2>; rel="next"' }],
  ])('a catalog with %s refuses', async (_, headers) => {
    let pages = 0
    const scene = await sceneWith({
      intercept: ({ route }) =>
        route.kind === 'catalog'
          ? {
              status: 200,
              headers: pages++ === 0 ? headers : { Link: '</v2/_catalog?page=3>; rel="next"' },
              body: { repositories: [REPO] },
            }
          : undefined,
    })
    const run = await runEngine(scene.registry, {
      repositories: 'acme/*',
      tags: 'debug-*',
      'older-than': '0s',
      'protected-tags': 'none',
    })
    expectUntouched(scene, run)
    expect(run.problems).toMatch(/the catalog (?:is not followed|goes on without)/)
  })

  test('a list of referrers with a link that is not understood refuses', async () => {
    const scene = await sceneWith({
      referrers: true,
      referrersTwist: () => ({
        status: 200,
        headers: { 'Content-Type': 'application/vnd.oci.image.index.v1+json', Link: 'rel="next"' },
        body: { schemaVersion: 2, manifests: [] },
      }),
    })
    const run = await runEngine(scene.registry, IMAGE)
    expectUntouched(scene, run)
    expect(run.problems).toContain('is not followed')
  })
})

/** What a tag came to need during the run is still served. */
const LEFT = 'incomplete'
const SAYS = [{ Age: '7' }, { 'X-Cache': 'HIT' }, { 'X-Cache-Status': 'STALE' }]

/** Pushes the holder when the survey has read its list, so that a kept list does not name it. */
function pushLate(holder: Image, tag = 'z-late'): NonNullable<MemoryOptions['after']> {
  let reads = 0
  return ({ route, method }, store) => {
    if (route.kind === 'manifest' && method === 'GET' && ++reads === 1) pushImage(store, REPO, holder, tag)
  }
}

async function lateScene(options: MemoryOptions): Promise<Scene> {
  const holder = holderOf('late')
  const registry = await registryWith({ ...options, after: pushLate(holder) })
  return { ...referenceScene(registry.store), registry, holder }
}

describe('a list that comes out of a cache', () => {
  test.each(SAYS)('is asked for past the cache (%j)', async (says) => {
    const scene = await lateScene({ cacheLists: { key: 'url', says } })
    expectKept(scene, await runEngine(scene.registry, IMAGE), LEFT)
  })

  test.each(SAYS)('refuses if that does not help (%j)', async (says) => {
    const scene = await lateScene({ cacheLists: { key: 'path', says } })
    const run = await runEngine(scene.registry, IMAGE)
    expectUntouched(scene, run)
    expect(run.problems).toContain(`the tag list of ${REPO} comes out of a cache`)
    expect(run.problems).toContain('Switch off caching')
  })

  test('refuses a dry run, where nothing else is asked', async () => {
    const scene = await sceneWith({ cacheLists: { key: 'path', says: { Age: '7' } } }, 'latest2')
    await fetch(`${scene.registry.url}/v2/${REPO}/tags/list`)
    expectUntouched(scene, await runEngine(scene.registry, { ...IMAGE, 'dry-run': 'true' }))
  })

  test('is asked for past the cache on each of its pages', async () => {
    const scene = await lateScene({
      paging: { size: 2 },
      cacheLists: { key: 'url', says: { Age: '1' } },
    })
    expectKept(scene, await runEngine(scene.registry, IMAGE), LEFT)
  })

  test.each([
    ['the catalog', { kind: 'catalog' }, 'the catalog of'],
    ['the tag list', { kind: 'tags' }, 'the tag list of'],
  ])('refuses a cleanup where it is %s', async (_, { kind }, said) => {
    const scene = await sceneWith({
      intercept: ({ route }, store) => {
        if (route.kind !== kind) return undefined
        const body = kind === 'catalog' ? { repositories: [REPO] } : { name: REPO, tags: store.listed(REPO) }
        return { status: 200, headers: { Age: '7' }, body }
      },
    })
    const run = await runEngine(scene.registry, {
      repositories: 'acme/*',
      tags: 'debug-*',
      'older-than': '0s',
      'protected-tags': 'none',
    })
    expectUntouched(scene, run)
    expect(run.problems).toContain(said)
    expect(run.problems).toContain('comes out of a cache (age: 7)')
  })

  test('refuses where it is a list of referrers', async () => {
    const scene = await sceneWith({
      referrers: true,
      referrersTwist: () => ({
        status: 200,
        headers: { 'Content-Type': 'application/vnd.oci.image.index.v1+json', 'X-Cache': 'HIT' },
        body: { schemaVersion: 2, manifests: [] },
      }),
    })
    const run = await runEngine(scene.registry, IMAGE)
    expectUntouched(scene, run)
    expect(run.problems).toContain('comes out of a cache (x-cache: HIT)')
  })
})

/** Pushes the holder when the list before the first write is out, and keeps lists from then on without a word. */
async function silentScene(key: 'path' | 'url', options: MemoryOptions = {}): Promise<Scene> {
  const holder = holderOf('late')
  let lists = 0
  const registry: MemoryRegistry = await registryWith({
    ...options,
    cacheLists: { key },
    after: ({ route, method }, store) => {
      if (route.kind === 'tags') lists++
      if (lists > 0 && route.kind === 'manifest' && method === 'DELETE' && route.reference === 'debug-42')
        pushImage(store, REPO, holder, 'z-late')
    },
  })
  return { ...referenceScene(registry.store), registry, holder }
}

describe('a list that names a tag which this run deleted', () => {
  test('is asked for past the cache', async () => {
    const scene = await silentScene('url')
    expectKept(scene, await runEngine(scene.registry, IMAGE), LEFT)
  })

  test('lets no blob be deleted if that does not help', async () => {
    const scene = await silentScene('path')
    const run = await runEngine(scene.registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain(
      `The blobs of ${REPO} were not deleted: the tag list of ${REPO} names debug-42`,
    )
    const blobs = scene.gone.slice(1)
    expect(realDeletes(scene.registry, blobs)).toEqual([])
    expect(served(scene.registry, REPO, blobs)).toEqual(blobs)
  })

  test('is asked for past the cache where the tag went with its manifest', async () => {
    const scene = await silentScene('url', { dialect: '2.8' })
    expectKept(scene, await runEngine(scene.registry, IMAGE), LEFT)
  })

  test('is believed where another tag that went shows that it is up to date', async () => {
    const registry = await registryWith({ dialect: '2.8', manifestDeleteKeepsTags: true })
    const { gone } = referenceScene(registry.store)
    pushImage(registry.store, REPO, ociImage('second'), 'debug-43')
    registry.options.after = ({ method, path }, store) => {
      if (method === 'DELETE' && path.endsWith(ociImage('second').digest)) store.untag(REPO, 'debug-43')
    }
    const run = await runEngine(registry, { image: `${REPO}:debug-42\n${REPO}:debug-43` })
    expect(run.result).toBe('purged')
    expect(served(registry, REPO, gone)).toEqual([])
    const lists = registry.requests.filter(({ route }) => route.kind === 'tags')
    expect(lists.filter(({ url }) => url.includes('registry-purge='))).toHaveLength(1)
  })

  test('is not believed on its word alone, and a later run by digest ends it', async () => {
    const registry = await registryWith({ dialect: '2.8', manifestDeleteKeepsTags: true })
    const { leak, gone } = referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('nothing shows that the list is up to date')
    const blobs = gone.slice(1).map((digest) => `${REPO}@${digest}`)
    const again = await runEngine(registry, { image: `${REPO}@${leak.digest}`, blobs: blobs.join('\n') })
    expect([again.result, served(registry, REPO, gone)]).toEqual(['purged', []])
  })

  test('is not believed on 2.x behind a silent cache whose key is the path', async () => {
    const scene = await silentScene('path', { dialect: '2.8' })
    const run = await runEngine(scene.registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(served(scene.registry, REPO, scene.gone.slice(1))).toEqual(scene.gone.slice(1))
  })

  test('is stale at the end as well', async () => {
    const scene = await sceneWith({})
    scene.registry.options.after = ({ route, method }) => {
      if (route.kind === 'blob' && method === 'DELETE' && scene.gone.includes(route.reference))
        scene.registry.options.extraListed = ['debug-42']
    }
    const run = await runEngine(scene.registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('the tags that were to stay could not be checked at the end')
    expect(run.problems).toContain('names debug-42, which this run deleted')
  })
})

/** The reference scene on S3, where `v1.0.0` hides what goes on from it. */
async function hiddenScene(tags: readonly string[], options: MemoryOptions = {}): Promise<Scene> {
  const registry = await registryWith({ hidesTags: true, ...options })
  const scene = referenceScene(registry.store)
  const holder = holderOf('hidden')
  for (const tag of tags) pushImage(registry.store, REPO, tags.at(-1) === tag ? holder : ociImage(tag), tag)
  return { ...scene, registry, holder }
}

const listsOf = (registry: MemoryRegistry): RecordedRequest[] =>
  registry.requests.filter(({ route }) => route.kind === 'tags')
/** Requests behind a listed tag's folder. */
const askedBehind = (registry: MemoryRegistry): string[] =>
  listsOf(registry).flatMap(({ url }) => /last=([^&%/]+)(?:%2F|\/)(?:~|%7E)/.exec(url)?.[1] ?? [])

describe('a tag that the list hides', () => {
  test.each([
    ['by the order of keys', ['v1-alpine', 'v1', 'v10']],
    ['where nothing tells', ['v1.0.00']],
    ['behind a hidden one', ['v1.0.00', 'v1.0.001', 'v1.0.0011']],
    ['with a letter', ['v1.0.0rc1']],
    ['with an underscore', ['latest_2']],
  ])('keeps what it needs: %s', async (_, tags) => {
    const scene = await hiddenScene(tags)
    const run = await runEngine(scene.registry, IMAGE)
    expectKept(scene, run)
    expect(run.report.repositories[0]?.remaining.map(({ tag }) => tag)).toEqual(
      expect.arrayContaining([...tags]),
    )
    expect(run.log.join('\n')).toMatch(/the tag list of \S+ hides \d+ of its tags/)
  })

  test('keeps what it needs where a list does not tell how it is made', async () => {
    const scene = await hiddenScene(['latest2'])
    const answer = scene.registry.options
    // A place before a tag means the beginning there.
    answer.intercept = ({ route, url }, store) =>
      route.kind === 'tags' && /last=(?:%2F|\/)/.test(url)
        ? { status: 200, body: { name: REPO, tags: [store.listed(REPO)?.toSorted()[0]] } }
        : undefined
    expectKept(scene, await runEngine(scene.registry, IMAGE))
    expect(new Set(askedBehind(scene.registry))).toContain('v1.1.0')
  })

  test('is an alias like any other', async () => {
    const registry = await registryWith({ hidesTags: true })
    const scene = referenceScene(registry.store)
    pushImage(registry.store, REPO, scene.leak, 'v1.0.01')
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('refused')
    expect(run.problems).toContain('v1.0.01')
  })

  test('can be the leak itself', async () => {
    const scene = await hiddenScene(['latest2'])
    const run = await runEngine(scene.registry, { image: `${REPO}:latest2` })
    expect(run.result).toBe('purged')
    expect(scene.registry.store.tags(REPO)).not.toContain('latest2')
  })

  test.each([
    ['before the first write', 'GET', 'v1.1.0'],
    ['before the blobs', 'DELETE', 'debug-42'],
  ])('is found when it comes %s', async (_, method, reference) => {
    const scene = await hiddenScene([])
    let pushed = false
    scene.registry.options.after = ({ route, ...request }, store) => {
      if (pushed || route.kind !== 'manifest' || request.method !== method || route.reference !== reference)
        return
      pushed = true
      pushImage(store, REPO, scene.holder, 'latest2')
    }
    expectKept(scene, await runEngine(scene.registry, IMAGE), LEFT)
  })

  test('is found by a cleanup', async () => {
    const scene = await hiddenScene(['debug-421'])
    const run = await runEngine(scene.registry, {
      repositories: REPO,
      tags: 'debug-*',
      'older-than': '0s',
      'protected-tags': 'none',
    })
    expect(run.result).toBe('purged')
    expect(scene.registry.store.tags(REPO)).toEqual(['latest', 'stable', 'v1.0.0', 'v1.1.0'])
  })

  test('that does not resolve is no tag', async () => {
    const scene = await hiddenScene(['v1.0.00'])
    scene.registry.store.tag(REPO, 'latest2', `sha256:${'ab'.repeat(32)}`)
    const run = await runEngine(scene.registry, IMAGE)
    expectKept(scene, run)
    expect(run.report.repositories[0]?.remaining.map(({ tag }) => tag)).not.toContain('latest2')
  })

  test('refuses if the registry cannot tell', async () => {
    const scene = await hiddenScene(['v1-alpine', 'v1', 'v10'])
    scene.registry.options.intercept = ({ url }) =>
      /last=v1-alpine(?:%2F|\/)/.test(url) ? { status: 502 } : undefined
    const run = await runEngine(scene.registry, IMAGE)
    expectUntouched(scene, run)
    expect(run.problems).toContain('the registry refused the requests for tags')
  })
})

describe('where no tag can be hidden', () => {
  test.each<[string, string[], MemoryOptions, number]>([
    ['a pair tells', ['latest2'], {}, 0],
    ['a pair of the tag that goes tells also when it is gone', ['debug-421'], {}, 0],
    ['the order of names tells', ['v1', 'v1-alpine'], {}, 0],
    ['2.8 lists in the order of its directory', [], { dialect: '2.8' }, 0],
    ['one request tells, on a filesystem', [], {}, 1],
  ])('nothing is asked for: %s', async (_, tags, options, more) => {
    const registry = await registryWith(options)
    referenceScene(registry.store)
    for (const tag of tags) pushImage(registry.store, REPO, ociImage(tag), tag)
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
    expect(askedBehind(registry)).toEqual([])
    expect(listsOf(registry).filter(({ url }) => url.includes('last='))).toHaveLength(more)
  })

  test('the limit is stated if nothing tells, and does not hold once something does', async () => {
    const registry = await registryWith({ listsByNames: true })
    referenceScene(registry.store)
    for (let at = 100; at < 220; at++) pushImage(registry.store, REPO, ociImage('many'), `t${at}`)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    expect(run.log.join('\n')).toContain('after 25 of its tags no hidden tag was searched for')
    // Four lists, the last two without the leak's tag.
    expect(askedBehind(registry)).toHaveLength(400)
    expect(askedBehind(registry)).not.toContain('t218')
  })

  test('all tags are asked behind where blobs lie in a store', async () => {
    const registry = await registryWith({ listsByNames: true, redirectBlobs: true })
    referenceScene(registry.store)
    for (let at = 100; at < 220; at++) pushImage(registry.store, REPO, ociImage('many'), `t${at}`)
    await runEngine(registry, {
      repositories: REPO,
      tags: 'debug-*',
      'older-than': '1s',
      'protected-tags': 'none',
    })
    expect(askedBehind(registry)).toContain('t218')
  })
})
