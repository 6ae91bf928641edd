/** A label that is the last tag of its manifest: on Gitea's kind of registry the manifest would go with it. */
import { describe, expect, test } from '@jest/globals'
import { dockerImage, ociImage, type Image } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { daysOld } from '../flow/cleanup/scene.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import type { MemoryOptions, MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'

const registryWith = useRegistries()
const REPO = 'acme/app'
const GITEA: MemoryOptions = { tagDeleteTakesManifest: true, blobDeleteAlways202: true }

const created = daysOld(9)
const child = ociImage('child', { layers: ['base', 'child'], created })
const sibling = ociImage('sibling', { layers: ['base', 'sibling'], created })
const index = ociIndex([child, sibling])
const alone = ociImage('alone', { layers: ['base', 'alone'], created })
const latest = ociImage('latest', { layers: ['base', 'app'] })

/** Nothing is pushed by its digest: as with `docker push` of each image and `docker manifest push` of the index. */
function scene({ store }: MemoryRegistry): void {
  pushImage(store, REPO, child, 'child')
  pushImage(store, REPO, sibling, 'sibling')
  pushImage(store, REPO, alone, 'alone')
  pushImage(store, REPO, latest, 'latest')
  store.putManifest(REPO, index.mediaType, index.bytes, 'multi')
}

async function sceneOn(options: MemoryOptions): Promise<MemoryRegistry> {
  const registry = await registryWith(options)
  scene(registry)
  return registry
}

const remove = (
  registry: MemoryRegistry,
  tags: readonly string[],
  inputs: Readonly<Record<string, string>> = {},
): Promise<EngineRun> =>
  runEngine(registry, { image: tags.map((tag) => `${REPO}:${tag}`).join('\n'), scope: 'tag', ...inputs })

const puts = ({ requests }: MemoryRegistry): string[] =>
  requests.flatMap(({ method, path }) => (method === 'PUT' ? [path.split('/').at(-1) ?? ''] : []))

const digestsPut = (registry: MemoryRegistry): string[] =>
  puts(registry).filter((reference) => reference.startsWith('sha256:'))

const outcomes = ({ report }: EngineRun): Record<string, unknown> =>
  Object.fromEntries((report.repositories[0]?.tags ?? []).map(({ tag, outcome }) => [tag, outcome]))

const reason = ({ report }: EngineRun, tag: string): string =>
  report.repositories[0]?.tags.find((each) => each.tag === tag)?.reason ?? ''

const isWhole = ({ store }: MemoryRegistry, image: Image): boolean =>
  store.hasManifest(REPO, image.digest) &&
  [...image.layers, ...(image.config === undefined ? [] : [image.config])].every(({ digest }) =>
    store.hasBlob(REPO, digest),
  ) &&
  image.children.every((each) => isWhole({ store } as MemoryRegistry, each))

const noPush: Pick<MemoryOptions, 'permissions'> = {
  permissions: ({ action }) => (action === 'push' ? 403 : undefined),
}
const error = (status: number, code: string): { status: number; body: unknown } => ({
  status,
  body: { errors: [{ code }] },
})

