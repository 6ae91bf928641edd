import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { pushScene, type Scene } from '../../../testbed/images/scene.js'
import {
  makeAuthority,
  makeClientCertificate,
  type ClientCertificate,
} from '../../../testbed/serve/authority.js'
import type { RegistryOptions } from '../../../testbed/serve/registry-server.js'
import { expectGone, expectPulls, snapshot } from '../support/registry-state.js'
import { startServer } from '../support/round-robin.js'
import { others } from '../support/scenes.js'
import {
  authority,
  expectResult,
  folderFor,
  later,
  onRegistry,
  purge,
  type Inputs,
  type Registry,
  type Run,
  type Start,
} from '../support/support.js'

const image = 'acme/search-indexer:debug-42'

const client = async (): Promise<ClientCertificate> => makeClientCertificate(await authority(), 'client')
/** Signed by an authority between it and the one that registries know. */
const chained = async (): Promise<ClientCertificate> =>
  makeClientCertificate(await authority(), 'chained', { between: true })

const inputsOf = ({ certificate, key }: ClientCertificate): Inputs => ({
  image,
  'client-certificate': certificate,
  'client-key': key,
})

interface MutualScene {
  readonly registry: Registry
  /** The same storage over plain http, without authentication: to push, and to look from behind. */
  readonly behind: Registry
  readonly scene: Scene
}

/** The reference scene in a registry that answers only who shows a certificate of the authority. */
async function mutualScene(start: Start, options: Partial<RegistryOptions> = {}): Promise<MutualScene> {
  const rootDirectory = options.rootDirectory ?? join(await folderFor('mutual'), 'data')
  const storage = { rootDirectory, secret: 'shared by both', basic: false }
  const behind = await start({ ...storage, tls: undefined })
  const scene = await pushScene(behind)
  const { caPath } = await authority()
  return { registry: await start({ ...storage, ...options, clientCa: [caPath] }), behind, scene }
}

async function expectPurged({ behind, scene }: MutualScene, run: Run): Promise<void> {
  expectResult(run, 'purged')
  const { repository, leak } = scene
  const asked = { tags: [leak.tag], manifests: [leak.digest], blobs: leak.ownBlobs }
  await expectGone(behind, repository, asked)
  await expectPulls(behind, repository, others(scene))
}

/** No line of the key stands in anything that a run wrote, but where the runner is told to mask it. */
function expectKeyHidden(run: Run, key: string): void {
  const log = run.log.replace(/^::add-mask::.*$/gm, '')
  const written = [log, run.summary, JSON.stringify(run.report), JSON.stringify(run.outputs)].join('\n')
  const secret = key.split('\n').filter((line) => line.length >= 16 && !line.startsWith('-----'))
  expect(secret.length).toBeGreaterThan(1)
  expect(secret.filter((line) => written.includes(line))).toEqual([])
  expect(run.output.masks).toEqual(expect.arrayContaining(secret))
}

/** A storage that asks for a certificate and takes it well when none comes. It notes the name in each. */
async function startStorage(folder: string): Promise<{ url: string; shown: (string | undefined)[] }> {
  const { certPath, keyPath, ca } = await authority()
  const shown: (string | undefined)[] = []
  const server = createServer(
    {
      cert: readFileSync(certPath),
      key: readFileSync(keyPath),
      ca,
      requestCert: true,
      rejectUnauthorized: false,
    },
    ({ socket, method, url = '/' }, answer) => {
      // An empty object where there was none, which the types do not know.
      const { subject } = (socket as TLSSocket).getPeerCertificate() as { subject?: { CN: string } }
      shown.push(subject?.CN)
      try {
        const bytes = readFileSync(join(folder, decodeURIComponent(url)))
        answer.writeHead(200, { 'content-length': bytes.length }).end(method === 'HEAD' ? undefined : bytes)
      } catch {
        answer.writeHead(404).end()
      }
    },
  )
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  later(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, shown }
}

