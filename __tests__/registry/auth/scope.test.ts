import { describe, expect, test } from '@jest/globals'
import { parseScope, scopeKey, scopeText } from '../../../src/registry/auth/scope.js'

describe('a scope', () => {
  test('is a list of resources, with the actions on each', () => {
    expect(parseScope('repository:acme/app:pull,delete registry:catalog:*')).toEqual([
      { type: 'repository', name: 'acme/app', actions: ['pull', 'delete'] },
      { type: 'registry', name: 'catalog', actions: ['*'] },
    ])
  })

  test('may name a resource with colons, as where a port is part of the name', () => {
    expect(parseScope('repository:localhost:5000/app:pull')).toEqual([
      { type: 'repository', name: 'localhost:5000/app', actions: ['pull'] },
    ])
  })

  test('may have a class behind its type', () => {
    expect(parseScope('repository(plugin):acme/app:pull')).toEqual([
      { type: 'repository(plugin)', name: 'acme/app', actions: ['pull'] },
    ])
  })

  test('has no empty actions and no empty entries', () => {
    expect(parseScope('  repository:app:,pull,,push,   ')).toEqual([
      { type: 'repository', name: 'app', actions: ['pull', 'push'] },
    ])
  })

  test.each(['', ' ', 'openid', 'repository:app', ':', 'a b c'])(
    'is none where nothing is granted by it: %j',
    (text) => {
      expect(parseScope(text)).toEqual([])
    },
  )
})

describe('the key of a scope', () => {
  test.each([
    ['repository:app:pull,push', 'repository:app:push,pull'],
    ['repository:a:pull repository:b:pull', 'repository:b:pull repository:a:pull'],
    ['repository:a:x,y repository:b:z', '  repository:b:z   repository:a:y,x '],
    ['repository:localhost:5000/app:pull,push', 'repository:localhost:5000/app:push,pull'],
    ['openid profile', 'profile openid'],
    ['', ' '],
  ])('is the same whatever the order: %j and %j', (one, other) => {
    expect(scopeKey(one)).toBe(scopeKey(other))
  })

  test('is another one for every other permission', () => {
    const all = [
      '',
      'repository:app:pull',
      'repository:app:push',
      'repository:app:pull,push',
      'repository:app:*',
      'repository:app/pull:push',
      'repository:App:pull',
      'registry:app:pull',
      'repository:app:pull repository:other:pull',
      'repository:app:pull:push',
      'openid',
    ]
    expect(new Set(all.map(scopeKey)).size).toBe(all.length)
  })
})

describe('a scope for a person', () => {
  test.each([
    ['repository:acme/app:delete', '`delete` on acme/app'],
    ['repository:acme/app:pull,push', '`pull` and `push` on acme/app'],
    ['registry:catalog:*', '`*` on the registry catalog'],
    ['repository:a:pull repository:b:push', '`pull` on a and `push` on b'],
    ['', 'what was requested'],
    ['openid', 'what was requested'],
  ])('%j is %s', (scope, text) => {
    expect(scopeText(scope)).toBe(text)
  })
})
