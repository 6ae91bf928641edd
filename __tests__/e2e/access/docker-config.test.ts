import { describe, expect, test } from '@jest/globals'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pushScene } from '../../../testbed/images/scene.js'
import { startBalancer } from '../support/round-robin.js'
import {
  expectResult,
  folderFor,
  onRegistry,
  purge,
  sharedRegistry,
  type Inputs,
  type Registry,
  type Run,
} from '../support/support.js'
import { expectNoToken, PASSWORD, startTokenScene, USER } from '../support/tokens.js'

const image = 'acme/search-indexer:debug-42'
const NONE: Inputs = { image, username: undefined, password: undefined, 'dry-run': 'true' }
const pair = (user: string, password: string): string => Buffer.from(`${user}:${password}`).toString('base64')

/** A Docker config in a folder of its own. */
async function dockerConfig(config: unknown): Promise<string> {
  const folder = await folderFor('docker-config')
  writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
  return folder
}

/** A folder for the PATH with a credential helper `docker-credential-test`, and what it was started with. */
async function helper(body: string): Promise<{ path: string; asked: () => string }> {
  const folder = await folderFor('helper')
  const notes = join(folder, 'asked')
  writeFileSync(notes, '')
  const script = join(folder, 'docker-credential-test')
  writeFileSync(script, `#!/bin/sh\nread -r server || true\necho "$* $server" >> '${notes}'\n${body}\n`)
  chmodSync(script, 0o755)
  return { path: `${folder}:${process.env['PATH'] ?? ''}`, asked: () => readFileSync(notes, 'utf8') }
}

const answers = (username: string, secret: string): string =>
  `cat <<'END'\n${JSON.stringify({ ServerURL: '', Username: username, Secret: secret })}\nEND`

/** Nothing that a run wrote holds the secret. */
function expectHidden(run: Run, secret: string): void {
  const written = [run.log.replace(/^::add-mask::.*$/gm, ''), run.summary, JSON.stringify(run.report)]
  for (const text of written) {
    expect(text).not.toContain(secret)
    expect(text).not.toContain(Buffer.from(secret).toString('base64'))
  }
  expect(run.output.masks).toContain(secret)
}