onRegistry('3.1.1', (start) => {
  describe('a registry that wants a client certificate', () => {
    test('takes one of an authority in between, which goes along', async () => {
      const mutual = await mutualScene(start)
      await expectPurged(mutual, await purge(mutual.registry, inputsOf(await chained())))
    })

    test('may want a password as well', async () => {
      const mutual = await mutualScene(start, { basic: true })
      await expectPurged(mutual, await purge(mutual.registry, inputsOf(await client())))
    })

    test('leaves no line of the key in anything that is written, with debug logging either', async () => {
      const mutual = await mutualScene(start)
      const shown = await client()
      const { certPath, keyPath } = shown
      const paths = { image, 'client-certificate': certPath, 'client-key': keyPath }
      for (const inputs of [{ ...inputsOf(shown), 'dry-run': 'true' }, paths]) {
        const run = await purge(mutual.registry, inputs, { env: { RUNNER_DEBUG: '1' } })
        expectKeyHidden(run, shown.key)
      }
    })

    test('does not take one of an authority that it does not know: refused, and nothing changes', async () => {
      const { registry, behind, scene } = await mutualScene(start)
      const { repository, tags, leak } = scene
      const all = { tags: Object.keys(tags), manifests: [leak.digest], blobs: leak.ownBlobs }
      const before = await snapshot(behind, repository, all)
      const other = await makeAuthority(await folderFor('other-authority'))
      const stranger = await makeClientCertificate(other, 'stranger')
      const run = await purge(registry, inputsOf(stranger))
      expectResult(run, 'refused')
      expect(run.errors).toContain('`client-certificate`')
      expectKeyHidden(run, stranger.key)
      expect(await snapshot(behind, repository, all)).toEqual(before)
    })
  })

  test('a client certificate is not shown to the storage that a registry redirects to', async () => {
    const rootDirectory = join(await folderFor('storage'), 'data')
    const storage = await startStorage(rootDirectory)
    const mutual = await mutualScene(start, { rootDirectory, redirectBase: `${storage.url}/` })
    await expectPurged(mutual, await purge(mutual.registry, inputsOf(await client())))
    expect(storage.shown.length).toBeGreaterThan(0)
    expect(storage.shown.filter((name) => name !== undefined)).toEqual([])
  })
})

describe('nothing is sent', () => {
  /** Against a port that counts who comes. */
  async function refused(inputs: Inputs, scheme = 'https:'): Promise<Run> {
    const server = await startServer((_, answer) => answer.end('{}'))
    const run = await purge({ url: server.url.replace('http:', scheme) }, { image, ...inputs })
    expectResult(run, 'refused')
    expect(server.sockets()).toBe(0)
    return run
  }

  test('with a certificate that stands behind the one that signed it', async () => {
    const { certificate, key } = await chained()
    const [own = '', between = ''] = certificate.split(/(?<=-----END CERTIFICATE-----\n)/)
    const run = await refused({ image, 'client-certificate': between + own, 'client-key': key })
    expect(run.errors).toMatch(/client-key: it does not belong to the first certificate/)
    expectKeyHidden(run, key)
  })

  test('to a registry over plain http, which never asks for one', async () => {
    const shown = await client()
    const run = await refused(inputsOf(shown), 'http:')
    expect(run.errors).toMatch(/client-certificate: a registry over plain http/)
    expectKeyHidden(run, shown.key)
  })

  test('with a certificate and a key that were cut off, and each is named', async () => {
    const { certificate, key } = await client()
    const cut = (text: string): string => text.replace(/\n.{40}.*\n/, '\n')
    const run = await refused({ 'client-certificate': cut(certificate), 'client-key': cut(key) })
    expect(run.errors).toMatch(/client-certificate: certificate 1 in the text cannot be read/)
    expect(run.errors).toMatch(/client-key: the text holds no private key/)
  })

  test('with files that are not there, and each is named', async () => {
    const gone = join(await folderFor('nothing'), 'gone.pem')
    const run = await refused({ 'client-certificate': gone, 'client-key': gone })
    expect(run.errors).toMatch(/client-certificate: .*ENOENT/)
    expect(run.errors).toMatch(/client-key: .*ENOENT/)
  })
})
