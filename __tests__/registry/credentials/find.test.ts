import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import type { Found } from '../../../src/registry/credentials/credentials.js'
import { CredentialsError, findCredentials, type Sources } from '../../../src/registry/credentials/find.js'

const folder = mkdtempSync(join(tmpdir(), 'find-'))
afterAll(() => rmSync(folder, { recursive: true }))

const HOST = 'registry.example.com:5000'
const REMEDY = 'Log in again, or set `username` and `password`'
const entry = (pair: string): object => ({ auth: Buffer.from(pair).toString('base64') })
const bob = { kind: 'basic', username: 'bob', password: 'hunter22' } as const
let made = 0

/** A folder with a Docker config in it. */
function holding(config: unknown): string {
  const path = join(folder, `config-${made++}`)
  mkdirSync(path)
  writeFileSync(join(path, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
  return path
}

/** Writes a helper that answers for some servers, and notes each question. */
function helper(name: string, answers: Record<string, string>): () => string[] {
  const notes = join(folder, `${name}-asked`)
  const cases = Object.entries(answers).map(([server, script]) => `'${server}') ${script};;`)
  writeFileSync(notes, '')
  const path = join(folder, `docker-credential-${name}`)
  writeFileSync(
    path,
    `#!/bin/sh\nserver=$(cat)\necho "$server" >> ${notes}\ncase "$server" in\n${cases.join('\n')}\n*) echo 'credentials not found in native keychain'; exit 1;;\nesac\n`,
  )
  chmodSync(path, 0o755)
  return () => readFileSync(notes, 'utf8').split('\n').slice(0, -1)
}

const gives = (username: string, secret: string): string =>
  `echo '${JSON.stringify({ Username: username, Secret: secret })}'`

function find(at: string, more: Partial<Sources> = {}): Promise<Found> {
  return findCredentials({
    origin: `https://${HOST}`,
    given: undefined,
    folder: at,
    environment: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    signal: new AbortController().signal,
    ...more,
  })
}

describe('credentials', () => {
  test('are those of the inputs, and nothing else is looked at then', async () => {
    const asked = helper('untouched', {})
    for (const at of [holding('{'), holding({ credsStore: 'untouched' }), join(folder, 'nowhere')])
      expect(await find(at, { given: { username: 'eve', password: 'x' } })).toEqual({
        credentials: { kind: 'basic', username: 'eve', password: 'x' },
        source: 'the inputs `username` and `password`',
      })
    expect(asked()).toEqual([])
  })

  test('are those of the file, which names where they stand', async () => {
    const at = holding({ auths: { 'other.example.com': entry('eve:x'), [HOST]: entry('bob:hunter22') } })
    expect(await find(at)).toEqual({
      credentials: bob,
      source: `the Docker config (entry "${HOST}" in ${join(at, 'config.json')})`,
    })
  })

  test('are those of the helper for the host before those of the file', async () => {
    const asked = helper('own', { [HOST]: gives('bob', 'hunter22') })
    const at = holding({
      credHelpers: { [HOST]: 'own' },
      credsStore: 'none-such',
      auths: { [HOST]: entry('eve:x') },
    })
    expect(await find(at)).toEqual({
      credentials: bob,
      source: `docker-credential-own (\`credHelpers\` entry "${HOST}" in ${join(at, 'config.json')})`,
    })
    expect(asked()).toEqual([HOST])
  })

  test('are those of the store, also where the file says only that there are some', async () => {
    helper('store', { [HOST]: gives('<token>', 'refresh') })
    const at = holding({ credsStore: 'store', auths: { [HOST]: {} } })
    expect(await find(at)).toEqual({
      credentials: { kind: 'identity', token: 'refresh' },
      source: `docker-credential-store (\`credsStore\` in ${join(at, 'config.json')})`,
    })
  })

  test('are asked for by every name that the file has for the host, up to the first that is known', async () => {
    const key = `https://${HOST}/v1/`
    const asked = helper('by-name', { [key]: gives('bob', 'hunter22') })
    const at = holding({ credsStore: 'by-name', auths: { [key]: {}, [`https://${HOST}/v2/`]: {} } })
    expect((await find(at)).credentials).toEqual(bob)
    expect(asked()).toEqual([HOST, key])
  })

  test('are those of the file where the helper has none', async () => {
    const asked = helper('empty', {})
    const at = holding({ credsStore: 'empty', auths: { [HOST]: entry('bob:hunter22') } })
    expect(await find(at)).toEqual({ credentials: bob, source: expect.stringContaining(`entry "${HOST}"`) })
    expect(asked()).toEqual([HOST])
  })

  test.each<[string, unknown]>([
    [
      'has nothing for the host',
      { auths: { 'registry.example.com': entry('eve:x'), 'other.example.com:5000': entry('eve:x') } },
    ],
    ['has an empty entry for it', { auths: { [HOST]: {} } }],
    ['has a helper for somebody else', { credHelpers: { 'registry.example.com': 'none-such' } }],
    ['is empty', {}],
  ])('are none where the file %s', async (_, config) => {
    const at = holding(config)
    expect(await find(at)).toEqual({
      source: `no \`username\`, and no entry for ${HOST} in ${join(at, 'config.json')}`,
    })
  })

  test('are none where neither helper nor file has any', async () => {
    helper('empty-too', {})
    const { credentials, source } = await find(holding({ credsStore: 'empty-too' }))
    expect(credentials).toBeUndefined()
    expect(source).toContain(`no entry for ${HOST}`)
  })

  test('are none where there is no file, and no folder', async () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    for (const at of [join(folder, 'nowhere'), folder, file])
      expect(await find(at)).toEqual({ source: expect.stringContaining(`no entry for ${HOST}`) })
  })

  test('of Docker Hub are those of its index', async () => {
    const asked = helper('hub', { 'https://index.docker.io/v1/': gives('bob', 'hunter22') })
    const at = holding({ credsStore: 'hub' })
    expect((await find(at, { origin: 'https://registry-1.docker.io' })).credentials).toEqual(bob)
    expect(asked()).toEqual(['https://index.docker.io/v1/'])
  })
})

describe('a Docker config that cannot be used', () => {
  const refusal = async (at: string, more: Partial<Sources> = {}): Promise<string> => {
    const error: unknown = await find(at, more).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(error).toBeInstanceOf(CredentialsError)
    return (error as CredentialsError).message
  }

  test.each<[string, unknown, string]>([
    ['is not JSON', '{"auths":', 'is not JSON'],
    ['is a list', [], 'is not a JSON object'],
    [
      'has a broken entry',
      { auths: { [HOST]: { auth: 'hunter22' } } },
      `has an entry "${HOST}" whose \`auth\` is not the base64 form of user:password`,
    ],
    [
      'names a helper that is none',
      { credsStore: '../evil' },
      'has a `credsStore` that does not name a helper',
    ],
  ])('ends the run, in words that name it and the way out: it %s', async (_, config, said) => {
    const at = holding(config)
    expect(await refusal(at)).toBe(`the Docker config ${join(at, 'config.json')} ${said}. ${REMEDY}`)
  })

  test('ends the run where it cannot be read', async () => {
    const at = join(folder, 'with-a-folder')
    mkdirSync(join(at, 'config.json'), { recursive: true })
    expect(await refusal(at)).toBe(
      `the Docker config ${join(at, 'config.json')} cannot be read (EISDIR). ${REMEDY}`,
    )
  })

  test('ends the run where its helper fails, also where the file has an entry', async () => {
    helper('broken', { [HOST]: 'echo "the vault is shut"; exit 3' })
    const at = holding({ credHelpers: { [HOST]: 'broken' }, auths: { [HOST]: entry('bob:hunter22') } })
    expect(await refusal(at)).toBe(
      `docker-credential-broken, which the \`credHelpers\` entry "${HOST}" in ${join(at, 'config.json')} names for ${HOST}, failed with exit code 3 (the vault is shut). ${REMEDY}`,
    )
  })

  test('ends the run where its helper is missing', async () => {
    const at = holding({ credsStore: 'none-such' })
    expect(await refusal(at)).toBe(
      `docker-credential-none-such, which the \`credsStore\` in ${join(at, 'config.json')} names for ${HOST}, is not on the PATH. ${REMEDY}`,
    )
  })

  test('ends the run where its helper is stopped with it', async () => {
    helper('slow', { [HOST]: 'exec sleep 60' })
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 200)
    expect(await refusal(holding({ credsStore: 'slow' }), { signal: stop.signal })).toContain(
      'was stopped before it responded',
    )
  })

  test('is quoted with nothing secret', async () => {
    helper('leaky', { [HOST]: `echo '{"Username":"bob","Secret":"hunter22"}'; exit 1` })
    for (const config of [
      { credsStore: 'leaky' },
      `{"auths": {"${HOST}": {"auth": "hunter22"}}`,
      { auths: { [HOST]: 'hunter22' } },
      { auths: 'hunter22' },
    ])
      expect(await refusal(holding(config))).not.toContain('hunter22')
  })
})
