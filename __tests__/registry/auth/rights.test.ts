import { describe, expect, test } from '@jest/globals'
import { parseChallenges } from '../../../src/registry/auth/challenge.js'
import { rightFor, type Product } from '../../../src/registry/auth/rights.js'
import { response } from '../wire.js'

const bearer = (realm: string, service: string, scope: string): string =>
  `Bearer realm="${realm}",service="${service}",scope="${scope}"`
const DELETE = 'repository:acme/app:delete'

describe('the right that is missing', () => {
  test.each<[Product, string]>([
    ['gitea', bearer('https://git.example.com/v2/token', 'container_registry', '*')],
    ['gitea', 'Basic realm="Gitea Package API"'],
    ['gitlab', bearer('https://gitlab.example.com/jwt/auth', 'container_registry', DELETE)],
    ['harbor', bearer('https://harbor.example.com/service/token', 'harbor-registry', DELETE)],
    ['harbor', 'Basic realm="harbor"'],
    ['quay', bearer('https://quay.example.com/v2/auth', 'quay.example.com', 'repository:acme/app:pull,push')],
    ['docker-hub', bearer('https://auth.docker.io/token', 'registry.docker.io', DELETE)],
    ['ghcr', bearer('https://ghcr.io/token', 'ghcr.io', DELETE)],
    ['acr', bearer('https://acme.azurecr.io/oauth2/token', 'acme.azurecr.io', DELETE)],
    [
      'ecr',
      'Basic realm="https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com"',
    ],
    ['artifact-registry', bearer('https://europe-docker.pkg.dev/v2/token', 'europe-docker.pkg.dev', DELETE)],
    ['artifact-registry', bearer('https://gcr.io/v2/token', 'gcr.io', DELETE)],
  ])('is one of %s by its challenge %s', (product, header) => {
    const right = { is: 'of-product', product, need: 'delete' }
    expect(rightFor(response(401, { 'www-authenticate': header }), 'delete')).toEqual(right)
    const [challenge] = parseChallenges(header)
    expect(challenge).toBeDefined()
    if (challenge !== undefined)
      expect(rightFor(response(403, {}, '', { challenge }), 'delete')).toEqual(right)
  })

  test.each([
    ['delete', ['delete']],
    ['pull,push', ['push']],
    ['pull', ['pull']],
    ['*', ['*']],
    ['delete,pull,push', ['push', 'delete']],
  ])('is that of the scope repository:…:%s else', (scope, actions) => {
    const header = bearer('https://auth.example.com/token', 'registry', `repository:acme/app:${scope}`)
    const found = rightFor(response(401, { 'www-authenticate': header }), 'delete')
    expect(found).toEqual({ is: 'actions', actions })
  })

  test.each([
    ['no challenge', {}],
    ['Basic', { 'www-authenticate': 'Basic realm="Registry"' }],
    ['no scope', { 'www-authenticate': 'Bearer realm="https://auth.example.com/token"' }],
    [
      'a scope that is not of a repository',
      { 'www-authenticate': bearer('https://a.example/', 'a', 'registry:catalog:*') },
    ],
    [
      'an action that nobody knows',
      { 'www-authenticate': bearer('https://a.example/', 'a', 'repository:a:hunter2') },
    ],
    [
      'a service of this name whose scope is none of theirs',
      { 'www-authenticate': bearer('https://a.example/', 'container_registry', '') },
    ],
    ['a realm that is no URL', { 'www-authenticate': bearer('::', 'a', '') }],
  ])('is not known with %s', (_, headers) => {
    expect(rightFor(response(401, headers), 'delete')).toBeUndefined()
  })

  test('is that of the response itself rather than that of an earlier challenge', () => {
    const [challenge] = parseChallenges(bearer('https://auth.example.com/token', 'a', DELETE))
    const header = bearer('https://auth.example.com/token', 'a', 'repository:acme/app:pull,push')
    const both = response(
      403,
      { 'www-authenticate': header },
      '',
      challenge === undefined ? {} : { challenge },
    )
    expect(rightFor(both, 'delete')).toEqual({ is: 'actions', actions: ['push'] })
  })
})
