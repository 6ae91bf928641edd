import { describe as group, expect, test } from '@jest/globals'
import {
  describe,
  display,
  errorEntries,
  hasCode,
  isDenied,
  isGone,
  WireError,
} from '../../src/registry/errors.js'
import type { Failure } from '../../src/registry/failure.js'
import { request, response } from './wire.js'

const body = (...errors: unknown[]): string => JSON.stringify({ errors })

group('the errors in a body', () => {
  test.each<[string, string, string[]]>([
    ['as the specification has them', body({ code: 'BLOB_UNKNOWN', message: 'x' }), ['BLOB_UNKNOWN']],
    ['several', body({ code: 'A' }, { code: 'B' }), ['A', 'B']],
    ['beside entries that are none', body(null, 1, 'x', {}, { code: 5 }, { code: 'A' }), ['A']],
    [
      'but no code that is text from elsewhere',
      body({ code: '::error::' }, { code: 'a b' }, { code: 'a' }),
      [],
    ],
    ['but no endless code', body({ code: 'A'.repeat(65) }), []],
    ['not in a list that is none', JSON.stringify({ errors: { code: 'A' } }), []],
    ['not in null', 'null', []],
    ['not in a list', '[{"code":"A"}]', []],
    ['not in text', '404 page not found', []],
    ['not in nothing', '', []],
    ['not in JSON that is cut off', body({ code: 'A' }).slice(0, -1), []],
  ])('are read: %s', (_, text, codes) => {
    expect(errorEntries(Buffer.from(text)).map(({ code }) => code)).toEqual(codes)
  })

  test('are read whatever the type of the body', () => {
    const plain = response(404, { 'content-type': 'text/plain' }, body({ code: 'BLOB_UNKNOWN' }))
    expect(hasCode(plain, 'BLOB_UNKNOWN')).toBe(true)
    expect(hasCode(plain, (code) => code.startsWith('BLOB'))).toBe(true)
    expect(hasCode(plain, 'MANIFEST_UNKNOWN')).toBe(false)
  })
})

group('an answer', () => {
  test.each([
    [404, true],
    [410, true],
    [200, false],
    [204, false],
    [400, false],
    [401, false],
    [403, false],
    [405, false],
    [429, false],
    [500, false],
    [503, false],
  ])('%i means gone: %s', (status, gone) => {
    expect(isGone(response(status))).toBe(gone)
  })

  test('refuses the user with 401 and 403 only', () => {
    expect([401, 403, 400, 404, 405, 500].filter((status) => isDenied(response(status)))).toEqual([401, 403])
  })
})

group('an answer in a sentence', () => {
  test.each<[string, number, string, string]>([
    [
      'with code and message',
      404,
      body({ code: 'BLOB_UNKNOWN', message: 'no such' }),
      '404 BLOB_UNKNOWN (no such)',
    ],
    ['with a code only', 405, body({ code: 'UNSUPPORTED' }), '405 UNSUPPORTED'],
    ['with a message that is no text', 400, body({ code: 'A', message: { a: 1 } }), '400 A'],
    ['with text', 404, '404 page not found\n', '404 404 page not found'],
    ['on one line', 500, 'a\r\n\r\n::error::b\tc', '500 a ::error::b c'],
    ['with nothing', 502, '', '502'],
  ])('is said: %s', (_, status, text, sentence) => {
    expect(describe(response(status, {}, text))).toBe(sentence)
  })

  test('is bounded, whatever came', () => {
    const many = Array.from({ length: 1000 }, () => ({ code: 'A'.repeat(64), message: 'm'.repeat(10_000) }))
    expect(describe(response(500, {}, body(...many))).length).toBeLessThan(1000)
    expect(describe(response(500, {}, 'x'.repeat(100_000))).length).toBeLessThan(300)
  })

  test('says that the body was cut off', () => {
    expect(describe(response(200, {}, '', { cut: true }))).toBe('200, and the body was cut off')
  })
})

group('a URL in a message', () => {
  test('has neither user nor query nor fragment', () => {
    const url = new URL('https://bob:hunter22@registry.example.com:5000/v2/acme/app?token=hunter22#hunter22')
    expect(display(url)).toBe('https://registry.example.com:5000/v2/acme/app?…')
    expect(display(new URL('http://registry.example.com/v2/'))).toBe('http://registry.example.com/v2/')
  })
})

group('a failure on the wire', () => {
  const failure = (what: Failure, code: string, url = 'https://registry.example.com/v2/'): string =>
    new WireError(request(url), what, code).message

  test.each<[Failure, string, RegExp]>([
    ['network', 'ENOTFOUND', /registry\.example\.com was not found.*`registry`/],
    ['network', 'EAI_AGAIN', /was not found/],
    ['network', 'ECONNREFUSED', /nothing listens at registry\.example\.com.*`registry`/],
    ['network', 'SELF_SIGNED_CERT_IN_CHAIN', /not trusted.*`ca-certificate`/],
    ['network', 'DEPTH_ZERO_SELF_SIGNED_CERT', /not trusted.*`ca-certificate`/],
    ['network', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', /not trusted.*`ca-certificate`/],
    ['network', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /not trusted.*`ca-certificate`/],
    ['network', 'CERT_HAS_EXPIRED', /expired/],
    ['network', 'ERR_TLS_CERT_ALTNAME_INVALID', /another name.*`registry`/],
    [
      'network',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      /does not speak TLS.*`registry: http:\/\/registry\.example\.com`/,
    ],
    ['network', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', /does not speak TLS/],
    ['network', 'ECONNRESET', /the connection failed \(ECONNRESET\)$/],
    ['timeout', 'ETIMEDOUT', /no complete response in time.*`timeout`/],
    ['cancelled', 'ABORTED', /stopped/],
    ['too-large', '4096', /larger than.*4096 bytes/],
    ['forbidden-address', 'a link-local address', /address is a link-local address/],
  ])('%s %s says what happened and the way out', (what, code, sentence) => {
    expect(failure(what, code)).toMatch(sentence)
    expect(failure(what, code)).toMatch(/^GET https:\/\/registry\.example\.com\/v2\/: /)
  })

  test.each(['ECONNRESET', 'HPE_INVALID_CONSTANT'])('over plain http may be one of https: %s', (code) => {
    expect(failure('network', code, 'http://registry.example.com/v2/')).toMatch(
      /`registry` without http:\/\//,
    )
    expect(failure('network', code, 'https://registry.example.com/v2/')).not.toMatch(/without http/)
  })

  test('never shows user or query', () => {
    const message = failure(
      'network',
      'ECONNREFUSED',
      'https://bob:hunter22@registry.example.com/v2/?t=hunter22',
    )
    expect(message).not.toContain('hunter22')
  })
})
