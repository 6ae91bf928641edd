import { expect, test } from '@jest/globals'
import { request } from '../../../testbed/http.js'
import { blobDigests, type Image } from '../../../testbed/images/image.js'
import { push, putManifest } from '../../../testbed/images/push.js'
import { onRegistryWith, startOnObjectStore } from '../support/parts.js'
import { expectRefusal } from '../support/refused.js'
import { expectGone, expectPulls } from '../support/registry-state.js'
import { imageOf, layerOf } from '../support/scenes.js'
import { expectResult, purge, type RegistryServer, type Start } from '../support/support.js'

const repository = 'acme/app'
const leak = imageOf('base', 'secret')
const secret = layerOf('secret')
/** A tag that needs a layer of the leak. */
const sharing = (name: string): Image => imageOf('secret', name)
const leaked = {
  tags: ['debug'],
  manifests: [leak.digest],
  blobs: blobDigests(leak).slice(0, 1),
}

async function pushTags(registry: RegistryServer, tags: Record<string, Image>): Promise<void> {
  for (const [tag, image] of Object.entries(tags)) await push(registry, repository, image, tag)
}

async function list({ url, auth }: RegistryServer): Promise<{ status: number; tags: string[] | null }> {
  const { status, body } = await request({ url: `${url}/v2/${repository}/tags/list`, auth })
  return { status, tags: (JSON.parse(body.toString()) as { tags?: string[] | null }).tags ?? null }
}

const digestsOf = (tags: Record<string, Image>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([tag, { digest }]) => [tag, digest]))

const startDirect = async (start: Start): Promise<RegistryServer> =>
  (await startOnObjectStore(start, false)).registry

// 3.1.1 leaves out every tag whose name is that of a listed one and goes on with a digit, a letter or `_`.
onRegistryWith('versitygw', '3.1.1', (start) => {
  test.each<[string, Record<string, Image>, string[]]>([
    ['a digit', { v1: imageOf('base'), v10: sharing('v10') }, ['debug', 'v1']],
    ['a letter', { v1: imageOf('base'), v1rc: sharing('v1rc') }, ['debug', 'v1']],
    ['an underscore', { v1: imageOf('base'), v1_0: sharing('v1_0') }, ['debug', 'v1']],
    [
      'a digit, behind a hidden tag',
      { '1': imageOf('base'), '10': imageOf('base', 'ten'), '100': sharing('100') },
      ['1', 'debug'],
    ],
    [
      'a digit, beside listed tags that go on with a dash or a dot',
      {
        v1: imageOf('base'),
        'v1-x': imageOf('base', 'x'),
        'v1.0': imageOf('base', '0'),
        v11: sharing('v11'),
      },
      ['debug', 'v1-x', 'v1.0', 'v1'],
    ],
    ['a letter, behind the leak', { debugger: sharing('debugger') }, ['debug']],
  ])('a hidden tag keeps its layers: %s', async (_what, tags, listed) => {
    const registry = await startDirect(start)
    await pushTags(registry, { debug: leak, ...tags })
    expect(await list(registry)).toEqual({ status: 200, tags: listed })
    const run = await purge(registry, { image: `${repository}:debug`, 'shared-blobs': 'keep' })

    await expectPulls(registry, repository, digestsOf(tags))
    expectResult(run, 'purged')
    expect(run.kept).toContain(secret.digest)
    await expectGone(registry, repository, leaked)
  })

  test('where blobs redirect to the store, a tag hidden behind the last of many keeps its layers', async () => {
    const { registry, observer } = await startOnObjectStore(start, true)
    const many = imageOf('base')
    const names = Array.from({ length: 120 }, (_, index) => `b-${String(index).padStart(3, '0')}`)
    await pushTags(registry, { debug: leak, last: many, last2: sharing('last2') })
    for (const name of names) await putManifest(registry, repository, many, name)
    expect((await list(registry)).tags).toHaveLength(names.length + 2)
    const run = await purge(registry, { image: `${repository}:debug`, 'shared-blobs': 'keep' })

    await expectPulls(observer, repository, digestsOf({ last: many, last2: sharing('last2') }))
    expectResult(run, 'purged')
    expect(run.kept).toContain(secret.digest)
    await expectGone(observer, repository, leaked)
  })

  test('a hidden alias of the leak refuses, and is named', async () => {
    const registry = await startDirect(start)
    const tags = { debug: leak, v1: imageOf('base'), v10: leak }
    await pushTags(registry, tags)
    expect((await list(registry)).tags).not.toContain('v10')
    const asked = { tags: Object.keys(tags), manifests: [leak.digest], blobs: [secret.digest] }
    const run = await expectRefusal(registry, repository, asked, { image: `${repository}:debug` })
    expect(run.errors).toMatch(/\bv10\b/)
  })

  test('a leak under a hidden tag is purged', async () => {
    const registry = await startDirect(start)
    const tags = { v1: imageOf('base') }
    await pushTags(registry, { ...tags, v10: leak })
    const run = await purge(registry, { image: `${repository}:v10`, 'shared-blobs': 'keep' })
    expectResult(run, 'purged')
    await expectGone(registry, repository, { ...leaked, tags: ['v10'], blobs: [secret.digest] })
    await expectPulls(registry, repository, digestsOf(tags))
  })

  test('a cleanup selects hidden tags, too', async () => {
    const registry = await startDirect(start)
    const stays = { v1: imageOf('base') }
    await pushTags(registry, { ...stays, v10: imageOf('base', 'ten'), v11: imageOf('base', 'eleven') })
    const run = await purge(registry, { repositories: repository, tags: 'v1?', 'keep-newest': '0' })
    expectResult(run, 'purged')
    await expectGone(registry, repository, { tags: ['v10', 'v11'] })
    await expectPulls(registry, repository, digestsOf(stays))
  })
})

