/** A registry behind a proxy that ends TLS, and that does not tell the registry so: its links are over http. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { makeAuthority } from '../../testbed/serve/authority.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import type { MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const folder = mkdtempSync(join(tmpdir(), 'tls-proxy-'))
let tls: { ca: string; key: string; cert: string }

beforeAll(async () => {
  const { ca, keyPath, certPath } = await makeAuthority(folder)
  tls = { ca, key: readFileSync(keyPath, 'utf8'), cert: readFileSync(certPath, 'utf8') }
})
afterAll(() => rmSync(folder, { recursive: true }))

async function refusedWith(change: (target: string) => string): Promise<[MemoryRegistry, EngineRun]> {
  const header = (target: string): string => `<${change(target)}>; rel="next"`
  const registry = await registryWith({ tls, paging: { size: 2, target: 'absolute', header } })
  referenceScene(registry.store)
  const before = registry.store.snapshot()
  const run = await runEngine(registry, { image: `${REPO}:debug-42`, 'ca-certificate': tls.ca })
  expect(run.result).toBe('refused')
  expect(registry.store.snapshot()).toEqual(before)
  return [registry, run]
}

test('a link over http names the header that the proxy must send', async () => {
  const [registry, { problems }] = await refusedWith((target) => target.replace('https:', 'http:'))
  expect(problems).toContain(`the tag list of ${REPO} is not followed`)
  expect(problems).toContain('`X-Forwarded-Proto: https`')
  expect(registry.requests.filter(({ route }) => route.kind === 'tags')).toHaveLength(1)
})

test('a link to another port names the address that the registry must know', async () => {
  const [, { problems }] = await refusedWith((target) => target.replace(/:\d+\//, ':5000/'))
  expect(problems).toContain('set its external URL')
  expect(problems).toContain('`X-Forwarded-Port`')
})