describe.each<[string, MemoryOptions]>([
  ['Gitea', GITEA],
  ['Gitea behind the endpoint of GitLab', { ...GITEA, gitlab: true, unsupported: { tag: 405 } }],
  ['Gitea without an endpoint for tags', { ...GITEA, unsupported: { tag: 405 } }],
  ['3.1', {}],
])('on %s', (_, options) => {
  test('a label on a child of an index that stays goes, and the index stays whole', async () => {
    const registry = await sceneOn(options)
    const run = await remove(registry, ['child'])
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(outcomes(run)).toEqual({ child: 'deleted' })
    expect(registry.store.tags(REPO)).toEqual(['alone', 'latest', 'multi', 'sibling'])
    expect([isWhole(registry, index), isWhole(registry, child)]).toEqual([true, true])
  })

  test('its manifest is read by digest, pushed by digest in the same bytes, and then the label goes', async () => {
    const registry = await sceneOn(options)
    await remove(registry, ['child'])
    const at = registry.requests.findIndex(({ method }) => method === 'PUT')
    const [before, put] = registry.requests.slice(at - 1, at + 1)
    const after = registry.requests.slice(at + 1).find(({ method }) => method !== 'GET')
    expect([before?.method, before?.path]).toEqual(['GET', `/v2/${REPO}/manifests/${child.digest}`])
    expect([put?.path, put?.headers['content-type'], put?.body.equals(child.bytes)]).toEqual([
      `/v2/${REPO}/manifests/${child.digest}`,
      child.mediaType,
      true,
    ])
    expect(after?.path.endsWith('/child')).toBe(true)
  })

  test('an image that nothing else needs stays as well, and so do its blobs', async () => {
    const registry = await sceneOn(options)
    pushImage(registry.store, REPO, dockerImage('docker'), 'docker')
    const run = await remove(registry, ['alone', 'docker', 'multi'])
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect([alone, dockerImage('docker'), index].every((each) => isWhole(registry, each))).toBe(true)
    expect(digestsPut(registry).sort()).toEqual(
      [alone, dockerImage('docker'), index].map((i) => i.digest).sort(),
    )
  })

  test('several labels on one digest need one push', async () => {
    const registry = await sceneOn(options)
    registry.store.tag(REPO, 'alias', child.digest)
    registry.store.tag(REPO, 'other', child.digest)
    const run = await remove(registry, ['child', 'alias', 'other'])
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(digestsPut(registry)).toEqual([child.digest])
    expect(isWhole(registry, index)).toBe(true)
  })

  test('nothing is pushed while another tag carries the digest', async () => {
    const registry = await sceneOn(options)
    registry.store.tag(REPO, 'alias', child.digest)
    const run = await remove(registry, ['child'])
    expect([run.result, digestsPut(registry)]).toEqual(['purged', []])
    expect(isWhole(registry, index)).toBe(true)
  })

  test('a dry run pushes nothing', async () => {
    const registry = await sceneOn(options)
    expect((await remove(registry, ['child'], { 'dry-run': 'true' })).result).toBe('planned')
    expect(puts(registry)).toEqual([])
  })

  test('of a cleanup, too', async () => {
    // That DELETE of an unknown blob succeeds stands in the way of a cleanup, and is another matter.
    const registry = await sceneOn({ ...options, blobDeleteAlways202: false })
    const run = await runEngine(registry, {
      repositories: REPO,
      tags: '{child,alone}',
      'older-than': '7d',
      'keep-newest': '0',
      'max-deletions': '5',
      'as-of': daysOld(0),
    })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(registry.store.tags(REPO)).toEqual(['latest', 'multi', 'sibling'])
    expect([digestsPut(registry), isWhole(registry, index)]).toEqual([[child.digest], true])
  })
})

const REFUSALS: [string, MemoryOptions][] = [
  ['403', noPush],
  ['401', { permissions: ({ action }) => (action === 'push' ? 401 : undefined) }],
  ['405', { onPut: () => ({ worked: false, answer: error(405, 'UNSUPPORTED') }) }],
  ['400', { onPut: () => ({ worked: false, answer: error(400, 'MANIFEST_INVALID') }) }],
  ['415', { onPut: () => ({ worked: false, answer: { status: 415 } }) }],
]

describe.each(REFUSALS)('where a push is answered with %s', (status, refusing) => {
  test.each([
    ['Gitea', GITEA],
    ['3.1', {}],
  ])('a label that an index needs is left, and nothing is changed: %s', async (_, options) => {
    const registry = await sceneOn({ ...options, ...refusing })
    const before = registry.store.snapshot()
    const run = await remove(registry, ['child'])
    expect(run.result).toBe('refused')
    expect(registry.store.snapshot()).toEqual(before)
    expect(run.problems).toMatch(
      new RegExp(`tag ${REPO}:child was kept: its manifest ${child.digest} is needed by multi.*\\(${status}`),
    )
    expect([outcomes(run), reason(run, 'child')]).toEqual([
      { child: 'kept' },
      expect.stringContaining('needed by multi'),
    ])
  })

  test('another goes: `incomplete` where its manifest went along, else it is a success', async () => {
    const registry = await sceneOn({ ...GITEA, ...refusing })
    const run = await remove(registry, ['alone'])
    expect([run.result, outcomes(run)]).toEqual(['incomplete', { alone: 'deleted' }])
    expect(run.problems).toContain(`${REPO}@${alone.digest}`)
    const other = await sceneOn(refusing)
    const kept = await remove(other, ['alone'])
    expect([kept.result, kept.problems, isWhole(other, alone)]).toEqual(['purged', '', true])
  })
})