// These answer 404 NAME_UNKNOWN for the list of a repository that has no tag (any more).
for (const version of ['3.0.0', '2.8.2'] as const) {
  onRegistryWith('versitygw', version, (start) => {
    test('the last tag of a repository is purged', async () => {
      const registry = await startDirect(start)
      await pushTags(registry, { debug: leak })
      const run = await purge(registry, { image: `${repository}:debug`, 'verify-timeout': '20s' })
      expect((await list(registry)).status).toBe(404)
      expectResult(run, 'purged')
      await expectGone(registry, repository, { ...leaked, blobs: blobDigests(leak) })
    })

    test('an image without a tag is purged by its digest where no tag is left', async () => {
      const registry = await startDirect(start)
      await push(registry, repository, leak)
      expect((await list(registry)).status).toBe(404)
      const run = await purge(registry, {
        image: `${repository}@${leak.digest}`,
        'verify-timeout': '20s',
      })
      expectResult(run, 'purged')
      await expectGone(registry, repository, { ...leaked, blobs: blobDigests(leak) })
    })
  })
}

for (const version of ['3.1.1', '3.0.0', '2.8.2'] as const) {
  onRegistryWith('versitygw', version, (start) => {
    test('a repository that never was is not called purged', async () => {
      const registry = await startDirect(start)
      const run = await purge(registry, { image: `${repository}@${leak.digest}`, 'verify-timeout': '20s' })
      expectResult(run, 'refused')
    })
  })
}

// The label of `v1` survives its manifest where `v1.0` stands beside it (distribution#3142).
onRegistryWith('versitygw', '2.8.2', (start) => {
  test('a tag that dangles after the DELETE of its manifest is told, with the key to remove', async () => {
    const registry = await startDirect(start)
    const stays = { 'v1.0': imageOf('base') }
    await pushTags(registry, { v1: leak, ...stays })
    const run = await purge(registry, { image: `${repository}:v1`, 'verify-timeout': '20s' })
    expect((await list(registry)).tags).toContain('v1')
    expectResult(run, 'incomplete')
    expect(run.errors).toContain(
      `docker/registry/v2/repositories/${repository}/_manifests/tags/v1/current/link`,
    )
    await expectPulls(registry, repository, digestsOf(stays))
  })
})
