import { describe, expect, test } from '@jest/globals'
import { artifact, attestation, signature, signatureTag } from '../../../testbed/images/artifacts.js'
import { dockerImage, ociImage } from '../../../testbed/images/image.js'
import { ociIndex } from '../../../testbed/images/indexes.js'
import { pushImage } from '../../support/push.js'
import { useRegistries } from '../../support/registries.js'
import { aged, because, chosen, clean, daysOld, push, REPO } from './scene.js'

const registryWith = useRegistries()
const dry = { 'dry-run': 'true' }

describe('by name', () => {
  test('globs select, and ! takes away, wherever it stands', async () => {
    const registry = await registryWith()
    push(registry, {
      'debug-1': aged('1', 1),
      'debug-2': aged('2', 1),
      'debug-keep': aged('3', 1),
      'test-a': aged('4', 1),
      latest: aged('5', 1),
    })
    const run = await clean(registry, { ...dry, tags: '!debug-keep,debug-*,test-[a-c]' })
    expect(run.result).toBe('planned')
    expect(chosen(run)).toEqual({ gone: ['debug-1', 'debug-2', 'test-a'], labels: [], kept: [] })
  })

  test('a glob that matches nothing is a warning, one that takes away, too', async () => {
    const registry = await registryWith()
    push(registry, { 'debug-1': aged('1', 1), latest: aged('2', 1) })
    const run = await clean(registry, { ...dry, tags: 'debug-*,tset-*,!debug-wichtig' })
    expect(run.result).toBe('planned')
    expect(run.report.warnings).toEqual([
      expect.stringContaining('tags: tset-* matches no tag'),
      expect.stringContaining('tags: !debug-wichtig matches no tag'),
    ])
  })

  test('a glob that matches only what belongs to images by name is told apart', async () => {
    const registry = await registryWith()
    const image = aged('1', 1)
    push(registry, { 'debug-1': image, latest: aged('2', 1) })
    pushImage(registry.store, REPO, signature('s', image), signatureTag(image.digest))
    const run = await clean(registry, { ...dry, tags: 'debug-*,sha256-*' })
    expect(run.report.warnings).toEqual([
      expect.stringMatching(/^tags: sha256-\* matches no tag .* they are deleted or kept with it$/),
    ])
  })

  test('a protected tag that no list has is found by its name, also where nothing is selected', async () => {
    const registry = await registryWith()
    push(registry, { hidden: aged('1', 1), latest: aged('2', 1) })
    registry.options.unlisted = ['hidden']
    const run = await clean(registry, { 'protected-tags': 'hidden' })
    expect([run.result, run.problems]).toEqual(['nothing-to-do', ''])
    const wrong = await clean(registry, { 'protected-tags': 'hiden' })
    expect(wrong.problems).toContain('protected-tags: hiden matches no tag')
  })

  test('nothing selected is a success, and nothing is asked of deletion', async () => {
    const registry = await registryWith({ deleteOff: true })
    push(registry, { latest: aged('2', 1) })
    for (const more of [{}, dry]) {
      const run = await clean(registry, more)
      expect([run.result, run.problems]).toEqual(['nothing-to-do', ''])
    }
    expect(registry.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  test('tags that belong to an image by their name are never selected, and go with it', async () => {
    const registry = await registryWith()
    const [old, young] = [aged('old', 9), aged('young', 1)]
    push(registry, { 'debug-1': old, 'debug-2': young })
    pushImage(registry.store, REPO, signature('s1', old), signatureTag(old.digest))
    pushImage(registry.store, REPO, signature('s2', young), signatureTag(young.digest))
    const run = await clean(registry, { tags: '**', 'older-than': '3d', 'max-deletions': '1' })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(registry.store.tags(REPO).sort()).toEqual(['debug-2', signatureTag(young.digest)].sort())
    expect(registry.store.hasManifest(REPO, old.digest)).toBe(false)
  })

  test('tags that belong to an image by their name stay with an image that stays', async () => {
    const registry = await registryWith()
    const [one, two] = [aged('1', 1), aged('2', 1)]
    push(registry, { 'debug-1': one, 'debug-2': two })
    pushImage(registry.store, REPO, signature('s1', one), signatureTag(one.digest))
    pushImage(registry.store, REPO, signature('s2', two), signatureTag(two.digest))
    const run = await clean(registry, { tags: '**,!debug-2' })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(registry.store.tags(REPO).sort()).toEqual(['debug-2', signatureTag(two.digest)].sort())
  })

  test('a protected tag stays, whatever matches it', async () => {
    const registry = await registryWith()
    push(registry, { 'debug-1': aged('1', 1), 'debug-2': aged('2', 1) })
    const run = await clean(registry, { 'protected-tags': '*-2' })
    expect(run.result).toBe('purged')
    expect(chosen(run)).toEqual({ gone: ['debug-1'], labels: [], kept: ['debug-2'] })
    expect(because(run, 'debug-2')).toContain('protected-tags: *-2')
    expect(registry.store.tags(REPO)).toEqual(['debug-2'])
  })

  test('an ordinary tag on what refers to an image stays, when the image goes', async () => {
    const registry = await registryWith({ referrers: true })
    const image = aged('1', 1)
    push(registry, { 'debug-1': image, latest: aged('2', 1) })
    const sbom = artifact('sbom', { subject: { ...image } })
    pushImage(registry.store, REPO, sbom, 'sbom-of-1')
    const run = await clean(registry)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(registry.store.tags(REPO).sort()).toEqual(['latest', 'sbom-of-1'])
  })
})

describe('by age', () => {
  test('only what is older than that goes', async () => {
    const registry = await registryWith()
    push(registry, { 'debug-1': aged('1', 13), 'debug-2': aged('2', 14), 'debug-3': aged('3', 15) })
    const run = await clean(registry, { ...dry, 'older-than': '14d' })
    expect(chosen(run)).toMatchObject({ gone: ['debug-3'], kept: ['debug-1', 'debug-2'] })
    expect(because(run, 'debug-1')).toBe('created 13d ago, and older-than is 14d')
  })

  test('age counts from as-of', async () => {
    const registry = await registryWith()
    push(registry, { 'debug-1': aged('1', 20), 'debug-2': aged('2', 15) })
    const run = await clean(registry, { ...dry, 'older-than': '14d', 'as-of': daysOld(3) })
    expect(chosen(run)).toMatchObject({ gone: ['debug-1'], kept: ['debug-2'] })
    expect(run.report.inputs['as-of']).toBe(daysOld(3))
  })

  test.each<[string, string | null]>([
    ['missing', null],
    ['no date', 'yesterday'],
    ['the zero of Go', '0001-01-01T00:00:00Z'],
    ['the epoch', '1970-01-01T00:00:00Z'],
    ['the epoch of tar', '1980-01-01T00:00:00Z'],
    ['the last that says nothing', '1980-01-02T23:59:59Z'],
    ['in the future', '2026-06-01T01:00:01Z'],
    ['in the far future', '9999-01-01T00:00:00Z'],
  ])(
    'an image without a date that can be true is never selected, and takes no place: %s',
    async (_, created) => {
      const registry = await registryWith()
      push(registry, {
        'debug-1': aged('1', 20),
        'debug-2': aged('2', 25),
        'debug-3': ociImage('3', { created }),
      })
      const byAge = await clean(registry, { ...dry, 'older-than': '1d' })
      expect(chosen(byAge)).toMatchObject({ gone: ['debug-1', 'debug-2'], kept: ['debug-3'] })
      const byCount = await clean(registry, { ...dry, 'keep-newest': '1' })
      expect(chosen(byCount)).toMatchObject({ gone: ['debug-2'], kept: ['debug-1', 'debug-3'] })
      expect(because(byCount, 'debug-3')).toMatch(/date/)
    },
  )

  test('a clock that is somewhat ahead is no lie', async () => {
    const registry = await registryWith()
    push(registry, {
      'debug-1': ociImage('1', { created: '2026-06-01T01:00:00Z' }),
      'debug-2': aged('2', 1),
    })
    const run = await clean(registry, { ...dry, 'keep-newest': '1' })
    expect(chosen(run)).toMatchObject({ gone: ['debug-2'], kept: ['debug-1'] })
  })

  test.each<Readonly<Record<string, string>>>([
    { 'older-than': '0s' },
    { 'keep-newest': '0' },
    { 'older-than': '0s', 'keep-newest': '0' },
  ])('where nothing asks for a date none matters, and no config is read: %j', async (inputs) => {
    const registry = await registryWith()
    push(registry, {
      'debug-1': ociImage('1', { created: null }),
      'debug-2': aged('2', -1),
      latest: aged('3', 1),
    })
    const run = await clean(registry, { ...dry, ...inputs })
    expect(chosen(run)).toMatchObject({ gone: ['debug-1', 'debug-2'] })
    expect(run.report.requests['read-config']).toBeUndefined()
  })

  test.each(['not JSON', '[]', 'null', '{"created":5}', '{"created":"2020-01-01T00:00:00Z","Created":"x"}'])(
    'a config that cannot be read as one has no date: %s',
    async (text) => {
      const registry = await registryWith()
      const image = aged('1', 20)
      push(registry, { latest: aged('2', 20) })
      const config = registry.store.putBlob(REPO, text)
      const manifest = {
        ...image.manifest,
        config: { ...(image.manifest['config'] as object), digest: config, size: text.length },
      }
      for (const { bytes } of image.layers) registry.store.putBlob(REPO, bytes)
      registry.store.putManifest(REPO, image.mediaType, Buffer.from(JSON.stringify(manifest)), 'debug-1')
      const run = await clean(registry, { ...dry, 'older-than': '1d' })
      expect([run.result, run.problems]).toEqual(['nothing-to-do', ''])
      expect(chosen(run)).toMatchObject({ gone: [], kept: ['debug-1'] })
    },
  )

  test('a config that comes with other bytes has no date', async () => {
    const registry = await registryWith()
    const image = aged('1', 20)
    push(registry, { 'debug-1': image, latest: aged('2', 1) })
    const other = JSON.stringify({ created: '2001-01-01T00:00:00Z' })
    registry.options.intercept = ({ method, path }) =>
      method === 'GET' && path.endsWith(image.config?.digest ?? '?')
        ? { status: 200, body: other }
        : undefined
    const run = await clean(registry, { ...dry, 'older-than': '1d' })
    expect(chosen(run)).toMatchObject({ gone: [], kept: ['debug-1'] })
    expect(because(run, 'debug-1')).toContain('other bytes')
  })

  test('a config that does not come has no date', async () => {
    const registry = await registryWith()
    const image = aged('1', 20)
    push(registry, { 'debug-1': image, latest: aged('2', 1) })
    registry.store.deleteBlob(REPO, image.config?.digest ?? '')
    const run = await clean(registry, { ...dry, 'older-than': '1d' })
    expect(chosen(run)).toMatchObject({ gone: [], kept: ['debug-1'] })
  })

  test('of an index the newest image counts, and those without a date are passed over', async () => {
    const registry = await registryWith()
    const [a, b] = [aged('a', 30), aged('b', 10)]
    push(registry, {
      'debug-1': ociIndex([a, b, attestation('at', a)]),
      'debug-2': ociIndex([aged('c', 30), ociIndex([aged('d', 20)])]),
      'debug-3': ociIndex([aged('e', 30), aged('f', -1)]),
      'debug-4': ociIndex([ociImage('g', { created: null })]),
      'debug-5': ociIndex([]),
      'debug-6': dockerImage('h', { created: daysOld(30) }),
    })
    const run = await clean(registry, { ...dry, 'older-than': '14d' })
    expect(chosen(run)).toMatchObject({
      gone: ['debug-2', 'debug-6'],
      kept: ['debug-1', 'debug-3', 'debug-4', 'debug-5'],
    })
  })

  test('an index with an image that cannot be read has no date', async () => {
    const registry = await registryWith()
    const [a, b] = [aged('a', 30), aged('b', 30)]
    push(registry, { 'debug-1': ociIndex([a, b]), latest: aged('2', 1) })
    registry.store.deleteManifest(REPO, b.digest)
    const run = await clean(registry, { ...dry, 'older-than': '14d', 'unreadable-tags': 'ignore' })
    expect(chosen(run)).toMatchObject({ gone: [], kept: ['debug-1'] })
  })
})

describe('by count', () => {
  const builds = {
    'debug-1': aged('1', 10),
    'debug-2': aged('2', 9),
    'debug-3': aged('3', 8),
    'debug-4': aged('4', 7),
    latest: aged('5', 1),
  }

  test('so many of the newest stay, and of the others all go', async () => {
    const registry = await registryWith()
    push(registry, builds)
    const run = await clean(registry, { 'keep-newest': '2' })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(chosen(run)).toEqual({ gone: ['debug-1', 'debug-2'], labels: [], kept: ['debug-3', 'debug-4'] })
    expect(registry.store.tags(REPO).sort()).toEqual(['debug-3', 'debug-4', 'latest'])
  })

  test('of the others those go that are old enough', async () => {
    const registry = await registryWith()
    push(registry, builds)
    const run = await clean(registry, { ...dry, 'keep-newest': '1', 'older-than': '8d' })
    expect(chosen(run)).toMatchObject({ gone: ['debug-1', 'debug-2'], kept: ['debug-3', 'debug-4'] })
  })

  test('tags on one image count once, and protected ones fill places', async () => {
    const registry = await registryWith()
    push(registry, { ...builds, 'debug-4b': builds['debug-4'], 'debug-release': aged('r', 1) })
    const run = await clean(registry, { ...dry, 'keep-newest': '2', 'protected-tags': 'debug-release' })
    expect(chosen(run)).toMatchObject({
      gone: ['debug-1', 'debug-2', 'debug-3'],
      kept: ['debug-4', 'debug-4b', 'debug-release'],
    })
  })

  test('the same in each repository, and in whatever order the tags are listed', async () => {
    const registry = await registryWith()
    const same = Object.fromEntries(
      Array.from({ length: 6 }, (_, at) => [`debug-${at}`, ociImage(`same ${at}`, { created: daysOld(5) })]),
    )
    push(registry, same, 'acme/one')
    push(registry, Object.fromEntries(Object.entries(same).reverse()), 'acme/two')
    const run = await clean(registry, { ...dry, repositories: 'acme/*', 'keep-newest': '3' })
    expect(chosen(run, 'acme/one')).toEqual(chosen(run, 'acme/two'))
    expect(chosen(run, 'acme/one').gone).toHaveLength(3)
    const again = await clean(registry, { ...dry, repositories: 'acme/two,acme/one', 'keep-newest': '3' })
    expect(again.report.fingerprint).toBe(run.report.fingerprint)
  })

  test('what differs by microseconds is told apart', async () => {
    const registry = await registryWith()
    push(registry, {
      'debug-a': ociImage('a', { created: '2026-05-01T00:00:00.000001Z' }),
      'debug-b': ociImage('b', { created: '2026-05-01T00:00:00.000003Z' }),
      'debug-c': ociImage('c', { created: '2026-05-01T00:00:00.000002Z' }),
    })
    const run = await clean(registry, { ...dry, 'keep-newest': '1' })
    expect(chosen(run)).toMatchObject({ gone: ['debug-a', 'debug-c'], kept: ['debug-b'] })
  })
})

describe('what is doubtful', () => {
  test('stays: a manifest of unknown kind, a tag that dangles', async () => {
    const registry = await registryWith({ extraListed: ['debug-dangling'] })
    push(registry, { 'debug-1': aged('1', 1), latest: aged('2', 1) })
    registry.store.putManifest(
      REPO,
      'application/vnd.example.strange+json',
      Buffer.from(JSON.stringify({ mediaType: 'application/vnd.example.strange+json', of: 'nothing' })),
      'debug-strange',
    )
    const run = await clean(registry)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(chosen(run)).toEqual({ gone: ['debug-1'], labels: [], kept: ['debug-dangling', 'debug-strange'] })
    expect(registry.store.tags(REPO).sort()).toEqual(['debug-strange', 'latest'])
  })

  test('stays: an image whose signature is not understood, and the next one goes', async () => {
    const registry = await registryWith()
    const [one, two] = [aged('1', 1), aged('2', 1)]
    push(registry, { 'debug-1': one, 'debug-2': two, latest: aged('3', 1) })
    registry.store.putManifest(
      REPO,
      'application/vnd.example.strange+json',
      Buffer.from(JSON.stringify({ mediaType: 'application/vnd.example.strange+json', of: 'nothing' })),
      signatureTag(one.digest),
    )
    const run = await clean(registry)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(chosen(run)).toEqual({ gone: ['debug-2'], labels: [], kept: ['debug-1'] })
    expect(because(run, 'debug-1')).toMatch(
      /it is unknown what belongs to it: sha256:\w+ is a manifest of a kind/,
    )
  })

  test('stays: an image whose signature cannot be read, where that is passed over', async () => {
    const registry = await registryWith()
    const [one, two] = [aged('1', 1), aged('2', 1)]
    push(registry, { 'debug-1': one, 'debug-2': two, latest: aged('3', 1) })
    pushImage(registry.store, REPO, signature('s1', one), signatureTag(one.digest))
    registry.options.intercept = ({ path }) =>
      path.endsWith(`/manifests/${signatureTag(one.digest)}`)
        ? { status: 403, body: { errors: [{ code: 'DENIED' }] } }
        : undefined
    expect((await clean(registry)).result).toBe('refused')
    const run = await clean(registry, { 'unreadable-tags': 'ignore' })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(chosen(run)).toEqual({ gone: ['debug-2'], labels: [], kept: ['debug-1'] })
    expect(because(run, 'debug-1')).toContain('belongs to it by its name, cannot be read')
  })

  test('a tag that cannot be read refuses, as in an incident', async () => {
    const registry = await registryWith()
    push(registry, { 'debug-1': aged('1', 1), 'debug-2': aged('2', 1), latest: aged('3', 1) })
    registry.options.intercept = ({ path }) =>
      path.endsWith('/manifests/debug-2')
        ? { status: 403, body: { errors: [{ code: 'DENIED' }] } }
        : undefined
    const run = await clean(registry)
    expect(run.result).toBe('refused')
    expect(run.problems).toContain('debug-2 stays, but cannot be read')
    expect(registry.store.tags(REPO)).toHaveLength(3)
    const ignored = await clean(registry, { 'unreadable-tags': 'ignore' })
    expect(chosen(ignored)).toMatchObject({ gone: ['debug-1'], kept: ['debug-2'] })
  })
})