describe('where nothing may be pushed', () => {
  test('of several labels those are left that something needs, and the others go', async () => {
    const registry = await sceneOn(noPush)
    const run = await remove(registry, ['child', 'alone', 'sibling'])
    expect(run.result).toBe('incomplete')
    expect(outcomes(run)).toEqual({ alone: 'deleted', child: 'kept', sibling: 'kept' })
    expect([isWhole(registry, index), isWhole(registry, alone)]).toEqual([true, true])
  })

  test('it is tried once, and not for each label', async () => {
    const registry = await sceneOn(noPush)
    await remove(registry, ['child', 'alone', 'sibling'])
    expect(puts(registry)).toHaveLength(1)
  })

  test('a label whose manifest goes along is the last one', async () => {
    const registry = await sceneOn({ ...GITEA, ...noPush })
    const more = ['a', 'b', 'c'].map((name) => ociImage(name))
    more.forEach((image, at) => pushImage(registry.store, REPO, image, `more-${at}`))
    // The ones that show nothing come first by their names: a label that is left, and one of two on a digest.
    registry.store.tag(REPO, 'more-00', more[0]?.digest ?? '')
    const run = await remove(registry, ['child', 'more-0', 'more-00', 'more-1', 'more-2'])
    expect(run.result).toBe('incomplete')
    expect(Object.values(outcomes(run)).filter((outcome) => outcome === 'deleted')).toHaveLength(1)
    expect(more.filter((image) => registry.store.hasManifest(REPO, image.digest))).toHaveLength(2)
    expect(isWhole(registry, index)).toBe(true)
    expect(run.problems).toContain('Pushing it by its digest, which would have kept it, failed (403 DENIED')
  })

  test('both labels of a digest that an index needs are left', async () => {
    const registry = await sceneOn({ ...GITEA, ...noPush })
    registry.store.tag(REPO, 'alias', child.digest)
    const run = await remove(registry, ['child', 'alias'])
    expect([run.result, outcomes(run)]).toEqual(['refused', { alias: 'kept', child: 'kept' }])
    expect(isWhole(registry, index)).toBe(true)
  })

  test('what another label stands on stays, so its children are needed', async () => {
    const registry = await sceneOn({ ...noPush })
    const run = await remove(registry, ['child', 'multi'])
    expect(outcomes(run)).toEqual({ child: 'kept', multi: 'deleted' })
  })

  test('a signature of something that stays is needed', async () => {
    const registry = await sceneOn({ ...GITEA, ...noPush })
    const signature = ociImage('signature', { layers: ['signature'], subject: latest })
    pushImage(registry.store, REPO, signature, 'signature')
    const run = await remove(registry, ['signature'])
    expect([run.result, outcomes(run)]).toEqual(['refused', { signature: 'kept' }])
    expect(isWhole(registry, signature)).toBe(true)
  })

  test('in a cleanup the label is left, and the rest goes', async () => {
    const registry = await sceneOn({ ...GITEA, ...noPush, blobDeleteAlways202: false })
    const run = await runEngine(registry, {
      repositories: REPO,
      tags: '{child,alone}',
      'older-than': '7d',
      'keep-newest': '0',
      'max-deletions': '5',
      'as-of': daysOld(0),
    })
    expect([run.result, outcomes(run)]).toEqual(['incomplete', { alone: 'deleted', child: 'kept' }])
    expect(registry.store.hasManifest(REPO, alone.digest)).toBe(false)
    expect(isWhole(registry, index)).toBe(true)
  })
})

