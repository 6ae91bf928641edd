/** A placeholder on its way: whatever is answered, no tag stays on it unsaid, and nothing of it is left behind. */
import { expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { runEngine } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import type { MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const LABEL = { image: `${REPO}:debug-42`, scope: 'tag', 'verify-timeout': '20s' }

/** Manifests of the action itself that are still there. */
const ours = ({ store }: MemoryRegistry): string[] =>
  store.manifests(REPO).flatMap(({ digest, bytes }) => (bytes.includes('registry-purge') ? [digest] : []))
const pointsAtOurs = (registry: MemoryRegistry): boolean =>
  ours(registry).includes(registry.store.resolve(REPO, 'debug-42') ?? '')

test.each([4, 8, 16])(
  'a PUT that worked, whose answer is lost, and %d reads of the tag that fail after it',
  async (failing) => {
    const registry = await registryWith({ dialect: '2.8' })
    referenceScene(registry.store)
    registry.options.onPut = () => ({ worked: true, answer: 'reset' })
    let put = false
    let left = failing
    registry.options.intercept = ({ method, path }) => {
      if (method === 'PUT') put = true
      return put && method === 'GET' && path.endsWith('/manifests/debug-42') && left-- > 0
        ? { status: 502 }
        : undefined
    }
    const run = await runEngine(registry, LABEL)
    expect(put).toBe(true)
    expect(run.result).not.toBe('refused')
    expect(pointsAtOurs(registry)).toBe(false)
    expect(ours(registry)).toEqual([])
  },
)

test('somebody pushes the tag right after the placeholder was put on it', async () => {
  const registry = await registryWith({ dialect: '2.8' })
  referenceScene(registry.store)
  const other = ociImage('other')
  registry.options.after = ({ method }, store) => {
    if (method === 'PUT') pushImage(store, REPO, other, 'debug-42')
  }
  const run = await runEngine(registry, LABEL)
  expect(run.result).toBe('incomplete')
  expect(registry.store.resolve(REPO, 'debug-42')).toBe(other.digest)
  expect(ours(registry)).toEqual([])
})

test('a PUT that is answered 504 and lands later', async () => {
  const registry = await registryWith({ dialect: '2.8' })
  referenceScene(registry.store)
  let body: Buffer | undefined
  let landed = false
  registry.options.onPut = (request) => {
    body = request.body
    return { worked: false, answer: { status: 504 } }
  }
  registry.options.intercept = ({ method, path }, store) => {
    if (landed || body === undefined || method !== 'GET' || !path.endsWith('/tags/list')) return
    landed = true
    store.putManifest(REPO, 'application/vnd.oci.image.index.v1+json', body, 'debug-42')
  }
  const run = await runEngine(registry, LABEL)
  expect(landed).toBe(true)
  expect(pointsAtOurs(registry)).toBe(false)
  expect(run.problems).not.toContain('somebody')
})

test('a registry that stores the placeholder in other bytes, and does not tell', async () => {
  const registry = await registryWith({ dialect: '2.8' })
  const { leak } = referenceScene(registry.store)
  let first = true
  registry.options.onPut = ({ body }) => {
    if (!first) return undefined
    first = false
    const other = Buffer.concat([body, Buffer.from('\n')])
    registry.store.putManifest(REPO, 'application/vnd.oci.image.index.v1+json', other, 'debug-42')
    return { worked: false, answer: { status: 201 } }
  }
  const run = await runEngine(registry, LABEL)
  expect(run.problems).not.toContain('somebody')
  expect(run.result).toBe('purged')
  expect(registry.store.hasManifest(REPO, leak.digest)).toBe(true)
  expect(ours(registry)).toEqual([])
})
