import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, rootCertificates } from 'node:tls'
import { afterAll, describe, expect, test } from '@jest/globals'
import { parseAuthorities } from '../../../src/config/text/authorities.js'

const folder = mkdtempSync(join(tmpdir(), 'authorities-'))
afterAll(() => rmSync(folder, { recursive: true }))

const [one = '', two = ''] = rootCertificates

function file(name: string, text: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('ca-certificate', () => {
  test('is PEM text', () => {
    expect(parseAuthorities(one)).toEqual({ value: [one] })
  })

  test('is a chain, with whatever stands between the certificates', () => {
    expect(parseAuthorities(`# ours\n${one}\n\nsubject: two\n${two}\n`)).toEqual({ value: [one, two] })
  })

  test('is the path of a PEM file', () => {
    expect(parseAuthorities(file('ca.pem', `${one}\n${two}`))).toEqual({ value: [one, two] })
  })

  test('has line breaks of any kind', () => {
    const windows = one.replaceAll('\n', '\r\n')
    expect(parseAuthorities(windows)).toEqual({ value: [windows] })
  })

  test.each([
    [
      'a path that leads nowhere',
      () => join(folder, 'nowhere.pem'),
      /nowhere\.pem.*cannot be read \(ENOENT\)/,
    ],
    ['a folder', () => folder, /cannot be read \(EISDIR\)/],
    ['a file without a certificate', () => file('none.pem', 'hello'), /none\.pem.*holds no certificate/],
    ['an empty file', () => file('empty.pem', ''), /holds no certificate/],
    [
      'a damaged certificate',
      () => one.replace(/\n[^\n]{20}/, '\n'),
      /certificate 1 in the text cannot be read/,
    ],
    [
      'a damaged second one',
      () => `${one}\n${two.replace(/\n[^\n]{20}/, '\n')}`,
      /certificate 2 in the text/,
    ],
    ['one that is cut off', () => one.slice(0, 200), /holds no certificate/],
    [
      'a request and no certificate',
      () => one.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'),
      /holds no certificate/,
    ],
  ])('is not %s', (_, text, why) => {
    expect(parseAuthorities(text())).toEqual({ wrong: expect.stringMatching(why) })
  })

  test.each<[string, (pem: string) => string]>([
    ['folded to one line', (pem) => pem.trim().replaceAll('\n', ' ')],
    ['without line breaks', (pem) => pem.replaceAll('\n', '')],
    ['with `\\n` for line breaks', (pem) => pem.replaceAll('\n', '\\n')],
    ['escaped twice, in quotation marks', (pem) => JSON.stringify(JSON.stringify(pem))],
    ['indented', (pem) => pem.replaceAll('\n', '\n      ')],
    ['in base64', (pem) => Buffer.from(pem).toString('base64')],
    ['in base64 of several lines', (pem) => Buffer.from(pem).toString('base64').replace(/.{76}/g, '$&\n')],
    ['under an old name', (pem) => pem.replaceAll(' CERTIFICATE', ' X509 CERTIFICATE')],
  ])('may be %s, as text and in a file', (_, form) => {
    const bundle = form(`${one}\n${two}\n`)
    for (const given of [bundle, file('formed.pem', bundle)]) {
      const read = parseAuthorities(given)
      if ('wrong' in read) throw new Error(read.wrong)
      expect(read.value.map((pem) => new X509Certificate(pem).fingerprint256)).toEqual(
        [one, two].map((pem) => new X509Certificate(pem).fingerprint256),
      )
      // This is what the connection needs.
      expect(() => createSecureContext({ ca: read.value })).not.toThrow()
    }
  })

  test('may be a file in UTF-16, as PowerShell writes it', () => {
    const path = file('utf16.pem', Buffer.from(`\ufeff${one}`, 'utf16le'))
    expect(parseAuthorities(path)).toEqual({ value: [one] })
  })

  const der = (): Buffer => new X509Certificate(one).raw
  const p7 = (inner: string): Buffer => Buffer.from(`30820b06${inner}`, 'hex')

  test.each<[string, () => string, RegExp]>([
    [
      'a file in DER form',
      () => file('ca.der', der()),
      /: it is in DER form\. Convert it with `openssl x509 -inform der -in FILE -out FILE\.pem`/,
    ],
    ['DER in base64', () => der().toString('base64'), /: it is base64 without its first and last line/],
    ['a file of DER in base64', () => file('ca.b64', der().toString('base64')), /: it is base64 without/],
    ['the end of one', () => one.slice(100), /: it lost its beginning/],
    ['the beginning of one', () => one.slice(0, 200), /: it is cut off/],
    [
      'a TRUSTED CERTIFICATE',
      () => one.replaceAll(' CERTIFICATE', ' TRUSTED CERTIFICATE'),
      /: it is a TRUSTED CERTIFICATE of OpenSSL\. Convert it with `openssl x509/,
    ],
    [
      'a PKCS#7 bundle',
      () => '-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----',
      /PKCS#7 bundle\. Convert it with `openssl pkcs7 -print_certs/,
    ],
    [
      'a PKCS#7 bundle in DER form',
      () => file('ca.p7b', p7('092a864886f70d010702a0820b')),
      /PKCS#7 bundle\. Convert it with `openssl pkcs7 -inform der -print_certs/,
    ],
    [
      'a PKCS#12 file',
      () => file('ca.p12', Buffer.from('30820b060201033082', 'hex')),
      /PKCS#12 file\. Convert it with `openssl pkcs12 -in FILE -nodes -nokeys/,
    ],
    [
      'a request',
      () => one.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'),
      /: it is the request for a certificate\. Give the certificate/,
    ],
  ])('is not %s, and the message says what to do', (_, text, why) => {
    expect(parseAuthorities(text())).toEqual({ wrong: expect.stringMatching(why) })
  })

  test.each(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'])(
    'holds no %s, and the message does not show it',
    (kind) => {
      const key = `-----BEGIN ${kind}-----\nc2VjcmV0\n-----END ${kind}-----`
      for (const text of [`${one}\n${key}`, file('key.pem', `${key}\n${one}`)]) {
        const answer = parseAuthorities(text)
        expect(answer).toEqual({ wrong: expect.stringContaining('private key') })
        expect(JSON.stringify(answer)).not.toContain('c2VjcmV0')
      }
    },
  )
})
