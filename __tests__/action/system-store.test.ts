/** What a process trusts that was not told of any authority: the action from source, as the runner starts it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runAction, type ActionResult } from '../../testbed/run/runner.js'
import { issue, type Issued } from '../support/certificates.js'
import type { MemoryRegistry } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'

const registryWith = useRegistries()
const folder = mkdtempSync(join(tmpdir(), 'system-store-'))
const NONE = join(folder, 'none')
let root: Issued
let server: Issued

beforeAll(async () => {
  root = await issue(folder, { name: 'Corp Root', kind: 'authority' })
  server = await issue(folder, { name: 'registry', kind: 'server', by: root })
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A dry run in a process with these variables. */
async function dryRun(
  env: Record<string, string>,
  inputs: Record<string, string> = {},
): Promise<{ run: ActionResult; registry: MemoryRegistry }> {
  const registry = await registryWith({ tls: { key: server.key, cert: server.cert } })
  referenceScene(registry.store)
  const run = await runAction({
    inputs: { registry: registry.url, image: 'acme/search-indexer:debug-42', 'dry-run': 'true', ...inputs },
    env: { SSL_CERT_FILE: NONE, SSL_CERT_DIR: NONE, ...env },
    node: process.execPath,
    entry: '__tests__/support/from-source.js',
  })
  rmSync(run.folder, { recursive: true })
  return { run, registry }
}

/** The system's folder of certificates. */
function store(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text)
  return path
}

const DAMAGED = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

test('an authority in the file of the system is trusted without `ca-certificate`', async () => {
  const { run } = await dryRun({ SSL_CERT_FILE: root.certPath })
  expect(run.outputs).toMatchObject({ result: 'planned' })
})

test('an authority in the folder of the system is trusted, beside one that is damaged', async () => {
  const { run } = await dryRun({ SSL_CERT_DIR: store('certs', { 'a.pem': DAMAGED, 'b.crt': root.cert }) })
  expect(run.outputs).toMatchObject({ result: 'planned' })
})

test('an authority in NODE_EXTRA_CA_CERTS goes on to be trusted', async () => {
  const { run } = await dryRun({ NODE_EXTRA_CA_CERTS: root.certPath })
  expect(run.outputs).toMatchObject({ result: 'planned' })
})

test('a store that is missing or damaged takes nothing away from what is given', async () => {
  const file = join(folder, 'damaged.pem')
  writeFileSync(file, DAMAGED)
  for (const env of [{}, { SSL_CERT_FILE: file }, { SSL_CERT_DIR: store('damaged', { 'a.pem': DAMAGED }) }]) {
    const { run } = await dryRun(env, { 'ca-certificate': root.cert })
    expect(run.outputs).toMatchObject({ result: 'planned' })
  }
})

test('an authority in none of these is not trusted', async () => {
  const { run, registry } = await dryRun({})
  expect(run.outputs).toMatchObject({ result: 'refused' })
  expect(run.log).toContain('it was issued by "CN=Corp Root", which is neither among the system')
  expect(registry.requests).toEqual([])
})

test('a proxy that is not used is told, without the password in its address', async () => {
  const { run } = await dryRun({
    SSL_CERT_FILE: root.certPath,
    HTTPS_PROXY: 'robot:hunter22-secret@proxy.example:3128',
  })
  expect(run.outputs).toMatchObject({ result: 'planned' })
  expect(run.log).toContain('HTTPS_PROXY has no scheme, so no proxy is used')
  expect(run.log.replace(/^::add-mask::.*$/gm, '')).not.toContain('hunter22-secret')
})

test('the address of a proxy that is not valid is told, without its password', async () => {
  const { run, registry } = await dryRun({
    SSL_CERT_FILE: root.certPath,
    HTTPS_PROXY: 'http://robot:100%hunter22@proxy.example:3128',
  })
  expect(run.outputs).toMatchObject({ result: 'refused' })
  expect(run.log).toContain('the address of the proxy is not valid (ERR_PROXY_INVALID_CONFIG)')
  expect(run.log.replace(/^::add-mask::.*$/gm, '')).not.toContain('hunter22')
  expect(registry.requests).toEqual([])
})
