/** Answers that must not be believed, each of which once ended a run green, or blamed the wrong thing. */
import { describe, expect, test } from '@jest/globals'
import { ociImage, type Image } from '../../testbed/images/image.js'
import { signature, signatureTag } from '../../testbed/images/artifacts.js'
import { runEngine } from '../support/engine.js'
import type { MemoryRegistry } from '../support/memory-registry.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { served } from '../safety/wire.js'
import { LEAK, REPO } from '../products/purged.js'

const registryWith = useRegistries()
const NOT_FOUND = { status: 404, body: { errors: [{ code: 'NOT_FOUND', message: 'no route' }] } }
const html = (status: number) => ({
  status,
  headers: { 'Content-Type': 'text/html' },
  body: '<html>blocked</html>',
})

/** Broken image: a blob of it is gone. */
const whole = ({ store }: MemoryRegistry, { digest, config, layers }: Image): boolean =>
  store.hasManifest(REPO, digest) &&
  [...(config === undefined ? [] : [config]), ...layers].every((blob) => store.hasBlob(REPO, blob.digest))

describe('an image with the same config, under another media type of the config', () => {
  test.each(['application/octet-stream', 'application/vnd.acme.config.v1+json'])(
    '%s: is another name of the leak',
    async (mediaType) => {
      const registry = await registryWith()
      const scene = referenceScene(registry.store)
      const manifest = JSON.parse(scene.leak.bytes.toString()) as { config: { mediaType: string } }
      manifest.config.mediaType = mediaType
      registry.store.putManifest(REPO, scene.leak.mediaType, JSON.stringify(manifest), 'other-name')
      const run = await runEngine(registry, LEAK)
      expect(run.result).toBe('refused')
    },
  )
})

describe('no referrers API, by an answer that proves nothing', () => {
  const INDEX = { 'Content-Type': 'application/vnd.oci.image.index.v1+json' }
  const sceneWith = async () => {
    const registry = await registryWith({ referrers: true })
    const scene = referenceScene(registry.store)
    const sbom = ociImage('sbom of the leak', { subject: scene.leak })
    const kept = ociImage('sbom of latest', { subject: scene.latest, layers: ['debug-42/tools'] })
    for (const image of [sbom, kept]) pushImage(registry.store, REPO, image)
    return { registry, scene, sbom, kept }
  }
  test.each([
    [
      'a list that is cut off',
      { status: 200, headers: INDEX, body: '{"schemaVersion":2,"manifests":[{"med' },
    ],
    ['an index type without a body', { status: 200, headers: INDEX, body: '' }],
  ])('%s, always', async (_, answer) => {
    const { registry, sbom, kept } = await sceneWith()
    registry.options.referrersTwist = () => answer
    const run = await runEngine(registry, LEAK)
    expect([run.result, served(registry, REPO, [sbom.digest]), whole(registry, kept)]).toEqual([
      'refused',
      [sbom.digest],
      true,
    ])
  })
  test.each([
    ['403 HTML', html(403)],
    ['400 of any code', { status: 400, body: { errors: [{ code: 'UNKNOWN' }] } }],
    ['406', { status: 406 }],
    ['404 HTML ', html(404)],
  ])('%s, to the first two requests only', async (_, answer) => {
    const { registry, sbom, kept } = await sceneWith()
    let asked = 0
    registry.options.referrersTwist = () => (asked++ < 2 ? answer : undefined)
    const run = await runEngine(registry, LEAK)
    expect(whole(registry, kept)).toBe(true)
    expect(run.result === 'purged' ? served(registry, REPO, [sbom.digest]) : []).toEqual([])
  })
})

describe('a list that hides every tag, and a leak that is named by its digest', () => {
  test.each([
    ['404 NOT_FOUND of a gateway', NOT_FOUND],
    [
      'an empty first page that links on',
      {
        status: 200,
        headers: { Link: `</v2/${REPO}/tags/list?n=50&last=>; rel="next"` },
        body: { name: REPO, tags: [] },
      },
    ],
  ])('%s', async (_, answer) => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    registry.store.untag(REPO, 'debug-42')
    registry.options.intercept = ({ path }) => (path.endsWith('/tags/list') ? answer : undefined)
    const run = await runEngine(registry, { image: `${REPO}@${scene.leak.digest}` })
    expect([run.result, whole(registry, scene.latest)]).toEqual(['refused', true])
  })
})

test('one flapping answer for a random digest, and a gateway that blocks two tags', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const known = new Set(registry.store.manifests(REPO).map(({ digest }) => digest))
  let flapped = 0
  registry.options.intercept = ({ method, path }) => {
    if (method !== 'GET' || !path.includes('/manifests/')) return undefined
    const reference = path.split('/').at(-1) ?? ''
    if (['latest', 'stable'].includes(reference)) return NOT_FOUND
    return reference.startsWith('sha256:') && !known.has(reference) && flapped++ === 0 ? NOT_FOUND : undefined
  }
  const run = await runEngine(registry, LEAK)
  expect(whole(registry, scene.latest)).toBe(true)
  expect(run.result).not.toBe('purged')
})

