import { describe, expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { runEngine } from '../support/engine.js'
import type { MemoryOptions, MemoryRegistry, RecordedRequest } from '../support/memory-registry.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene, type ReferenceScene } from '../support/scene.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }
const bare = (target: string): string => `${target}; rel=next`

/** Cloudflare's serverless-registry at 5f97b0e, with a bound of three keys in place of 1,000. */
const OPTIONS: MemoryOptions = { deleteSteps: { keys: 3 }, catalogOfKeys: true, unknownIsEmpty: true }

interface Scene extends ReferenceScene {
  readonly registry: MemoryRegistry
}

async function sceneWith(options: MemoryOptions = {}): Promise<Scene> {
  const registry = await registryWith({ ...OPTIONS, ...options })
  return { ...referenceScene(registry.store), registry }
}

/** The DELETEs of one reference, in order. */
const deletesOf = ({ registry }: Scene, reference: string): RecordedRequest[] =>
  registry.requests.filter(({ method, path }) => method === 'DELETE' && path.endsWith(`/${reference}`))

const othersStay = ({ registry, tags }: Scene): void => {
  const { 'debug-42': _, ...rest } = tags
  expect(registry.store.snapshot()[REPO]?.tags).toMatchObject(rest)
}

describe('a DELETE in a repository with more than 1,000 tags and digests', () => {
  test.each([
    ['in brackets', undefined],
    ['without brackets, as before 2026-03', bare],
    ['relative', (target: string) => `<${target.replace(/^https?:\/\/[^/]*/, '')}>; rel="next"`],
    [
      'over another scheme and port, since only the cursor is taken',
      (target: string) => bare(target.replace(/^http:(.*):\d+\//, 'https:$1/')),
    ],
  ])('goes on along its Link to the end: %s', async (_, header) => {
    const scene = await sceneWith({ deleteSteps: { keys: 3, ...(header !== undefined && { header }) } })
    const { registry, leak, gone } = scene
    const { result, report } = await runEngine(registry, IMAGE)
    expect(result).toBe('purged')
    expect(
      gone.filter(
        (digest) => registry.store.hasManifest(REPO, digest) || registry.store.hasBlob(REPO, digest),
      ),
    ).toEqual([])
    othersStay(scene)
    // Nine keys for the tag, then eight for the manifest.
    expect(deletesOf(scene, 'debug-42').map(({ status }) => status)).toEqual([400, 400, 202])
    expect(deletesOf(scene, leak.digest).map(({ status }) => status)).toEqual([400, 400, 202])
    expect(report.requests).toMatchObject({ 'delete-tag': 3, 'delete-manifest': 3 })
    expect(registry.unexpected).toEqual([])
  })

  test('removes a label alone (scope: tag)', async () => {
    const scene = await sceneWith()
    pushImage(scene.registry.store, REPO, scene.leak, 'copy')
    const { result } = await runEngine(scene.registry, { ...IMAGE, scope: 'tag' })
    expect(result).toBe('purged')
    othersStay(scene)
    expect(scene.registry.store.tags(REPO)).not.toContain('debug-42')
    expect(scene.registry.store.resolve(REPO, 'copy')).toBe(scene.leak.digest)
  })

  test('is checked again before each step that comes more than a second after the last check', async () => {
    const scene = await sceneWith()
    const { registry, leak } = scene
    registry.options.after = ({ method, path }, store, answer) => {
      const isStep =
        method === 'DELETE' && path.endsWith(leak.digest) && answer !== 'reset' && answer !== 'hang'
      if (isStep && answer.status === 400) store.tag(REPO, 'zz-pushed', leak.digest)
    }
    const { result, problems } = await runEngine(registry, IMAGE, { latency: 1_100 })
    expect(result).toBe('incomplete')
    expect(deletesOf(scene, leak.digest).map(({ status }) => status)).toEqual([400])
    expect(problems).toContain('a tag needs it now: zz-pushed')
    expect(registry.store.manifest(REPO, 'zz-pushed')?.digest).toBe(leak.digest)
  })

  test.each([
    [
      'to another host',
      (target: string) => `<${target.replace('127.0.0.1', 'elsewhere.invalid')}>; rel="next"`,
      'leads to something else',
    ],
    [
      'to another tag',
      (target: string) => target.replace(/manifests\/[^?]*/, 'manifests/latest'),
      'leads to something else',
    ],
    [
      'with another parameter',
      (target: string) => `<${target}&force=true>; rel="next"`,
      'leads to something else',
    ],
    ['that is missing', () => '', 'no link to the next step'],
    [
      'without a cursor',
      (target: string) => `<${target.replace(/last=.*/, 'last=')}>; rel="next"`,
      'no link to the next step',
    ],
    [
      'to the same step',
      (target: string) => `<${target.replace(/last=.*/, 'last=AA')}>; rel="next"`,
      'back to an earlier one',
    ],
  ])('does not go on along a Link %s', async (_, header, said) => {
    const scene = await sceneWith({ deleteSteps: { keys: 3, header } })
    const { registry } = scene
    const { result, problems } = await runEngine(registry, { ...IMAGE, 'verify-timeout': '5s' })
    expect(result).toBe('incomplete')
    expect(problems).toContain('the registry deletes it in steps (400 MANIFEST_TAGS')
    expect(problems).toContain(said)
    othersStay(scene)
    expect(deletesOf(scene, 'latest')).toEqual([])
    expect(registry.unexpected).toEqual([])
  })

  test('whose step fails is checked, and goes on at that step', async () => {
    const scene = await sceneWith()
    const { registry, leak } = scene
    let failed = false
    registry.options.intercept = ({ method, path, url }) => {
      if (method !== 'DELETE' || !path.endsWith(leak.digest) || !url.includes('last=') || failed)
        return undefined
      failed = true
      return { status: 502 }
    }
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
    const [first, second, third] = deletesOf(scene, leak.digest)
    expect([first?.status, second?.status, third?.url]).toEqual([400, 502, second?.url])
  })
})

describe('a tag list whose pages link on without brackets', () => {
  const PAGES = { size: 3, target: 'absolute', header: bare } as const

  test('is whole if an empty page links back to the beginning', async () => {
    const scene = await sceneWith({ paging: { ...PAGES, circle: true } })
    const { result } = await runEngine(scene.registry, IMAGE)
    expect(result).toBe('purged')
    othersStay(scene)
  })

  test('is read on after its last name if a page with names has lost its place', async () => {
    const lost = (target: string): string => bare(target.replace(/last=[^&]*/, 'last='))
    const scene = await sceneWith({ paging: { ...PAGES, circle: true, header: lost } })
    pushImage(scene.registry.store, REPO, ociImage('holder', { layers: ['debug-42/secret'] }), 'z-last')
    const { result, report } = await runEngine(scene.registry, IMAGE)
    expect(result).toBe('purged')
    expect(report.repositories[0]?.remaining.map(({ tag }) => tag)).toContain('z-last')
    expect(scene.registry.store.hasBlob(REPO, scene.gone.at(-1) ?? '')).toBe(true)
  })
})

test('the catalog ends with an empty page, whose link has neither port nor place', async () => {
  const scene = await sceneWith()
  pushImage(scene.registry.store, 'acme/other', ociImage('other'), 'debug-7')
  const inputs = { repositories: 'acme/*', tags: 'debug-*', 'older-than': '0s' }
  const { result, report } = await runEngine(scene.registry, inputs)
  expect(report.repositories.map(({ name }) => name)).toEqual(['acme/other', REPO])
  expect(result).toBe('purged')
})
