import { describe, expect, test } from '@jest/globals'
import { json, type Content } from '../../testbed/images/content.js'
import { dockerImage, ociImage, type Image } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { runEngine } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { realDeletes, served } from './wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }

/** The same image under a manifest with other fields; those that are undefined are left out. */
function rewritten(image: Image, fields: Readonly<Record<string, unknown>>): Image {
  const manifest = { ...image.manifest, ...fields }
  return { ...image, ...json(manifest), manifest }
}

const described = ({ config }: Image, size: unknown): object => ({
  mediaType: 'application/vnd.oci.image.config.v1+json',
  digest: (config as Content).digest,
  size,
})

describe('rule 2: what a manifest may leave out is not needed, and everything else is', () => {
  const bare = ociImage('bare', { layers: [] })
  const sized = ociImage('sized')

  const kept: [what: string, image: Image][] = [
    ['without layers', rewritten(bare, { layers: undefined })],
    ['with layers that are null', rewritten(bare, { layers: null })],
    ['without layers or a type of its own', rewritten(bare, { layers: undefined, mediaType: undefined })],
    ['of Docker without layers', rewritten(dockerImage('docker', { layers: [] }), { layers: undefined })],
    ['whose config has no size', rewritten(sized, { config: described(sized, undefined) })],
    ['whose config has the size 0', rewritten(sized, { config: described(sized, 0) })],
    ['with nulls', rewritten(sized, { annotations: null, subject: null, manifests: null, blobs: null })],
  ]

  test.each(kept)('a remaining image %s is no obstacle, and stays whole', async (_, image) => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    pushImage(registry.store, REPO, image, 'odd')
    const run = await runEngine(registry, { ...IMAGE, 'protected-tags': 'odd' })

    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(served(registry, REPO, scene.gone)).toEqual([])
    const remaining = run.report.repositories[0]?.remaining ?? []
    expect(remaining.map(({ tag, verdict }) => [tag, verdict])).toContainEqual(['odd', 'intact'])
  })

  test.each(kept)('a leaked image %s goes whole', async (what, image) => {
    const registry = await registryWith()
    pushImage(registry.store, REPO, image, 'odd')
    pushImage(registry.store, REPO, ociImage('keep'), 'keep')
    const run = await runEngine(registry, { image: `${REPO}:odd` })

    expect([run.result, run.problems]).toEqual(['purged', ''])
    const all = [image, image.config, ...image.layers].flatMap((each) => each?.digest ?? [])
    expect(run.report.repositories[0]?.blobs).toHaveLength(all.length - 1)
    expect(served(registry, REPO, all)).toEqual([])
    expect(run.log.join('\n')).not.toMatch(/NaN|undefined|\(0 B/)
    expect(run.log.join('\n')).toContain(
      what.includes('size') ? '(size unknown)' : `(${image.config?.size} B)`,
    )
  })

  test('the config of a remaining image without layers is not deleted with a leak that lists it, too', async () => {
    const registry = await registryWith()
    const config = bare.config as Content
    // As a layer: an image with the same config would be an alias.
    pushImage(registry.store, REPO, ociImage('leak', { layers: [config, 'secret'] }), 'debug-42')
    pushImage(registry.store, REPO, rewritten(bare, { layers: undefined }), 'odd')
    const run = await runEngine(registry, { ...IMAGE, 'shared-blobs': 'keep' })

    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(run.report.repositories[0]?.kept.map(({ digest }) => digest)).toEqual([config.digest])
    expect(realDeletes(registry, [config.digest])).toEqual([])
  })

  test('a remaining index without a list, whose own type says what it is, needs nothing', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    pushImage(registry.store, REPO, rewritten(ociIndex([]), { manifests: undefined }), 'odd')
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
  })

  test.each<[what: string, image: Image]>([
    ['an image without a config', rewritten(bare, { config: undefined })],
    ['an image whose config is null', rewritten(sized, { config: null })],
    ['an image without layers, and an index', rewritten(bare, { layers: undefined, manifests: [] })],
    ['an image with a layer that is null', rewritten(bare, { layers: [null] })],
    ['an empty object under the type of an image', { ...bare, ...json({}) }],
    ['an empty object under the type of an index', { ...ociIndex([]), ...json({}) }],
    ['a portal’s JSON under the type of an index', { ...ociIndex([]), ...json({ login: 'https://x' }) }],
  ])('%s is unreadable on a remaining tag, and refuses', async (_, image) => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    pushImage(registry.store, REPO, image, 'odd')
    const run = await runEngine(registry, IMAGE)

    expect(run.result).toBe('refused')
    expect(run.problems).toContain(`${REPO}:odd`)
    expect(realDeletes(registry, ['debug-42', ...scene.gone])).toEqual([])
  })
})

describe('rule 5: a header that is sent twice', () => {
  const names = ['Docker-Content-Digest', 'Content-Type', 'Location']

  test('with one value says what it says once', async () => {
    const registry = await registryWith({ repeatsHeaders: names })
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(served(registry, REPO, scene.gone)).toEqual([])
  })

  test('with two values is a lie', async () => {
    const registry = await registryWith()
    const { latest, leak } = referenceScene(registry.store)
    // As Node joins them.
    const digests = `${latest.digest}, ${leak.digest}`
    const headers = { 'Content-Type': latest.mediaType, 'Docker-Content-Digest': digests }
    registry.options.reads = { latest: { status: 200, headers, body: latest.bytes } }
    const run = await runEngine(registry, { ...IMAGE, 'unreadable-tags': 'ignore' })
    expect(run.result).toBe('refused')
    expect(run.problems).toContain('the Docker-Content-Digest header does not fit the bytes')
  })
})

describe('rule 9: a list without the key `tags`', () => {
  test('is the empty list of a repository whose last tag was purged', async () => {
    const registry = await registryWith({ omitsEmptyTags: true })
    pushImage(registry.store, REPO, ociImage('leak'), 'debug-42')
    const run = await runEngine(registry, IMAGE)
    expect([run.result, run.problems]).toEqual(['purged', ''])
  })

  test.each([[{}], [{ name: 'acme/other' }], [{ name: REPO, message: 'please log in' }]])(
    'is none if it says anything else, and refuses: %j',
    async (body) => {
      const registry = await registryWith()
      const { leak, gone } = referenceScene(registry.store)
      registry.options.intercept = ({ path }) =>
        path.endsWith('/tags/list') ? { status: 200, body } : undefined
      const run = await runEngine(registry, { image: `${REPO}@${leak.digest}` })
      expect(run.result).toBe('refused')
      expect(run.problems).toContain(`the response for the tag list of ${REPO} is not a tag list`)
      expect(served(registry, REPO, gone)).toEqual(gone)
    },
  )

  test('proves nothing at the end if it says anything else', async () => {
    const registry = await registryWith()
    pushImage(registry.store, REPO, ociImage('leak'), 'debug-42')
    registry.options.intercept = ({ path }, store) =>
      path.endsWith('/tags/list') && store.tags(REPO).length === 0 ? { status: 200, body: {} } : undefined
    expect((await runEngine(registry, { ...IMAGE, 'verify-timeout': '1m' })).result).toBe('incomplete')
  })
})
