import { expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ociImage } from '../../testbed/images/image.js'
import { runAction } from '../../testbed/run/runner.js'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'

test('the file does not say `planned` of a tag whose DELETE has been in flight for seconds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'registry-purge-'))
  const path = join(folder, 'report.json')
  const registry = await registryWith()
  referenceScene(registry.store)
  let seen: string | undefined
  registry.options.intercept = async ({ method, path: asked }) => {
    if (method !== 'DELETE' || !asked.endsWith('/manifests/debug-42')) return undefined
    await new Promise((done) => setTimeout(done, 3000))
    seen = readFileSync(path, 'utf8')
    return undefined
  }
  const run = await runAction({
    inputs: {
      registry: registry.url,
      image: `${REPO}:debug-42`,
      'verify-attempts': '1',
      'report-file': path,
    },
  })
  rmSync(folder, { recursive: true, force: true })
  expect(run).toBeDefined()
  const tags = (JSON.parse(seen ?? '{}') as { repositories: { tags: { outcome: string }[] }[] })
    .repositories[0]?.tags
  expect(tags?.[0]?.outcome).toBe('unknown')
}, 60_000)

test('a registry that echoes the Authorization header for a remaining tag: it stands in no report', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'registry-purge-'))
  const path = join(folder, 'report.json')
  const registry = await registryWith({ users: { user: 'hunter2-hunter2' } })
  referenceScene(registry.store)
  let blobs = 0
  registry.options.intercept = (request) => {
    if (request.method === 'DELETE' && request.path.includes('/blobs/')) blobs++
    if (blobs > 3 && request.path.endsWith('/manifests/latest'))
      return {
        status: 403,
        body: { errors: [{ code: 'DENIED', message: `you sent ${String(request.headers.authorization)}` }] },
      }
    return undefined
  }
  await runAction({
    inputs: {
      registry: registry.url,
      username: 'user',
      password: 'hunter2-hunter2',
      image: `${REPO}:debug-42`,
      'verify-attempts': '1',
      'report-file': path,
    },
  })
  const text = readFileSync(path, 'utf8')
  rmSync(folder, { recursive: true, force: true })
  expect(text).toContain('you sent')
  expect(text).not.toContain(Buffer.from('user:hunter2-hunter2').toString('base64'))
}, 60_000)

test('what healing left for a tag is in `kept`', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const secret = scene.gone[3] ?? ''
  let pushed = 0
  registry.options.after = ({ method, path }, store) => {
    if (method === 'GET' && path.endsWith(`/blobs/${secret}`) && pushed++ === 0)
      pushImage(store, REPO, ociImage('again', { layers: ['debug-42/secret'] }), 'again')
  }
  const run = await runEngine(registry, { image: `${REPO}:debug-42`, 'verify-timeout': '20s' })
  expect(run.result).toBe('incomplete')
  expect(registry.store.hasBlob(REPO, secret)).toBe(true)
  expect(run.report.repositories[0]?.kept.map(({ digest }) => digest)).toContain(secret)
})

test('what was left for a new tag is not said to be gone', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  const [manifest = '', , , secret = ''] = scene.gone
  let looks = 0
  let deleted = false
  registry.options.intercept = ({ method, path, url }, store) => {
    if (method === 'DELETE' && path.endsWith(manifest)) deleted = true
    // One digest is served for ever, so that there are many rounds and looks.
    if (deleted && method === 'GET' && path.endsWith(`/blobs/${scene.gone[1]}`))
      return { status: 200, body: 'x' }
    // The list of the fourth look of healing: in three rounds the secret was gone.
    if (deleted && url.endsWith('/tags/list') && ++looks === 5)
      pushImage(store, REPO, ociImage('again', { layers: ['debug-42/secret'] }), 'again')
    return undefined
  }
  const run = await runEngine(registry, { image: `${REPO}:debug-42`, 'verify-timeout': '30s' })
  expect(registry.store.hasBlob(REPO, secret)).toBe(true)
  expect(run.problems).toContain(secret)
  expect(run.report.repositories[0]?.blobs.find(({ digest }) => digest === secret)?.verdict).not.toBe('gone')
})
