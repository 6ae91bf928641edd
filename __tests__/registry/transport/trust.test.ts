import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { WireError } from '../../../src/registry/errors.js'
import { transport } from '../../../src/registry/transport/transport.js'
import { issue, type Issued } from '../../support/certificates.js'
import { startForwardProxy } from '../../support/forward-proxy.js'
import { listen, type CountingServer } from '../server.js'
import { request } from '../wire.js'

const folder = mkdtempSync(join(tmpdir(), 'trust-'))
const open: (() => unknown)[] = []
let root: Issued
let issuing: Issued
let server: Issued

beforeAll(async () => {
  root = await issue(folder, { name: 'Corp Root', kind: 'authority' })
  issuing = await issue(folder, { name: 'Corp Issuing CA 3', kind: 'authority', by: root })
  server = await issue(folder, { name: 'registry', kind: 'server', by: issuing })
})
afterEach(async () => {
  while (open.length > 0) await open.pop()?.()
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Asked {
  readonly said: string
  readonly code: string | undefined
  /** The requests that arrived. */
  readonly requests: number
  readonly server: CountingServer
}

/** Asks a server that sends these certificates. @param given the content of `ca-certificate` */
async function ask(
  sent: readonly Issued[],
  given: readonly string[],
  { proxy = {}, host = '127.0.0.1' }: { proxy?: Record<string, string>; host?: string } = {},
): Promise<Asked> {
  let requests = 0
  const tls = { key: sent[0]?.key ?? '', cert: sent.map(({ cert }) => cert).join('') }
  const server = await listen((_, answer) => {
    requests++
    answer.end('hello')
  }, tls)
  const url = server.url.replace('127.0.0.1', host)
  const { send, close } = transport({
    origin: url,
    authorities: given,
    verify: true,
    connections: 4,
    proxy,
    userAgent: 'x',
  })
  open.push(server.close, close)
  try {
    const { body } = await send(request(url))
    return { said: Buffer.from(body).toString(), code: undefined, requests, server }
  } catch (error) {
    const { message, code } = error as WireError
    return { said: message, code, requests, server }
  }
}

describe('an anchor in ca-certificate', () => {
  test.each<[string, () => [Issued[], Issued[]]]>([
    ['the root, if the server sends what is between', () => [[server, issuing], [root]]],
    ['an intermediate, if the server sends only its own', () => [[server], [issuing]]],
    ['an intermediate, if the server sends it too', () => [[server, issuing], [issuing]]],
    ['the certificate of the server itself', () => [[server], [server]]],
    ['root and intermediate', () => [[server], [root, issuing]]],
  ])('may be %s', async (_, made) => {
    const [sent, given] = made()
    const { said } = await ask(
      sent,
      given.map(({ cert }) => cert),
    )
    expect(said).toBe('hello')
  })

  test('may be a self-signed certificate of the server', async () => {
    const alone = await issue(folder, { name: 'alone', kind: 'server' })
    expect((await ask([alone], [alone.cert])).said).toBe('hello')
  })

  test('does not make another host’s name right, and the message names the hosts of the certificate', async () => {
    const other = await issue(folder, {
      name: 'other',
      kind: 'server',
      by: root,
      hosts: 'DNS:registry.example.com, DNS:*.corp.example, IP:10.0.0.7',
    })
    for (const given of [root.cert, other.cert]) {
      const { said, code, requests } = await ask([other], [given])
      expect(code).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
      expect(said).toContain('it is for registry.example.com, *.corp.example, 10.0.0.7. Set `registry`')
      expect(requests).toBe(0)
    }
  })

  test('that has expired is none, and the message names it', async () => {
    const old = await issue(folder, { name: 'Old CA', kind: 'authority', by: root, expired: true })
    const leaf = await issue(folder, { name: 'of old', kind: 'server', by: old })
    const { said, code, requests } = await ask([leaf], [old.cert])
    expect([code, requests]).toEqual(['CERT_HAS_EXPIRED', 0])
    expect(said).toMatch(
      /an authority in `ca-certificate` has expired \(CERT_HAS_EXPIRED\): "CN=Old CA" valid until \d{4}-\d\d-\d\d\. Replace it/,
    )
  })

  test('that has expired is none if it is the server’s own', async () => {
    const old = await issue(folder, { name: 'old', kind: 'server', by: root, expired: true })
    for (const given of [root.cert, old.cert]) {
      const { said, code, requests } = await ask([old], [given])
      expect([code, requests]).toEqual(['CERT_HAS_EXPIRED', 0])
      expect(said).toMatch(/^GET \S+: the certificate of 127\.0\.0\.1:\d+ has expired .*"CN=old" valid until/)
    }
  })

  test('that has expired in between is the registry’s to replace', async () => {
    const old = await issue(folder, { name: 'Old sent CA', kind: 'authority', by: root, expired: true })
    const leaf = await issue(folder, { name: 'of old sent', kind: 'server', by: old })
    const { said, code } = await ask([leaf, old], [root.cert])
    expect(code).toBe('CERT_HAS_EXPIRED')
    expect(said).toMatch(/"CN=Old sent CA" valid until .* Have the registry send/)
  })

  test('that cannot issue certificates is none', async () => {
    const forged = await issue(folder, { name: 'forged', kind: 'server', by: server })
    for (const given of [[root.cert, issuing.cert], [server.cert]])
      for (const sent of [[forged, server], [forged]]) {
        const { said, requests } = await ask(sent, given)
        expect(said).toMatch(/cannot be used \(\w+\)|not trusted \(\w+\)/)
        expect(requests).toBe(0)
      }
  })
})

describe('a certificate of nobody who is trusted', () => {
  const TRUST = /authority that is not trusted \(\w+\)/

  test('is refused with the name of the issuer that is missing, without a request', async () => {
    const { said, requests } = await ask([server], [])
    expect(said).toMatch(TRUST)
    expect(said).toContain(
      ': it was issued by "CN=Corp Issuing CA 3", which is neither among the system\'s authorities nor in `ca-certificate`. Add the certificate of "CN=Corp Issuing CA 3" to `ca-certificate`',
    )
    expect(requests).toBe(0)
  })

  test('is refused with what was read', async () => {
    const other = await issue(folder, { name: 'Elsewhere', kind: 'authority' })
    const { said } = await ask([server], [root.cert, other.cert])
    expect(said).toMatch(
      /"CN=Corp Issuing CA 3", which .* in `ca-certificate` \(read: 2 certificates, "CN=Corp Root" valid until \d{4}-\d\d-\d\d, "CN=Elsewhere" valid until \d{4}-\d\d-\d\d\)\. Add/,
    )
  })

  test('is refused with the root that the server sent', async () => {
    const { said } = await ask([server, issuing, root], [])
    expect(said).toContain('it was issued by "CN=Corp Root", which')
  })

  test('that is self-signed is named as that', async () => {
    const alone = await issue(folder, { name: 'alone', kind: 'server' })
    const { said } = await ask([alone], [root.cert])
    expect(said).toMatch(
      /: it is self-signed, .*If it is genuine, add this certificate \("CN=alone" valid until/,
    )
  })

  test('is told from one of an authority of the same name with another key', async () => {
    const namesake = await issue(folder, {
      name: issuing.name,
      kind: 'authority',
      by: root,
      file: 'namesake',
    })
    const { said, requests } = await ask([server], [namesake.cert])
    expect(said).toMatch(TRUST)
    expect(said).toMatch(
      /a certificate of that name \("CN=Corp Issuing CA 3" .*\), but with another key\. Replace it/,
    )
    expect(requests).toBe(0)
  })

  test('is also read through a proxy', async () => {
    const { url, tunnels, close } = await startForwardProxy()
    open.push(close)
    const { said, requests } = await ask([server], [], { proxy: { HTTPS_PROXY: url } })
    expect(said).toContain('it was issued by "CN=Corp Issuing CA 3", which')
    expect([requests, tunnels.length]).toEqual([0, 2])
  })

  test('is looked at once, however many requests fail', async () => {
    const { server: counting } = await ask([server], [])
    expect(counting.accepted()).toBe(2)
  })

  test('shows its texts on one line of bounded length, and nothing that means something elsewhere', async () => {
    const evil = await issue(folder, {
      name: `::error::<b>\`x\` $x ${'y'.repeat(40)}`,
      kind: 'server',
      file: 'evil',
    })
    const { said } = await ask([evil], [])
    expect(said).toContain('::error::??b???x? ?x yyy')
    expect(said).not.toMatch(/[\n<>$]/)
  })
})
