import { describe, expect, test } from '@jest/globals'
import { proxiesOf, proxySecrets } from '../../src/action/proxy.js'

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

  test('are none in another variable', () => {
    expect(proxySecrets({ ALL_PROXY: 'http://me:hunter22@proxy.example' })).toEqual([])
  })
})