onRegistry('3.1.1', (start) => {
  const registry = sharedRegistry(async (options) => {
    const server = await start(options)
    await pushScene(server)
    return server
  })
  const user = (): string => registry().auth?.username ?? ''
  const password = (): string => registry().auth?.password ?? ''
  const withConfig = async (
    config: unknown,
    env: Record<string, string> = {},
    more: Inputs = {},
  ): Promise<Run> =>
    purge(registry(), { ...NONE, ...more }, { env: { DOCKER_CONFIG: await dockerConfig(config), ...env } })

  describe('credentials in the file', () => {
    test.each([
      ['the host', (host: string) => host],
      ['its URL', (host: string) => `https://${host}`],
      ['its URL as old versions wrote it', (host: string) => `https://${host}/v1/`],
      ['its URL with the version of the API', (host: string) => `https://${host}/v2/`],
    ])('are found under %s, and the log says where', async (_, keyOf) => {
      const key = keyOf(registry().host)
      const run = await withConfig({ auths: { [key]: { auth: pair(user(), password()) } } })
      expectResult(run, 'planned')
      expect(run.output.outside[0]).toContain(`credentials from the Docker config (entry "${key}" in `)
      expectHidden(run, password())
    })

    test('are found in the home where DOCKER_CONFIG is not set', async () => {
      const home = await folderFor('home')
      mkdirSync(join(home, '.docker'))
      writeFileSync(
        join(home, '.docker', 'config.json'),
        JSON.stringify({ auths: { [registry().host]: { username: user(), password: password() } } }),
      )
      const run = await purge(registry(), NONE, { env: { HOME: home } })
      expectResult(run, 'planned')
    })

    test.each([
      ['another port', (host: string) => host.replace(/\d+$/, '5000')],
      ['another host', (host: string) => host.replace('127.0.0.1', 'localhost')],
      ['a part of the host', (host: string) => `${host}/acme`],
      ['a user in front of the host', (host: string) => `x@${host}`],
    ])('of %s are not used', async (_, keyOf) => {
      const seen: string[] = []
      const balancer = await startBalancer([registry()], ({ headers }) => {
        if (headers.authorization !== undefined) seen.push(headers.authorization)
      })
      const { host } = new URL(balancer.url)
      const folder = await dockerConfig({ auths: { [keyOf(host)]: { auth: pair(user(), password()) } } })
      const run = await purge(balancer, NONE, { env: { DOCKER_CONFIG: folder } })
      expectResult(run, 'refused')
      expect(run.output.outside[0]).toContain('anonymous')
      expect(run.errors).toMatch(/asks for credentials.*docker\/login-action/)
      expect(seen).toEqual([])
    })

    test('give way to the inputs', async () => {
      const entry = { auth: pair('nobody', 'wrong') }
      const run = await withConfig(
        { auths: { [registry().host]: entry } },
        {},
        { username: user(), password: password() },
      )
      expectResult(run, 'planned')
      expect(run.output.outside[0]).toContain('credentials from the inputs')
    })

    test('that are refused are refused with the name of their entry', async () => {
      const { host } = registry()
      const run = await withConfig({ auths: { [host]: { auth: pair('nobody', 'wrong-password') } } })
      expectResult(run, 'refused')
      expect(run.errors).toContain(`refuses the credentials from the Docker config (entry "${host}"`)
      expectHidden(run, 'wrong-password')
    })

    test.each([
      ['no JSON', '{"auths": ', 'is not JSON'],
      ['no object', '[]', 'is not a JSON object'],
      ['auths of another kind', '{"auths": 5}', 'has `auths` that are not an object'],
    ])('in a file that is %s refuse the run before anything is sent', async (_, text, said) => {
      const run = await withConfig(text)
      expectResult(run, 'refused')
      expect(run.errors).toMatch(new RegExp(`the Docker config .*config\\.json ${said}`))
      expect(run.report.requests).toEqual({})
    })
  })

  describe('a credential helper', () => {
    test.each([
      ['for the host', (host: string) => ({ credHelpers: { [host]: 'test' } }), '`credHelpers` entry'],
      ['for all hosts', () => ({ credsStore: 'test' }), '`credsStore`'],
    ])('%s is asked by its protocol, with nothing secret in its arguments', async (_, configOf, said) => {
      const { path, asked } = await helper(answers(user(), password()))
      const run = await withConfig(configOf(registry().host), { PATH: path })
      expectResult(run, 'planned')
      expect(run.output.outside[0]).toContain('credentials from docker-credential-test')
      expect(run.output.outside[0]).toContain(said)
      expect(asked()).toBe(`get ${registry().host}\n`)
      expectHidden(run, password())
    })

    test('that knows nothing of the host leaves it to the file, or to nobody', async () => {
      const { path } = await helper('echo "credentials not found in native keychain"; exit 1')
      const entry = { auth: pair(user(), password()) }
      const config = { credsStore: 'test', auths: { [registry().host]: entry } }
      expectResult(await withConfig(config, { PATH: path }), 'planned')
      const run = await withConfig({ credsStore: 'test' }, { PATH: path })
      expectResult(run, 'refused')
      expect(run.output.outside[0]).toContain('anonymous')
    })

    test.each([
      ['is missing', undefined, /docker-credential-test, which .* names for .*, is not on the PATH/],
      ['fails', 'echo "the vault is shut"; exit 3', /failed with exit code 3 \(the vault is shut\)/],
      ['answers with something else', 'echo hello', /printed something that is not JSON/],
      ['answers with more than it should', 'yes | head -c 100000', /printed more than \d+ characters/],
    ])('that %s refuses the run, with its name', async (_, body, said) => {
      const env = body === undefined ? {} : { PATH: (await helper(body)).path }
      const run = await withConfig({ credHelpers: { [registry().host]: 'test' } }, env)
      expectResult(run, 'refused')
      expect(run.errors).toMatch(said)
      expect(run.errors).toContain('docker-credential-test')
      expect(run.report.requests).toEqual({})
    })

    test('that hangs is ended with the run', async () => {
      const { path } = await helper('sleep 60')
      const run = await withConfig(
        { credHelpers: { [registry().host]: 'test' } },
        { PATH: path },
        { timeout: '2s' },
      )
      expectResult(run, 'refused')
      expect(run.ms).toBeLessThan(45_000)
    })

    test('does not see what the inputs hold', async () => {
      const { path } = await helper(
        `env | grep -c '^INPUT_' >&2; env | grep -q '^INPUT_' && exit 9\n${answers(user(), password())}`,
      )
      expectResult(await withConfig({ credsStore: 'test' }, { PATH: path }), 'planned')
    })
  })
})

onRegistry('3.1.1', (start) => {
  const REFRESH = 'a-refresh-token-of-some-length'
  const viaTokens = async (
    config: (host: string) => unknown,
    env: Record<string, string> = {},
  ): Promise<{ run: Run; tokens: Awaited<ReturnType<typeof startTokenScene>>['tokens'] }> => {
    const scene = await startTokenScene(start, { refreshTokens: { [REFRESH]: USER } })
    const folder = await dockerConfig(config(new URL(scene.registry.url).host))
    const registry: Registry = { url: scene.registry.url, ca: scene.registry.ca }
    const run = await purge(registry, { image: scene.image }, { env: { DOCKER_CONFIG: folder, ...env } })
    expectNoToken(run, scene.tokens)
    return { run, tokens: scene.tokens }
  }

  test('an identity token of the config gets tokens by POST, and goes to the token service only', async () => {
    const { run, tokens } = await viaTokens((host) => ({ auths: { [host]: { identitytoken: REFRESH } } }))
    expectResult(run, 'purged')
    expect(
      tokens.requests.map(({ method, form }) => [method, form.get('grant_type'), form.get('refresh_token')]),
    ).toEqual([
      ['POST', 'refresh_token', REFRESH],
      ['POST', 'refresh_token', REFRESH],
    ])
    expectHidden(run, REFRESH)
  })

  test('a helper may give an identity token', async () => {
    const { path } = await helper(answers('<token>', REFRESH))
    const { run } = await viaTokens(() => ({ credsStore: 'test' }), { PATH: path })
    expectResult(run, 'purged')
    expectHidden(run, REFRESH)
  })

  test('user and password of the config go to the token service', async () => {
    const { run } = await viaTokens((host) => ({ auths: { [host]: { auth: pair(USER, PASSWORD) } } }))
    expectResult(run, 'purged')
    expectHidden(run, PASSWORD)
  })
})
