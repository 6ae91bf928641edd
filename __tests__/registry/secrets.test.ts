import { describe, expect, test } from '@jest/globals'
import { basicHeader, secretsOf } from '../../src/registry/credentials/credentials.js'
import { describe as describeAnswer } from '../../src/registry/errors.js'
import { Secrets } from '../../src/registry/secrets.js'
import { response } from './wire.js'

type Pair = { username: string; password: string }

function redactor(basic: Pair | undefined): (text: string) => string {
  const secrets = new Secrets()
  for (const each of basic === undefined ? [] : secretsOf({ kind: 'basic', ...basic })) secrets.add(each)
  return (text) => secrets.redact(text)
}

const bob = { username: 'bob', password: 'hunter22' }

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
