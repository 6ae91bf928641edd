import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { makeAuthority, makeClientCertificate } from '../../testbed/serve/authority.js'
import { readClientTls, type ClientTlsInputs } from '../../src/config/client-tls.js'
import { readInputs } from '../../src/config/inputs.js'
import { InputReader } from '../../src/config/reader.js'
import type { Settings } from '../../src/config/settings.js'

const folder = mkdtempSync(join(tmpdir(), 'client-tls-'))
afterAll(() => rmSync(folder, { recursive: true }))

const BOTH = 'both or neither'
const PLAIN = /^client-certificate: a registry over plain http/

let certificate = ''
let chain = ''
let key = ''
let certPath = ''
let keyPath = ''
let otherKey = ''

beforeAll(async () => {
  const authority = await makeAuthority(folder)
  const made = await makeClientCertificate(authority, 'client')
  ;({ certificate, key, certPath, keyPath } = made)
  chain = `${certificate}${authority.ca}`
  otherKey = (await makeClientCertificate(authority, 'other')).key
})

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

interface Outcome extends ClientTlsInputs {
  readonly problems: readonly string[]
}

function read(certificate: string, key: string, plain = false): Outcome {
  const reader = new InputReader(
    new Map([
      ['client-certificate', certificate],
      ['client-key', key],
    ]),
  )
  const outcome = readClientTls(reader, plain)
  return { ...outcome, problems: reader.problems.map(({ text }) => text) }
}

/** Every part of a key that would be of use to somebody. */
function piecesOf(text: string): string[] {
  const body = text.split('\n').filter((line) => line !== '' && !line.startsWith('-----'))
  return body.join('').match(/.{16}/g) ?? []
}

function expectHidden(outcome: unknown, ...keys: string[]): void {
  const written = JSON.stringify(outcome).replaceAll(/\\+n/g, '').replaceAll(' ', '')
  for (const piece of keys.flatMap(piecesOf)) expect(written).not.toContain(piece)
}

describe('a client certificate and its key', () => {
  test('are none where neither is given', () => {
    expect(read('', '')).toEqual({ secrets: [], problems: [] })
    expect(read('', '', true)).toEqual({ secrets: [], problems: [] })
  })

  test('are PEM texts', () => {
    // The reader trims what is written into the inputs, and nothing in a file.
    expect(read(certificate, key)).toEqual({
      clientTls: { certificate: certificate.trim(), key: key.trim() },
      secrets: [key.trim()],
      problems: [],
    })
  })

  test('are the paths of PEM files, of which that of the key may be shown', () => {
    expect(read(certPath, keyPath)).toEqual({
      clientTls: { certificate: certificate.trim(), key },
      secrets: [key],
      keyPath,
      problems: [],
    })
  })

  test('may be one of each', () => {
    expect(read(certPath, key).clientTls).toEqual({ certificate: certificate.trim(), key: key.trim() })
    expect(read(certificate, keyPath).clientTls).toEqual({ certificate: certificate.trim(), key })
  })

  test('have those between them and their authority behind them, in their order', () => {
    const { clientTls, problems } = read(chain, key)
    expect(problems).toEqual([])
    expect(clientTls?.certificate.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
    expect(clientTls?.certificate.indexOf(certificate.trim())).toBe(0)
  })

  test('have line breaks of any kind', () => {
    const windows = key.replaceAll('\n', '\r\n')
    expect(read(certificate.replaceAll('\n', '\r\n'), windows)).toMatchObject({
      clientTls: { key: windows.trim() },
      secrets: [windows.trim()],
      problems: [],
    })
  })

  test.each([
    ['RSA', 'pkcs1'],
    ['EC', 'sec1'],
  ] as const)('may have a key in an older form: %s', (_, type) => {
    const pair =
      type === 'pkcs1'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type, format: 'pem' })
        : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type, format: 'pem' })
    // It is read, and only does not belong to the certificate.
    expect(read(certificate, pair.toString()).problems).toEqual([
      expect.stringMatching(/^client-key: it does not belong to the first certificate/),
    ])
  })
})

