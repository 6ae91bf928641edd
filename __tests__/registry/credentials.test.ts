import { describe, expect, test } from '@jest/globals'
import { authorized, basicHeader, redactor } from '../../src/registry/credentials.js'
import { describe as describeAnswer } from '../../src/registry/errors.js'
import { answering, request, response } from './wire.js'

const bob = { username: 'bob', password: 'hunter22' }

describe('the Authorization header', () => {
  test('is that of RFC 7617, in UTF-8', () => {
    expect(basicHeader({ username: 'Aladdin', password: 'open sesame' })).toBe(
      'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
    )
    expect(basicHeader({ username: 'test', password: '123£' })).toBe('Basic dGVzdDoxMjPCow==')
  })

  test.each([
    ['https://registry.example.com/v2/', true],
    ['https://registry.example.com:443/v2/', true],
    ['http://registry.example.com/v2/', false],
    ['https://registry.example.com:5000/v2/', false],
    ['https://sub.registry.example.com/v2/', false],
    ['https://registry.example.com.evil.example/v2/', false],
    ['https://evil.example/?https://registry.example.com', false],
  ])('goes with a request to %s: %s', async (url, goes) => {
    const { send, asked } = answering(() => response(200))
    await authorized(send, 'https://registry.example.com', bob)(request(url, { headers: { accept: 'x' } }))
    expect(asked[0]?.headers).toEqual({ accept: 'x', ...(goes && { authorization: basicHeader(bob) }) })
  })

  test('is not there without credentials', async () => {
    const { send, asked } = answering(() => response(200))
    await authorized(
      send,
      'https://registry.example.com',
      undefined,
    )(request('https://registry.example.com/'))
    expect(asked[0]?.headers).toEqual({})
  })
})

describe('a text that may echo the request', () => {
  const odd = { username: 'bob', password: 'p"a\\s&s/w+ö d' }
  const forms = (password: string, username = 'bob'): [string, string][] => [
    ['as it is', password],
    ['in the header', basicHeader({ username, password })],
    ['in the header, without its padding', basicHeader({ username, password }).replace(/=+$/, '')],
    ['in base64', Buffer.from(password).toString('base64')],
    ['in base64 for URLs', Buffer.from(`${username}:${password}`).toString('base64url')],
    ['in a URL', encodeURIComponent(password)],
    ['in JSON', JSON.stringify(password).slice(1, -1)],
  ]

  test.each(forms(bob.password))('loses the password %s', (_, form) => {
    expect(redactor(bob)(`it said ${form}, and ${form} again`)).not.toContain(form)
  })

  test.each(forms(odd.password))('loses a password with odd signs %s', (_, form) => {
    expect(redactor(odd)(`it said ${form}, and ${form} again`)).not.toContain(form)
  })

  test.each([
    ['as it is', 'hunter22-and-more'],
    ['in the header', basicHeader({ username: 'bob', password: 'hunter22-and-more' })],
  ])('loses the password %s also where an answer was cut off in the middle of it', (_, form) => {
    const clean = redactor({ username: 'bob', password: 'hunter22-and-more' })
    for (let before = 150; before < 200; before++) {
      const said = clean(describeAnswer(response(500, {}, `${'x'.repeat(before)} ${form} and so on`)))
      expect([before, said.slice(-40)]).toEqual([before, expect.not.stringContaining(form.slice(0, 14))])
    }
  })

  test('keeps the rest', () => {
    expect(redactor(bob)('401 hunter22: bob is refused')).toBe('401 ***: bob is refused')
  })

  test('keeps all of it where a password is so short that it stands in every digest', () => {
    const text = `sha256:${'abc'.repeat(21)}a`
    expect(redactor({ username: 'bob', password: 'abc' })(text)).toBe(text)
  })

  test('keeps all of it without credentials', () => {
    expect(redactor(undefined)('hunter22')).toBe('hunter22')
  })

  test('takes the password for a text, and not for a pattern', () => {
    expect(redactor({ username: 'bob', password: '.*+?$&' })('a .*+?$& b')).toBe('a *** b')
  })
})
