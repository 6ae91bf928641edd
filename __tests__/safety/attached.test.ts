/** What belongs to the leaked image goes with it, and only that. */
import { describe, expect, test } from '@jest/globals'
import {
  artifact,
  artifactManifest,
  signature,
  signatureTag,
  unknownManifest,
} from '../../testbed/images/artifacts.js'
import { blobDigests, manifestDigests, ociImage, type Image } from '../../testbed/images/image.js'
import { ociIndex, referrersIndex, referrersTag } from '../../testbed/images/indexes.js'
import { runEngine } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import type { MemoryOptions, MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { positionOf, realDeletes, served } from './wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42` }
const EMPTY = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'

const contentOf = (...images: Image[]): string[] =>
  images
    .flatMap((image) => [...manifestDigests(image), ...blobDigests(image)])
    .filter((digest) => digest !== EMPTY)

/** An SBOM of an image, a signature of that SBOM, and what cosign ties to the image by its name. */
function attach(registry: MemoryRegistry, to: Image, name: string): { tags: string[]; content: string[] } {
  const { store, options } = registry
  const sbom = artifact(`${name} sbom`, { subject: to })
  const ofSbom = artifactManifest(`${name} signature of the sbom`, { subject: sbom })
  const signed = signature(name, to)
  const tags = [signatureTag(to.digest), signatureTag(to.digest, 'att')]
  if (options.referrers === undefined && options.dialect !== 'zot') {
    for (const [subject, referrer] of [
      [to, sbom],
      [sbom, ofSbom],
    ] as const) {
      pushImage(store, REPO, referrersIndex([referrer]), referrersTag(subject.digest))
      tags.push(referrersTag(subject.digest))
    }
  } else for (const each of [sbom, ofSbom]) pushImage(store, REPO, each)
  for (const kind of ['sig', 'att'] as const) pushImage(store, REPO, signed, signatureTag(to.digest, kind))
  return { tags, content: contentOf(sbom, ofSbom, signed) }
}

const REGISTRIES: [string, MemoryOptions][] = [
  ['3.1', {}],
  ['2.8', { dialect: '2.8' }],
  ['olareg', { dialect: 'olareg' }],
  ['zot', { dialect: 'zot' }],
  ['a registry with small pages of referrers', { referrers: true, referrersPageSize: 1 }],
]

describe.each(REGISTRIES)('on %s', (_, options) => {
  test('referrers, referrers of referrers and derived tags go with the leak; those of another image stay', async () => {
    const registry = await registryWith(options)
    const scene = referenceScene(registry.store)
    const own = attach(registry, scene.leak, 'leak')
    const others = attach(registry, scene.latest, 'latest')
    const run = await runEngine(registry, IMAGE)
    expect(run.problems).toBe('')
    expect(run.result).toBe('purged')
    expect(served(registry, REPO, [...scene.gone, ...own.content])).toEqual([])
    expect(registry.store.tags(REPO).sort()).toEqual(
      [...Object.keys(scene.tags).filter((tag) => tag !== 'debug-42'), ...others.tags].sort(),
    )
    expect(served(registry, REPO, others.content)).toEqual(others.content)
    const [entry] = run.report.repositories
    expect(entry?.tags.map(({ tag }) => tag)).toEqual(['debug-42', ...own.tags].sort())
    expect(entry?.remaining.every(({ verdict }) => verdict === 'intact')).toBe(true)
  })

  test('children are covered as well, and go after what is attached to them', async () => {
    const registry = await registryWith(options)
    const child = ociImage('child')
    const root = ociIndex([child, ociImage('other')])
    pushImage(registry.store, REPO, root, 'debug-42')
    pushImage(registry.store, REPO, ociImage('latest'), 'latest')
    const own = attach(registry, child, 'child')
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    expect(served(registry, REPO, [...contentOf(root), ...own.content])).toEqual([])
    expect(registry.store.tags(REPO)).toEqual(['latest'])
    const sbom = artifact('child sbom', { subject: child })
    const ofSbom = artifactManifest('child signature of the sbom', { subject: sbom })
    const order = [ofSbom, sbom, child].map(({ digest }) => positionOf(registry, 'DELETE', digest))
    expect(order).not.toContain(-1)
    expect(order).toEqual([...order].sort((one, other) => one - other))
  })
})

test('a tagged referrer goes with the image, under whatever tag', async () => {
  const registry = await registryWith({ referrers: true })
  const scene = referenceScene(registry.store)
  const sbom = artifact('sbom', { subject: scene.leak })
  pushImage(registry.store, REPO, sbom, 'sigtag')
  const run = await runEngine(registry, IMAGE)
  expect(run.result).toBe('purged')
  expect(served(registry, REPO, contentOf(sbom))).toEqual([])
  expect(registry.store.tags(REPO)).not.toContain('sigtag')
  expect(run.log.join('\n')).toContain(`tag sigtag goes (${sbom.digest}), since it belongs to`)
})

test('a tagged referrer that is protected stays whole', async () => {
  const registry = await registryWith({ referrers: true })
  const scene = referenceScene(registry.store)
  const sbom = artifact('sbom', { subject: scene.leak })
  pushImage(registry.store, REPO, sbom, 'sigtag')
  const run = await runEngine(registry, { ...IMAGE, 'protected-tags': 'sig*' })
  expect(run.result).toBe('purged')
  expect(served(registry, REPO, contentOf(sbom))).toEqual(contentOf(sbom))
  expect(registry.store.tags(REPO)).toContain('sigtag')
})

test('a glob protects no tag that belongs to the image by its name', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const tag = signatureTag(scene.leak.digest)
  pushImage(registry.store, REPO, signature('leak'), tag)
  const run = await runEngine(registry, { ...IMAGE, 'protected-tags': '{s,v}*' })
  expect(run.result).toBe('purged')
  expect(registry.store.tags(REPO)).not.toContain(tag)
})