test('a gateway without a route for DELETE: nothing is deleted, and no advice is about replicas', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  registry.options.intercept = ({ method }) => (method === 'DELETE' ? NOT_FOUND : undefined)
  const run = await runEngine(registry, { ...LEAK, 'verify-timeout': '3s' })
  expect(run.result).not.toBe('purged')
  expect(run.problems).toContain('404 NOT_FOUND')
  expect(run.problems).not.toMatch(/Restart the registry's replicas/)
  expect(served(registry, REPO, scene.gone)).toEqual(scene.gone)
})

describe('a DELETE that was refused and worked', () => {
  test.each([
    ['manifest', 409, { errors: [{ code: 'LOCKED' }] }],
    ['manifest', 405, '<html>blocked</html>'],
    ['blob', 403, '<html>blocked</html>'],
  ])('%s, %d: the run has written', async (kind, status, body) => {
    const registry = await registryWith()
    const { store } = registry
    const scene = referenceScene(store)
    store.untag(REPO, 'debug-42')
    const blob = scene.gone.at(-1) ?? ''
    if (kind === 'blob') store.deleteManifest(REPO, scene.leak.digest)
    registry.options.intercept = ({ method, path }) => {
      if (method !== 'DELETE' || !path.endsWith(kind === 'blob' ? blob : scene.leak.digest)) return undefined
      store.deleteManifest(REPO, scene.leak.digest)
      if (kind === 'blob') store.deleteBlob(REPO, blob)
      return { status, body }
    }
    const inputs = kind === 'blob' ? { blobs: `${REPO}@${blob}` } : { image: `${REPO}@${scene.leak.digest}` }
    expect((await runEngine(registry, inputs)).result).not.toBe('refused')
  })
})

describe('the look at the blobs', () => {
  const without = ({ store }: MemoryRegistry, { config, layers }: Image): void => {
    for (const { digest } of [...(config === undefined ? [] : [config]), ...layers])
      store.deleteBlob(REPO, digest)
  }
  test('a signature of the leak does not remain', async () => {
    const registry = await registryWith()
    const leak = ociImage('leak')
    const sig = signature('s', leak)
    pushImage(registry.store, REPO, leak, 'leak')
    pushImage(registry.store, REPO, sig, signatureTag(leak.digest))
    without(registry, sig)
    const run = await runEngine(registry, { image: `${REPO}:leak` })
    expect([run.result, run.problems]).toEqual(['purged', ''])
  })
  test('three archived layers of one tag do not close the others', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    const old = ociImage('archived', { layers: ['a1', 'a2', 'a3'], layerSize: 100_000 })
    pushImage(registry.store, REPO, old, 'archived')
    const archived = { status: 403, body: '<Error><Code>InvalidObjectState</Code></Error>' }
    registry.options.reads = Object.fromEntries(
      old.layers.map(({ digest }) => [
        digest,
        ({ method }: { method: string }) => (method === 'GET' ? archived : undefined),
      ]),
    )
    const run = await runEngine(registry, LEAK)
    expect(run.problems).not.toContain('Give the user the action `pull`')
    expect(run.result).toBe('purged')
  })
})

describe('the cause of a refusal', () => {
  test.each([400, 409, 412, 423])('%d with a page of HTML is no lock', async (status) => {
    const registry = await registryWith()
    referenceScene(registry.store)
    registry.options.onDelete = ({ kind }) =>
      kind === 'tag' ? { worked: false, answer: html(status) } : undefined
    const run = await runEngine(registry, LEAK)
    expect(run.problems).not.toContain('Unlock it')
    expect(run.problems).toContain('Something in front of the registry answered')
  })
  test('a manifest that the user may not delete: no advice about caches', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    const answer = { status: 403, body: { errors: [{ code: 'DENIED', message: 'immutable' }] } }
    registry.options.onDelete = ({ kind }) => (kind === 'manifest' ? { worked: false, answer } : undefined)
    const run = await runEngine(registry, { ...LEAK, 'verify-timeout': '3s' })
    expect(run.problems).not.toMatch(/replicas|cache/)
  })
  test('read-only mode that begins after the survey: the tag did not go with its manifest', async () => {
    const registry = await registryWith()
    referenceScene(registry.store)
    registry.options.after = ({ method, path }) => {
      if (method === 'GET' && path.includes('/blobs/')) registry.options.readOnly = true
    }
    const run = await runEngine(registry, LEAK)
    expect(run.result).toBe('refused')
    expect(run.report.repositories[0]?.tags.map(({ outcome }) => outcome)).not.toContain('with-manifest')
  })
})

describe('a tag list that is empty although remaining tags resolve', () => {
  test.each([
    ['only a name', { name: REPO }],
    ['null', { name: REPO, tags: null }],
  ])('%s, after the first write: a new tag is harmed', async (_, body) => {
    const registry = await registryWith()
    referenceScene(registry.store)
    const fresh = ociImage('new', { layers: ['debug-42/tools'] })
    let wrote = false
    registry.options.after = ({ method, path }, store) => {
      if (method !== 'DELETE' || !path.endsWith('debug-42') || wrote) return
      wrote = true
      pushImage(store, REPO, fresh, 'new')
    }
    registry.options.intercept = ({ path }) =>
      wrote && path.endsWith('/tags/list') ? { status: 200, body } : undefined
    const run = await runEngine(registry, LEAK)
    expect([run.result, whole(registry, fresh)]).toEqual(['incomplete', true])
  })
})
