import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterAll, describe, expect, test } from '@jest/globals'
import { parseAuthorities } from '../../../src/config/text/authorities.js'

const folder = mkdtempSync(join(tmpdir(), 'authorities-'))
afterAll(() => rmSync(folder, { recursive: true }))

const [one = '', two = ''] = rootCertificates

function file(name: string, text: string): string {
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