test('a tag that merely looks like one stays', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const odd = [
    `sha256-${'0'.repeat(64)}`,
    `sha256-${'0'.repeat(64)}.sig`,
    `x${signatureTag(scene.leak.digest)}`,
  ]
  for (const [at, tag] of odd.entries()) pushImage(registry.store, REPO, signature(`odd ${at}`), tag)
  const run = await runEngine(registry, IMAGE)
  expect(run.result).toBe('purged')
  expect(registry.store.tags(REPO)).toEqual(expect.arrayContaining(odd))
})

test('the word of a registry alone makes nothing a referrer', async () => {
  const registry = await registryWith({
    referrers: (_, digest) =>
      digest === lies.of ? [{ mediaType: lies.mediaType, digest: lies.listed, size: 1 }] : [],
  })
  const lies = { of: '', listed: '', mediaType: '' }
  const scene = referenceScene(registry.store)
  // It does refer to something, but not to the leak.
  const sbom = artifact('of another image', { subject: ociImage('elsewhere') })
  pushImage(registry.store, REPO, sbom, 'sbom')
  Object.assign(lies, { of: scene.leak.digest, listed: sbom.digest, mediaType: sbom.mediaType })
  const run = await runEngine(registry, IMAGE)
  expect(run.result).toBe('purged')
  expect(registry.store.resolve(REPO, 'sbom')).toBe(sbom.digest)
  expect(served(registry, REPO, contentOf(sbom))).toEqual(contentOf(sbom))
})

describe('what serves something that stays, too, stays', () => {
  test('one signature under the tags of two images', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    const both = signature('both')
    for (const { digest } of [scene.leak, scene.latest])
      pushImage(registry.store, REPO, both, signatureTag(digest))
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    expect(served(registry, REPO, contentOf(both))).toEqual(contentOf(both))
    expect(registry.store.tags(REPO)).toContain(signatureTag(scene.latest.digest))
    expect(run.report.repositories[0]?.warnings.join()).toContain(signatureTag(scene.leak.digest))
  })

  test('a referrers index that lists those of two images', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    const [one, other] = [scene.leak, scene.latest].map((subject, at) => artifact(`sbom ${at}`, { subject }))
    const index = referrersIndex([one, other].flatMap((each) => each ?? []))
    pushImage(registry.store, REPO, index, referrersTag(scene.leak.digest))
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    expect(served(registry, REPO, contentOf(index))).toEqual(contentOf(index))
    expect(run.report.repositories[0]?.kept.map(({ digest }) => digest)).toContain(one?.digest)
  })

  test('a child that another index needs keeps its signature and its referrers', async () => {
    const registry = await registryWith({ referrers: true })
    const shared = ociImage('shared')
    pushImage(registry.store, REPO, ociIndex([shared, ociImage('leaked')]), 'debug-42')
    pushImage(registry.store, REPO, ociIndex([shared]), 'latest')
    const sbom = artifact('sbom', { subject: shared })
    const signed = signature('shared', shared)
    pushImage(registry.store, REPO, sbom)
    pushImage(registry.store, REPO, signed, signatureTag(shared.digest))
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    expect(served(registry, REPO, contentOf(shared, sbom, signed))).toEqual(contentOf(shared, sbom, signed))
  })

  test('a layer that an attachment of the leak shares with one of another image', async () => {
    const registry = await registryWith({ referrers: true })
    const scene = referenceScene(registry.store)
    const [one, other] = [scene.leak, scene.latest].map((subject) =>
      ociImage(`sbom of ${subject.digest}`, { subject, layers: ['the same packages'] }),
    )
    for (const each of [one, other]) if (each !== undefined) pushImage(registry.store, REPO, each)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    const layer = other?.layers[0]?.digest ?? ''
    expect(served(registry, REPO, [layer])).toEqual([layer])
    expect(run.report.repositories[0]?.kept.map(({ digest }) => digest)).toContain(layer)
    expect(served(registry, REPO, [one?.digest ?? ''])).toEqual([])
  })
})

