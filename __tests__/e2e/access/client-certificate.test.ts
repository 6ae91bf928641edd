import { beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../../../testbed/command.js'
import { pushScene } from '../../../testbed/images/scene.js'
import {
  authority,
  expectResult,
  folderFor,
  onRegistry,
  purge,
  type Inputs,
  type RegistryServer,
  type Start,
} from '../support/support.js'

interface Client {
  readonly certPath: string
  readonly keyPath: string
}

/** A client's certificate from an authority of its own, which the registry is told of. */
async function makeClient(): Promise<Client & { caPath: string; encryptedPath: string }> {
  const folder = await folderFor('client')
  const path = (name: string): string => join(folder, name)
  const openssl = async (...args: string[]): Promise<void> => {
    const { code } = await runCommand('openssl', args)
    if (code !== 0) throw new Error(`openssl ${args.join(' ')} failed`)
  }
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    '/CN=clients',
    '-keyout',
    path('ca.key'),
    '-out',
    path('ca.crt'),
  )
  await openssl('req', ...key, '-subj', '/CN=purger', '-keyout', path('c.key'), '-out', path('c.csr'))
  await openssl(
    ...['x509', '-req', '-in', path('c.csr'), '-CA', path('ca.crt'), '-CAkey', path('ca.key')],
    ...['-set_serial', '7', '-days', '2', '-out', path('c.crt')],
  )
  await openssl('pkcs8', '-topk8', '-in', path('c.key'), '-out', path('e.key'), '-passout', 'pass:secret')
  return {
    caPath: path('ca.crt'),
    certPath: path('c.crt'),
    keyPath: path('c.key'),
    encryptedPath: path('e.key'),
  }
}

/** A registry that takes nobody without a certificate: the scene goes in by another process on the same storage. */
async function startMutual(
  start: Start,
  caPath: string,
): Promise<{ registry: RegistryServer; image: string }> {
  const rootDirectory = join(await folderFor('mutual'), 'data')
  const behind = await start({ rootDirectory, secret: 'shared', tls: undefined, basic: false })
  const { repository, leak } = await pushScene(behind)
  const registry = await start({ rootDirectory, secret: 'shared', clientCa: [caPath] })
  return { registry, image: `${repository}:${leak.tag}` }
}

onRegistry('3.1.1', (start) => {
  let client: Awaited<ReturnType<typeof makeClient>>
  beforeAll(async () => {
    client = await makeClient()
  })
  const text = (path: string): string => readFileSync(path, 'utf8')

  test.each(['text', 'path'])(
    'a registry with mutual TLS is purged, the certificate given as %s',
    async (form) => {
      const { registry, image } = await startMutual(start, client.caPath)
      const [certificate, key] = [client.certPath, client.keyPath].map((path) =>
        form === 'text' ? text(path) : path,
      )
      const run = await purge(registry, { image, 'client-certificate': certificate, 'client-key': key })
      expectResult(run, 'purged')
      const [, line = ''] = text(client.keyPath).split('\n')
      const written = run.log.replace(/^::add-mask::.*$/gm, '') + run.summary + JSON.stringify(run.report)
      expect(written).not.toContain(line)
      expect(run.report.inputs['client-key']).toBe(form === 'text' ? '(not shown)' : key)
    },
  )

  test('without a certificate such a registry is refused, naming the input', async () => {
    const { registry, image } = await startMutual(start, client.caPath)
    const run = await purge(registry, { image })
    expectResult(run, 'refused')
    expect(run.errors).toContain('`client-certificate`')
  })

  describe('nothing is sent', () => {
    const other = async (): Promise<string> => (await authority()).keyPath
    const cases: [string, () => Promise<Inputs> | Inputs, RegExp][] = [
      [
        'with a certificate only',
        () => ({ 'client-certificate': client.certPath }),
        /client-key: it is empty/,
      ],
      ['with a key only', () => ({ 'client-key': client.keyPath }), /client-certificate: it is empty/],
      [
        'with the key of another certificate',
        async () => ({ 'client-certificate': client.certPath, 'client-key': await other() }),
        /client-key: it does not belong/,
      ],
      [
        'with a key that is encrypted',
        () => ({ 'client-certificate': client.certPath, 'client-key': text(client.encryptedPath) }),
        /client-key: it is encrypted/,
      ],
      [
        'with a key without its first line',
        () => ({
          'client-certificate': client.certPath,
          'client-key': text(client.keyPath).split('\n').slice(1).join('\n'),
        }),
        /client-key: .* lost its beginning/,
      ],
      [
        'with the two exchanged',
        () => ({ 'client-certificate': text(client.keyPath), 'client-key': text(client.certPath) }),
        /client-certificate: .*private key[^]*client-key: /,
      ],
    ]
    test.each(cases)('%s', async (_, inputs, said) => {
      const run = await purge({ url: 'https://127.0.0.1:1' }, { image: 'acme/app:x', ...(await inputs()) })
      expectResult(run, 'refused')
      expect(run.errors).toMatch(said)
      expect(run.report.requests).toEqual({})
      const written = run.log.replace(/^::add-mask::.*$/gm, '') + run.summary + JSON.stringify(run.report)
      for (const path of [client.keyPath, client.encryptedPath])
        for (const line of text(path)
          .split('\n')
          .filter((each) => each.length > 20 && !each.startsWith('-----')))
          expect(written).not.toContain(line)
    })
  })
})
