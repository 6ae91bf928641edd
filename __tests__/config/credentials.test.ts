import { rootCertificates } from 'node:tls'
import { describe, expect, test } from '@jest/globals'
import { problems, read, settings, type Given } from './given.js'

const A = `sha256:${'a'.repeat(64)}`

describe('credentials', () => {
  test('are both there or neither', () => {
    expect(settings({}).basic).toBeUndefined()
    expect(settings({ username: 'bob', password: 'hunter22' }).basic).toEqual({
      username: 'bob',
      password: 'hunter22',
    })
    expect(problems({ username: 'bob' })).toEqual([expect.stringMatching(/^password: .*both or neither/)])
    expect(problems({ password: 'hunter22' })).toEqual([
      expect.stringMatching(/^username: .*both or neither/),
    ])
  })

  test('are masked, in both forms in which they go over the wire, also when something else is wrong', () => {
    const given = { username: 'bob', password: 'hunter22' }
    const all = ['hunter22', Buffer.from('bob:hunter22').toString('base64')]
    expect(read(given).secrets).toEqual(all)
    expect(read({ ...given, image: '' }).secrets).toEqual(all)
    expect(read({ password: 'hunter22' }).secrets).toContain('hunter22')
    expect(read({}).secrets).toEqual([])
  })

  test('have a user name without a colon, which Basic cannot carry', () => {
    expect(problems({ username: 'bob:x', password: 'hunter22' })).toEqual([
      expect.stringMatching(/^username: .*colon/),
    ])
  })

  test.each<[string, Given]>([
    ['as the password beside another mistake', { username: 'bob', password: 'hunter22', timeout: 'x' }],
    ['as a password without a user name', { password: 'hunter22' }],
    ['in the address of the registry', { registry: 'https://bob:hunter22@registry.example.com' }],
    ['in an address with a mistake', { registry: 'https://bob:hunter22@registry.example.com/v2/' }],
    ['in image', { image: 'https://bob:hunter22@registry.example.com/acme/app:1' }],
    ['in image, without a scheme', { image: 'bob:hunter22@registry.example.com/acme/app:1' }],
    ['in blobs', { blobs: `bob:hunter22@registry.example.com/acme/app@${A}` }],
    ['in protected-tags', { 'protected-tags': 'https://bob:hunter22@registry.example.com/acme/app:1' }],
    [
      'in the path of the authorities',
      { 'ca-certificate': 'https://bob:hunter22@registry.example.com/ca.pem' },
    ],
    ['in approve', { approve: 'https://bob:hunter22@registry.example.com' }],
    ['behind the user name', { username: 'bob:hunter22', password: 'hunter22' }],
    ['behind the user name, and only there', { username: 'bob:hunter22', password: 'x' }],
    ['in the address, with a slash in it', { registry: 'https://bob:a/hunter22@registry.example.com' }],
    ['in image, with an @ in it', { image: 'https://bob:a@hunter22@registry.example.com/acme/app:1' }],
    ['in image, with a comma in it', { image: 'https://bob:hunter22,x@registry.example.com/acme/app:1' }],
  ])('stand in no message and in no report: %s', (_, given) => {
    const { problems, shown, settings } = read(given)
    expect(settings).toBeUndefined()
    expect(problems).not.toEqual([])
    expect(JSON.stringify({ problems, shown })).not.toContain('hunter22')
  })

  test('stand in no list of inputs in force', () => {
    const { shown } = settings({
      username: 'bob',
      password: 'hunter22',
      'ca-certificate': rootCertificates[0] ?? '',
      reason: 'see https://bob:hunter22@tracker.example.com/42',
    })
    expect(shown).toMatchObject({ username: 'bob', 'ca-certificate': '(PEM text)' })
    expect(Object.keys(shown)).not.toContain('password')
    expect(JSON.stringify(shown)).not.toContain('hunter22')
    expect(JSON.stringify(shown)).not.toContain('BEGIN')
  })
})