describe('what cannot be told of an attachment refuses', () => {
  test('the list of referrers of the leak is answered with 500', async () => {
    const registry = await registryWith({ referrers: true })
    const scene = referenceScene(registry.store)
    registry.options.referrersTwist = (_, digest) =>
      digest === scene.leak.digest ? { status: 500 } : undefined
    for (const dry of ['true', 'false']) {
      const run = await runEngine(registry, { ...IMAGE, 'unreadable-tags': 'ignore', 'dry-run': dry })
      expect(run.result).toBe('refused')
    }
    expect(realDeletes(registry, scene.gone)).toEqual([])
  })

  test('a referrer of the leak cannot be read', async () => {
    const registry = await registryWith({ referrers: true })
    const scene = referenceScene(registry.store)
    const sbom = artifact('sbom', { subject: scene.leak })
    pushImage(registry.store, REPO, sbom)
    registry.options.intercept = ({ path }) =>
      path.endsWith(`/manifests/${sbom.digest}`) ? { status: 503 } : undefined
    const run = await runEngine(registry, { ...IMAGE, 'unreadable-tags': 'ignore' })
    expect(run.result).toBe('refused')
    expect(run.problems).toContain(sbom.digest)
  })

  test('a referrer of a kind that nobody knows', async () => {
    const registry = await registryWith({ referrers: true })
    const scene = referenceScene(registry.store)
    pushImage(registry.store, REPO, unknownManifest('odd', { subject: scene.leak }))
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('refused')
    expect(run.problems).toContain('of a kind that this action does not know')
  })
})

test('what is attached to content that is released goes with it', async () => {
  const registry = await registryWith()
  const shared = ociImage('shared')
  const root = ociIndex([shared, ociImage('leaked')])
  const other = ociIndex([shared])
  pushImage(registry.store, REPO, root, 'debug-42')
  pushImage(registry.store, REPO, other, 'debug-43')
  pushImage(registry.store, REPO, ociImage('latest'), 'latest')
  const signed = signature('shared', shared)
  pushImage(registry.store, REPO, signed, signatureTag(shared.digest))
  let done = false
  registry.options.after = ({ method, path }, store) => {
    if (done || method !== 'DELETE' || !path.endsWith(root.digest)) return
    done = true
    store.deleteManifest(REPO, other.digest)
  }
  const run = await runEngine(registry, IMAGE)
  expect(done).toBe(true)
  expect(served(registry, REPO, contentOf(shared, signed))).toEqual([])
  expect(registry.store.tags(REPO)).toEqual(['latest'])
  expect(run.report.repositories[0]?.tags.map(({ tag }) => tag)).toContain(signatureTag(shared.digest))
})

test('a signature that is pushed between plan and first write stops the run', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  let lists = 0
  registry.options.intercept = ({ url }, store) => {
    if (url.endsWith('/tags/list') && ++lists === 2)
      pushImage(store, REPO, signature('late'), signatureTag(scene.leak.digest))
  }
  const run = await runEngine(registry, IMAGE)
  expect(run.result).toBe('refused')
  expect(run.problems).toContain('was not there when the plan was made')
  expect(realDeletes(registry, scene.gone)).toEqual([])
})