describe('the push', () => {
  test.each([
    ['500', { status: 500 }],
    ['503', { status: 503 }],
    ['429', { status: 429, headers: { 'Retry-After': '3' } }],
    ['reset', 'reset'],
  ] as const)('is sent again after %s, and the digest is read before', async (_, answer) => {
    const registry = await sceneOn(GITEA)
    let times = 2
    registry.options.onPut = () => (times-- > 0 ? { worked: false, answer } : undefined)
    const run = await remove(registry, ['child'])
    expect([run.result, run.problems, isWhole(registry, index)]).toEqual(['purged', '', true])
    expect(puts(registry)).toHaveLength(3)
    for (const [at, { method }] of registry.requests.entries())
      if (method === 'PUT') expect(registry.requests[at - 1]?.path).toContain(child.digest)
  })

  test('waits for as long as the registry asks for patience', async () => {
    const registry = await sceneOn(GITEA)
    let times = 9
    registry.options.onPut = () => (times-- > 0 ? { worked: false, answer: { status: 429 } } : undefined)
    const run = await remove(registry, ['child'])
    expect([run.result, puts(registry).length]).toEqual(['purged', 10])
  })

  test.each([
    ['never settles', { worked: false, answer: { status: 500 } }],
    ['works, which nobody can tell', { worked: true, answer: 'reset' }],
    [
      'is stored under another digest',
      { worked: false, answer: { status: 201, headers: { 'Docker-Content-Digest': latest.digest } } },
    ],
    ['is answered with a page', { worked: false, answer: { status: 200, body: '<html>' } }],
    ['is answered from elsewhere', { worked: false, answer: { status: 302, headers: { Location: '/' } } }],
  ] as const)('that %s counts as none', async (_, twist) => {
    const registry = await sceneOn(GITEA)
    registry.options.onPut = () => twist
    const run = await remove(registry, ['child'])
    expect([run.result, outcomes(run)]).toEqual(['incomplete', { child: 'kept' }])
    expect(isWhole(registry, index)).toBe(true)
  })

  test.each([
    ['404', error(404, 'MANIFEST_UNKNOWN')],
    ['500', { status: 500 }],
    ['other bytes', { status: 200, body: '{}' }],
    ['a login page', { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>' }],
  ])('is not sent where the digest answers with %s: the label is left', async (_, answer) => {
    const registry = await sceneOn(GITEA)
    const before = registry.store.snapshot()
    registry.options.intercept = ({ method, path }) =>
      method === 'GET' && path.endsWith(`/manifests/${alone.digest}`) ? answer : undefined
    const run = await remove(registry, ['alone'])
    expect([run.result, outcomes(run), puts(registry)]).toEqual(['refused', { alone: 'kept' }, []])
    expect(run.problems).toContain('could not be read by digest')
    expect(registry.store.snapshot()).toEqual(before)
  })

  test('a label that moved while its manifest was pushed is left', async () => {
    const registry = await sceneOn(GITEA)
    registry.options.delay = ({ method }) => (method === 'PUT' ? 10 : 0)
    registry.options.after = ({ method }, store) => {
      if (method === 'PUT') pushImage(store, REPO, latest, 'child')
    }
    const run = await runEngine(
      registry,
      { image: `${REPO}:child`, scope: 'tag' },
      // The look before the push is more than a second old by then.
      { latency: 600 },
    )
    expect([run.result, registry.store.resolve(REPO, 'child')]).toEqual(['incomplete', latest.digest])
    expect(isWhole(registry, index)).toBe(true)
  })

  test('comes after the report', async () => {
    const registry = await sceneOn(GITEA)
    const run = await remove(registry, ['child'])
    const [first] = registry.requests.filter(({ method }) => method === 'PUT')
    expect(first).toBeDefined()
    expect(run.fileBeforeFirstWrite?.repositories[0]?.tags).toHaveLength(1)
    expect(run.report.requests).toMatchObject({ 'put-manifest': 1 })
  })

  test('that is followed by a refusal is a write', async () => {
    const registry = await sceneOn(GITEA)
    registry.options.onDelete = ({ kind }) =>
      kind === 'tag' ? { worked: false, answer: error(403, 'DENIED') } : undefined
    const run = await remove(registry, ['child'])
    expect([run.result, outcomes(run)]).toEqual(['incomplete', { child: 'failed' }])
  })
})
