import { describe, expect, test } from '@jest/globals'
import { proxiesOf, proxySecrets, unusedProxy } from '../../src/action/proxy.js'

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

describe('the proxies of the environment', () => {
  test('are named by six variables, as they are, and by no other', () => {
    const proxies = {
      HTTP_PROXY: 'http://a:1',
      HTTPS_PROXY: 'b:2',
      NO_PROXY: '*',
      http_proxy: '',
      https_proxy: 'not a url',
      no_proxy: 'c',
    }
    expect(proxiesOf({ ...proxies, ALL_PROXY: 'http://d:4', PATH: '/bin' })).toEqual(proxies)
  })

  test('are none if none is set', () => {
    expect(proxiesOf({ PATH: '/bin', HTTP_PROXY: undefined })).toEqual({})
  })
})

describe('the secrets of proxies', () => {
  test('are the password, and user and password as they are sent', () => {
    expect(proxySecrets({ HTTPS_PROXY: 'http://me:hunter22@proxy.example:3128' })).toEqual([
      'hunter22',
      'hunter22',
      base64('me:hunter22'),
    ])
  })

  test('are the password as it is written and as it is meant', () => {
    expect(proxySecrets({ http_proxy: 'http://m%40e:h%3Anter%2022@proxy.example' })).toEqual([
      'h%3Anter%2022',
      'h:nter 22',
      base64('m@e:h:nter 22'),
    ])
  })

  test('may hold a percent sign that escapes nothing', () => {
    expect(proxySecrets({ http_proxy: 'http://me:100%@proxy.example' })).toEqual([
      '100%',
      '100%',
      base64('me:100%'),
    ])
  })

  test('are those of every proxy', () => {
    const environment = { HTTP_PROXY: 'http://a:one@p', https_proxy: 'http://b:two@p' }
    expect(proxySecrets(environment)).toEqual(
      expect.arrayContaining(['one', 'two', base64('a:one'), base64('b:two')]),
    )
  })

  test.each(['http://proxy.example:3128', 'http://me@proxy.example', 'proxy.example:3128', '', 'no url'])(
    'are none in %j',
    (value) => {
      expect(proxySecrets({ HTTPS_PROXY: value })).toEqual([])
    },
  )

  test.each(['me:hunter22@proxy.example:3128', 'socks5://me:hunter22@proxy.example:1080'])(
    'are also those of a proxy that is not used: %s',
    (value) => {
      for (const name of ['HTTPS_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'])
        expect(proxySecrets({ [name]: value })).toEqual(['hunter22', 'hunter22', base64('me:hunter22')])
    },
  )

  test('are none in another variable', () => {
    expect(proxySecrets({ FTP_PROXY: 'http://me:hunter22@proxy.example' })).toEqual([])
  })
})

describe('a proxy that is not used', () => {
  const HTTPS = 'https://registry.example.com'
  const HTTP = 'http://registry.example.com:5000'

  test.each([
    ['proxy.example:3128', 'no-scheme', undefined],
    ['proxy.example', 'no-scheme', undefined],
    ['me:hunter22@proxy.example:3128', 'no-scheme', undefined],
    ['//proxy.example:3128', 'no-scheme', undefined],
    ['socks5://proxy.example:1080', 'scheme', 'socks5'],
    ['socks5h://me:hunter22@proxy.example:1080', 'scheme', 'socks5h'],
    ['HTTP://proxy.example:3128', 'scheme', 'HTTP'],
  ])('is %s', (value, why, scheme) => {
    for (const name of ['HTTPS_PROXY', 'https_proxy']) {
      const unused = unusedProxy({ [name]: value }, HTTPS)
      expect(unused).toEqual({
        kind: 'proxy-not-used',
        name,
        why,
        ...(scheme !== undefined && { scheme }),
        instead: 'HTTPS_PROXY',
      })
      expect(unusedProxy({ [name]: value }, HTTP)).toBeUndefined()
    }
    for (const name of ['HTTP_PROXY', 'http_proxy']) {
      expect(unusedProxy({ [name]: value }, HTTP)).toMatchObject({ name, why, instead: 'HTTP_PROXY' })
      expect(unusedProxy({ [name]: value }, HTTPS)).toBeUndefined()
    }
  })

  test('is one in a variable that nothing here reads', () => {
    for (const name of ['ALL_PROXY', 'all_proxy'])
      for (const value of ['http://proxy.example:3128', 'socks5://proxy.example'])
        expect(unusedProxy({ [name]: value }, HTTPS)).toMatchObject({ name, why: 'not-read' })
    expect(unusedProxy({ ALL_PROXY: 'x', HTTPS_PROXY: 'http://proxy.example' }, HTTPS)).toBeUndefined()
  })

  test('is the one in lower case, which comes first', () => {
    const good = 'http://proxy.example:3128'
    expect(unusedProxy({ https_proxy: 'proxy:1', HTTPS_PROXY: good }, HTTPS)).toMatchObject({
      name: 'https_proxy',
    })
    expect(unusedProxy({ https_proxy: good, HTTPS_PROXY: 'proxy:1' }, HTTPS)).toBeUndefined()
    expect(unusedProxy({ https_proxy: '', HTTPS_PROXY: 'proxy:1' }, HTTPS)).toMatchObject({
      name: 'HTTPS_PROXY',
    })
  })

  test('is none where none is named, and none of an http scheme', () => {
    expect(unusedProxy({}, HTTPS)).toBeUndefined()
    for (const value of ['http://proxy.example:3128', 'https://me:x@proxy.example'])
      expect(unusedProxy({ HTTPS_PROXY: value }, HTTPS)).toBeUndefined()
  })

  test.each([
    ['*', true],
    ['registry.example.com', true],
    ['a.example, Registry.Example.com', true],
    ['registry.example.com:443', false],
    ['.example.com', true],
    ['*.example.com', true],
    ['example.com', false],
    ['.registry.example.com', true],
    ['egistry.example.com', false],
    ['', false],
  ])('is none where NO_PROXY exempts the registry: %j (%s)', (list, exempt) => {
    for (const name of ['NO_PROXY', 'no_proxy'])
      expect(unusedProxy({ HTTPS_PROXY: 'proxy:1', [name]: list }, HTTPS) === undefined).toBe(exempt)
    expect(
      unusedProxy({ HTTP_PROXY: 'proxy:1', NO_PROXY: 'registry.example.com:5000' }, HTTP),
    ).toBeUndefined()
  })
})
