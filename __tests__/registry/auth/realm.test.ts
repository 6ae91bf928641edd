import { describe, expect, test } from '@jest/globals'
import { parseRealm } from '../../../src/registry/auth/realm.js'
import { request } from '../wire.js'

const SECURE = request('https://registry.example.com/v2/acme/app/tags/list')
const PLAIN = request('http://registry.example.com:5000/v2/acme/app/tags/list')

const refused = (realm: string, asked = SECURE, failure = 'forbidden-address'): void => {
  expect(() => parseRealm(asked, realm)).toThrow(
    expect.objectContaining({
      name: 'WireError',
      failure,
      message: expect.stringContaining(`GET ${asked.url.href}: `),
    }),
  )
}

describe('the address of a token service', () => {
  test.each([
    ['https://auth.example.com/token', 'https://auth.example.com/token'],
    ['https://auth.example.com', 'https://auth.example.com/'],
    ['https://auth.example.com:8443/a/b?c=d', 'https://auth.example.com:8443/a/b?c=d'],
    ['HTTPS://Auth.Example.com/Token', 'https://auth.example.com/Token'],
    ['https://registry.example.com/v2/token', 'https://registry.example.com/v2/token'],
    ['https://[2001:db8::1]/token', 'https://[2001:db8::1]/token'],
    ['https://auth.example.com/token#part', 'https://auth.example.com/token'],
  ])('may be any with https: %s', (realm, href) => {
    expect(parseRealm(SECURE, realm).href).toBe(href)
    expect(parseRealm(PLAIN, realm).href).toBe(href)
  })

  test.each([
    'https://10.0.0.1/token',
    'https://192.168.1.1:8443/',
    'https://127.0.0.1/',
    'https://localhost/',
    'https://auth.internal/',
  ])('may be in a private network, where registries are: %s', (realm) => {
    expect(() => parseRealm(SECURE, realm)).not.toThrow()
  })

  test('is over plain http only where the registry itself is', () => {
    for (const host of ['auth.example.com', 'registry.example.com', 'localhost:5001'])
      refused(`http://${host}/token`, SECURE, 'plain-token-service')
    expect(parseRealm(PLAIN, 'http://auth.example.com/token').href).toBe('http://auth.example.com/token')
  })

  test('over plain http is told from others, with the settings that make it https', () => {
    expect(() => parseRealm(SECURE, 'http://registry.example.com/token')).toThrow(
      /a token service over plain http \(registry\.example\.com\), .* `auth\.token\.realm`; others: the external URL\), or .* `X-Forwarded-Proto: https`$/,
    )
  })

  test.each([
    'https://bob@auth.example.com/token',
    'https://bob:hunter22@auth.example.com/token',
    'https://:hunter22@auth.example.com/token',
    'https://registry.example.com@evil.example/token',
  ])('has no user in it: %s', (realm) => {
    refused(realm)
    refused(realm, PLAIN)
  })

  test('is repeated in no message with its user or its query', () => {
    for (const realm of ['https://bob:hunter22@auth.example.com/', 'http://auth.example.com/?x=hunter22']) {
      let said = ''
      try {
        parseRealm(SECURE, realm)
      } catch (error) {
        said = String(error)
      }
      expect(said).toContain('auth.example.com')
      expect(said).not.toContain('hunter22')
    }
  })

  test.each([
    '169.254.169.254',
    '169.254.0.1',
    '169.254.255.255',
    '169.254.169.254.',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '2852039166',
    '0xA9.254.43518',
    '[fe80::1]',
    '[FE80::1]',
    '[febf:ffff::1]',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[0:0:0:0:0:ffff:a9fe:1]',
    '[::169.254.169.254]',
    '[64:ff9b::169.254.169.254]',
    '[fd00:ec2::254]',
    '[fd00:0ec2:0:0::0254]',
    'metadata.google.internal',
    'METADATA.google.internal.',
    'metadata',
    'instance-data',
    '100.100.100.200',
    '[::ffff:100.100.100.200]',
    '１６９.254.169.254',
    '169%2e254%2e169%2e254',
  ])('is neither link-local nor a metadata service, in any notation: %s', (host) => {
    for (const port of ['', ':8443']) {
      refused(`https://${host}${port}/token`)
      refused(`http://${host}${port}/token`, PLAIN)
    }
  })

  test.each([
    '',
    ' ',
    'token',
    '/token',
    '//auth.example.com/token',
    'auth.example.com/token',
    'https',
    'https://',
    'https://[',
    'https://a b/',
    'https://auth.example.com:99999/',
    'ftp://auth.example.com/token',
    'file:///etc/passwd',
    'data:text/plain,{"token":"x"}',
    'javascript:0',
    'ws://auth.example.com/',
    '\0',
  ])('is whole, and of http: %j', (realm) => {
    refused(realm)
    refused(realm, PLAIN)
  })
})
