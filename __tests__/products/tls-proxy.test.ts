/** Registries behind a proxy that ends TLS, and certificates that are not those of a public authority. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { makeClientCertificate } from '../../testbed/serve/authority.js'
import { issue, type Issued } from '../support/certificates.js'
import { runEngine } from '../support/engine.js'
import type { MemoryOptions, MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'

const registryWith = useRegistries()
const folder = mkdtempSync(join(tmpdir(), 'tls-proxy-'))
const USER = { username: 'bob', password: 'hunter22-secret' }
const users = { [USER.username]: USER.password }
const LEAK = { image: 'acme/search-indexer:debug-42' }
let root: Issued
let issuing: Issued
let server: Issued

beforeAll(async () => {
  root = await issue(folder, { name: 'Corp Root', kind: 'authority', file: 'ca' })
  issuing = await issue(folder, { name: 'Corp Issuing CA 3', kind: 'authority', by: root })
  server = await issue(folder, { name: 'registry', kind: 'server', by: issuing })
})
afterAll(() => rmSync(folder, { recursive: true }))

async function secured(options: MemoryOptions = {}, own = server): Promise<MemoryRegistry> {
  const registry = await registryWith({ tls: { key: own.key, cert: own.cert }, users, ...options })
  referenceScene(registry.store)
  return registry
}

/** The same registry at the same host, over the other scheme. */
const at = (scheme: string, { host }: MemoryRegistry, path: string): string => `${scheme}://${host}${path}`
const changing = ({ requests }: MemoryRegistry): unknown[] =>
  requests.filter(({ method }) => !['GET', 'HEAD'].includes(method))
const oneLine = (pem: string): string => pem.trim().replaceAll('\n', ' ')

describe('http that is redirected to https', () => {
  test('is refused with the line to write, and no credentials go there', async () => {
    const behind = await secured()
    const front = await registryWith({
      intercept: ({ url }) => ({ status: 308, headers: { Location: at('https', behind, url) } }),
    })
    const inputs = { ...LEAK, ...USER, 'ca-certificate': issuing.cert }
    const { result, problems } = await runEngine(front, inputs)
    expect(result).toBe('refused')
    expect(problems).toContain(`the registry redirects to https. Write \`registry: ${behind.url}\``)
    expect(behind.requests).toEqual([])
    expect((await runEngine(behind, inputs)).result).toBe('purged')
  })

  test('only for a DELETE is refused with that line, before anything changes', async () => {
    const behind = await secured()
    const front = await registryWith({
      intercept: ({ method, url }) =>
        method === 'DELETE' ? { status: 301, headers: { Location: at('https', behind, url) } } : undefined,
    })
    referenceScene(front.store)
    const before = front.store.snapshot()
    const { result, problems } = await runEngine(front, LEAK)
    expect(result).toBe('refused')
    expect(problems).toContain(`Write \`registry: ${behind.url}\``)
    expect(problems).not.toMatch(/turn|DELETE_ENABLED|deletion is off/i)
    expect(behind.requests).toEqual([])
    expect(front.store.snapshot()).toEqual(before)
  })
})

describe('https whose registry does not know of it', () => {
  const ca = (): Record<string, string> => ({ ...LEAK, ...USER, 'ca-certificate': issuing.cert })

  test('redirects to http: refused, naming X-Forwarded-Proto and the external URL', async () => {
    const registry = await secured()
    registry.options.intercept = ({ url }) => ({
      status: 301,
      headers: { Location: at('http', registry, url) },
    })
    const { result, problems } = await runEngine(registry, ca())
    expect(result).toBe('refused')
    expect(problems).toMatch(/`X-Forwarded-Proto: https`, or .*`http\.host`, REGISTRY_HTTP_HOST\) to https:/)
    expect(changing(registry)).toEqual([])
  })

  test('names a token service over http: refused, naming its setting, and nothing is sent there', async () => {
    const plain = await registryWith()
    const registry = await secured({ users: {} })
    registry.options.intercept = () => ({
      status: 401,
      headers: { 'Www-Authenticate': `Bearer realm="http://${plain.host}/service/token",service="harbor"` },
    })
    const { result, problems } = await runEngine(registry, ca())
    expect(result).toBe('refused')
    expect(problems).toMatch(
      /a token service over plain http \(127\.0\.0\.1:\d+\), .*`auth\.token\.realm`; others: the external URL.*`X-Forwarded-Proto: https`/,
    )
    expect(plain.requests).toEqual([])
  })

  test('names http for an upload: the placeholder fails with the setting, and the tag stays', async () => {
    const registry = await secured({ dialect: '2.8', refuseEmptyIndex: true })
    registry.options.intercept = ({ method, path }) =>
      method === 'POST'
        ? { status: 202, headers: { Location: at('http', registry, `${path}1?_state=x`) } }
        : undefined
    const { result, problems, log } = await runEngine(registry, { ...ca(), scope: 'tag' })
    expect(['refused', 'incomplete']).toContain(result)
    expect(`${problems}\n${log.join('\n')}`).toContain('`X-Forwarded-Proto: https`')
    expect(registry.store.tags('acme/search-indexer')).toContain('debug-42')
  })
})

describe('a certificate of a private authority', () => {
  test.each<[string, () => Issued]>([
    ['intermediate', () => issuing],
    ['server’s own certificate', () => server],
  ])('is trusted if `ca-certificate` is its %s', async (_, anchor) => {
    const registry = await secured()
    const { result } = await runEngine(registry, { ...LEAK, ...USER, 'ca-certificate': anchor().cert })
    expect(result).toBe('purged')
  })

  test('is trusted if `ca-certificate` lost its line breaks, or is base64', async () => {
    for (const given of [oneLine(issuing.cert), Buffer.from(issuing.cert).toString('base64')]) {
      const registry = await secured()
      const inputs = { ...LEAK, ...USER, 'ca-certificate': given, 'dry-run': 'true' }
      expect((await runEngine(registry, inputs)).result).toBe('planned')
    }
  })

  test('is refused otherwise, with what was read and what is missing, and no request arrives', async () => {
    const registry = await secured()
    const { result, problems, report } = await runEngine(registry, {
      ...LEAK,
      ...USER,
      'ca-certificate': root.cert,
    })
    expect(result).toBe('refused')
    expect(problems).toMatch(
      /issued by "CN=Corp Issuing CA 3", which .* \(read: 1 certificate, "CN=Corp Root" valid until \d{4}-\d\d-\d\d\)\. Add the certificate of "CN=Corp Issuing CA 3" to `ca-certificate`/,
    )
    expect(registry.requests).toEqual([])
    expect(JSON.stringify(report)).not.toContain(USER.password)
  })

  test('is asked for by a registry that wants one, also in one line, and the key stands nowhere', async () => {
    const { certificate, key } = await makeClientCertificate(
      { caPath: root.certPath, ca: root.cert, certPath: server.certPath, keyPath: server.keyPath },
      'client',
    )
    const tls = { key: server.key, cert: server.cert, clientCa: root.cert }
    for (const given of [oneLine, (pem: string) => Buffer.from(pem).toString('base64')]) {
      const registry = await secured({ tls })
      const { result, report, log } = await runEngine(registry, {
        ...LEAK,
        ...USER,
        'ca-certificate': given(issuing.cert),
        'client-certificate': given(certificate),
        'client-key': given(key),
      })
      expect(result).toBe('purged')
      const written = `${JSON.stringify(report)}${log.join('\n')}`
      for (const line of key.split('\n').filter((each) => each.length > 20 && !each.startsWith('-')))
        expect(written).not.toContain(line)
    }
  })
})