describe('one without the other', () => {
  test('is a problem of the one that is missing', () => {
    expect(read(certificate, '')).toMatchObject({
      problems: [expect.stringMatching(/^client-key: it is empty although `client-certificate` is given/)],
    })
    expect(read('', key)).toMatchObject({
      problems: [expect.stringMatching(/^client-certificate: it is empty although `client-key` is given/)],
      secrets: [key.trim()],
    })
    for (const { problems, clientTls } of [read(certificate, ''), read('', key)]) {
      expect(problems[0]).toContain(BOTH)
      expect(clientTls).toBeUndefined()
    }
  })

  test('hides the key all the same', () => {
    expect(read('', key).secrets).toEqual([key.trim()])
    expect(read('', keyPath).secrets).toEqual([key])
    expect(read('', keyPath).problems).toHaveLength(1)
  })
})

describe('a registry over plain http', () => {
  test('is none to which a certificate is shown', () => {
    expect(read(certificate, key, true).problems).toEqual([expect.stringMatching(PLAIN)])
    expect(read(certificate, key, true).secrets).toEqual([key.trim()])
  })
})

describe('a certificate', () => {
  test.each<[string, () => string, RegExp]>([
    [
      'a path that leads nowhere',
      () => join(folder, 'nowhere.pem'),
      /nowhere\.pem.*cannot be read \(ENOENT\)/,
    ],
    ['a folder', () => folder, /cannot be read \(EISDIR\)/],
    ['a file without one', () => file('none.pem', 'hello'), /none\.pem.*holds no certificate/],
    [
      'a damaged one',
      () => certificate.replace(/\n[^\n]{20}/, '\n'),
      /certificate 1 in the text cannot be read/,
    ],
    ['a key', () => key, /holds a private key, which does not belong here/],
    ['a certificate with its key', () => `${certificate}${key}`, /holds a private key/],
    ['the file of a key', () => keyPath, /holds a private key/],
  ])('is not %s', (_, text, why) => {
    const outcome = read(text(), key)
    expect(outcome.clientTls).toBeUndefined()
    expect(outcome.problems).toEqual([expect.stringMatching(why)])
    expect(outcome.problems[0]).toMatch(/^client-certificate: /)
    expect(outcome.secrets).toEqual([key.trim()])
    expectHidden(outcome.problems, key)
  })
})

/** What becomes of PEM in a form, a secret or a variable. */
const FORMS: readonly (readonly [string, (pem: string) => string])[] = [
  ['folded to one line', (pem) => pem.trim().replaceAll('\n', ' ')],
  ['without line breaks', (pem) => pem.replaceAll('\n', '')],
  ['with `\\n` for line breaks', (pem) => pem.trim().replaceAll('\n', '\\n')],
  ['with `\\r\\n` for line breaks', (pem) => pem.trim().replaceAll('\n', '\\r\\n')],
  ['with escaped `\\\\n`, in quotation marks', (pem) => JSON.stringify(JSON.stringify(pem))],
  ['indented', (pem) => pem.trim().replaceAll('\n', '\n    ')],
  ['in base64', (pem) => Buffer.from(pem).toString('base64')],
  ['in base64 with line breaks', (pem) => Buffer.from(pem).toString('base64').replace(/.{76}/g, '$&\n')],
  ['folded, in base64', (pem) => Buffer.from(pem.trim().replaceAll('\n', ' ')).toString('base64')],
]

describe('a key', () => {
  test('belongs to the first certificate', () => {
    for (const [one, other] of [
      [certificate, otherKey],
      [
        chain
          .split(/(?<=-----END CERTIFICATE-----\n)/)
          .reverse()
          .join(''),
        key,
      ],
      [rootCertificates[0] ?? '', key],
    ] as const) {
      const outcome = read(one, other)
      expect(outcome.problems).toEqual([
        expect.stringMatching(
          /^client-key: it does not belong to the first certificate in `client-certificate`/,
        ),
      ])
      expect(outcome.secrets).toEqual([other.trim()])
      expectHidden(outcome.problems, key, otherKey)
    }
  })

  test.each(FORMS)('may be %s, and is masked in every form that it was given in', (_, form) => {
    const given = form(key)
    const outcome = read(form(certificate), given)
    expect(outcome.problems).toEqual([])
    expect(createPrivateKey(outcome.clientTls?.key ?? '').equals(createPrivateKey(key))).toBe(true)
    expect(outcome.secrets).toEqual(expect.arrayContaining([given, outcome.clientTls?.key]))
    const path = file('formed.key', given)
    const fromFile = read(file('formed.pem', form(certificate)), path)
    expect(fromFile).toMatchObject({ problems: [], keyPath: path })
    expect(fromFile.secrets).toEqual(expect.arrayContaining([given, fromFile.clientTls?.key]))
  })

  const locked = (): string =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hunter22' })
      .toString()
  const oldLocked = (): string =>
    generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'hunter22' })
      .toString()

  test.each<[string, () => string, RegExp]>([
    ['one with a passphrase', locked, /it is encrypted, and there is no input for a passphrase/],
    ['one with a passphrase in an older form', oldLocked, /it is encrypted/],
    ['the file of one with a passphrase', () => file('locked.pem', locked()), /it is encrypted/],
    [
      'one that is cut off',
      () => key.slice(0, 100),
      /the text holds no private key .*: it is cut off\. Give the whole text/,
    ],
    ['one that is damaged', () => key.replace(/\n[^\n]{20}/, '\n'), /the text holds no private key/],
    ['a certificate', () => certificate, /the text holds no private key/],
    ['the file of a certificate', () => certPath, /the file holds no private key/],
    ['an empty file', () => file('empty.pem', ''), /the file holds no private key/],
    ['a file of another kind', () => file('key.der', '\0\x01\x02'), /the file holds no private key/],
    [
      'one that lost its first line',
      () => key.split('\n').slice(1).join('\n'),
      /it lost its beginning\. Give the whole text, from its first line/,
    ],
    [
      'one that lost its frame',
      () => key.split('\n').slice(1, -2).join('\n'),
      /it is base64 without its first and last line/,
    ],
    [
      'one in DER form',
      () => {
        const path = join(folder, 'real.der')
        writeFileSync(path, createPrivateKey(key).export({ type: 'pkcs8', format: 'der' }))
        return path
      },
      /it is in DER form\. Convert it with `openssl pkey -inform der -in FILE -out FILE\.pem`/,
    ],
    [
      'one of OpenSSH',
      () =>
        '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----',
      /the form of OpenSSH\. Convert it with `ssh-keygen/,
    ],
    [
      'a path that leads nowhere',
      () => join(folder, 'nowhere.key'),
      /as a path it cannot be read \(ENOENT\)/,
    ],
    ['a folder', () => folder, /as a path it cannot be read \(EISDIR\)/],
    ['a text with a zero byte', () => `${keyPath}\0`, /as a path it cannot be read/],
  ])('is not %s, and no message repeats it', (_, text, why) => {
    const given = text()
    const outcome = read(certificate, given)
    expect(outcome.clientTls).toBeUndefined()
    expect(outcome.keyPath).toBeUndefined()
    expect(outcome.problems).toEqual([expect.stringMatching(why)])
    expect(outcome.problems[0]).toMatch(/^client-key: /)
    expectHidden(outcome.problems, key, given)
    expect(outcome.problems[0]).not.toContain(given)
  })

  test('is secret in whatever state it is', () => {
    for (const damaged of [key.slice(0, 100), key.slice(40), locked(), 'hunter22']) {
      expect(read(certificate, damaged).secrets).toEqual([damaged.trim()])
      expect(read('', damaged).secrets).toEqual([damaged.trim()])
    }
    const path = file('damaged.pem', key.slice(0, 100))
    expect(read(certificate, path).secrets).toEqual([key.slice(0, 100)])
  })
})

describe('the inputs client-certificate and client-key', () => {
  interface Outcome {
    readonly settings: Settings | undefined
    readonly problems: readonly string[]
    readonly shown: Readonly<Record<string, string>>
    readonly secrets: readonly string[]
  }

  const readAll = (given: Record<string, string>): Outcome => {
    const { settings, problems, shown, secrets } = readInputs(new Map(Object.entries(given)), 0)
    return { settings, problems: problems.map(({ text }) => text), shown, secrets }
  }
  const IMAGE = { image: 'registry.example.com/acme/app:1' }
  const inputs = (certificate: string, key: string, more: Record<string, string> = {}): Outcome =>
    readAll({ ...IMAGE, 'client-certificate': certificate, 'client-key': key, ...more })
  const PLAIN_HTTP = { image: 'acme/app:1', registry: 'http://registry.example.com' }

  test('become settings', () => {
    const { settings, problems } = inputs(certificate, key)
    expect(problems).toEqual([])
    expect(settings?.clientTls).toEqual({ certificate: certificate.trim(), key: key.trim() })
    expect(readAll(IMAGE).settings?.clientTls).toBeUndefined()
  })

  test('are shown as what they are, or by their paths, and the key never', () => {
    expect(inputs(certificate, key).shown).toMatchObject({
      'client-certificate': '(PEM text)',
      'client-key': '(not shown)',
    })
    expect(inputs(certPath, keyPath).shown).toMatchObject({
      'client-certificate': certPath,
      'client-key': keyPath,
    })
    expect(inputs(certPath, join(folder, 'nowhere')).shown['client-key']).toBe('(not shown)')
    expect(inputs('', '').shown).not.toHaveProperty('client-key')
  })

  test('are secret as far as the key goes, beside the password', () => {
    expect(inputs(certPath, keyPath).secrets).toEqual([key])
    expect(inputs(certificate, key, { username: 'bob', password: 'hunter22' }).secrets).toEqual([
      'hunter22',
      Buffer.from('bob:hunter22').toString('base64'),
      key.trim(),
    ])
  })

  test('are refused with a registry over plain http', () => {
    expect(inputs(certificate, key, PLAIN_HTTP).problems).toEqual([expect.stringMatching(PLAIN)])
  })

  test('are told apart from each other’s problems, all at once', () => {
    const { problems, settings } = inputs(join(folder, 'nowhere.pem'), 'nowhere.key', {
      ...PLAIN_HTTP,
      timeout: 'x',
    })
    expect(settings).toBeUndefined()
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'client-certificate',
      'client-certificate',
      'client-key',
      'timeout',
    ])
  })

  const ways: [string, (text: string) => string][] = [
    ['as it is', (text) => text],
    ['with `\\n` for line breaks', (text) => text.replaceAll('\n', '\\n')],
    ['folded to one line', (text) => text.trim().replaceAll('\n', ' ')],
    ['without line breaks', (text) => text.replaceAll('\n', '')],
    ['without its first line', (text) => text.split('\n').slice(1).join('\n')],
    ['without its frame', (text) => text.split('\n').slice(1, -2).join('\n')],
    ['without its frame and line breaks', (text) => text.split('\n').slice(1, -2).join('')],
    ['cut off', (text) => text.slice(0, 120)],
    ['with a user in front of it', (text) => `bob:x@${text}`],
  ]

  test.each(ways)('repeat nothing of a key in client-key, %s', (_, written) => {
    for (const other of [certificate, certPath, '', join(folder, 'nowhere')])
      for (const more of [{}, PLAIN_HTTP, { timeout: 'x' }]) {
        const { problems, shown } = inputs(other, written(key), more)
        expectHidden({ problems, shown }, key)
      }
  })

  test.each(ways)('repeat nothing of a key that was put into client-certificate, %s', (_, written) => {
    for (const other of [certificate, certPath, '', key]) {
      const { problems, shown } = inputs(written(key), other)
      expect(problems).not.toEqual([])
      expectHidden({ problems, shown }, key)
    }
  })

  test('repeat nothing of a key in base64, wherever it was put', () => {
    const packed = Buffer.from(key).toString('base64')
    const piece = packed.slice(40, 80)
    for (const [one, other] of [
      [certificate, packed],
      [packed, certificate],
      [packed, packed],
    ] as const) {
      const { problems, shown } = inputs(one, other)
      expect(JSON.stringify({ problems, shown })).not.toContain(piece)
    }
  })

  test('may be read from a file that is gone afterwards', () => {
    const copy = join(folder, 'copy.key')
    copyFileSync(keyPath, copy)
    const { settings } = inputs(certPath, copy)
    rmSync(copy)
    expect(settings?.clientTls?.key).toBe(readFileSync(keyPath, 'utf8'))
  })
})
