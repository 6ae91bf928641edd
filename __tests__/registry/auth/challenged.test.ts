import { expect, test } from '@jest/globals'
import { Challenged } from '../../../src/registry/auth/challenged.js'
import type { Request, Response } from '../../../src/registry/send.js'
import { request, response } from '../wire.js'

const bearer = (action: string): string =>
  `Bearer realm="https://a.example/",scope="repository:acme/app:${action}"`
const to = (method: Request['method'], path = 'acme/app/manifests/x'): Request =>
  request(`https://registry.example.com/v2/${path}`, { method })
const scopeOf = ({ challenge }: Response): string | undefined => challenge?.parameters.get('scope')

test('a refusal carries the latest Bearer challenge to a request of its kind and repository', async () => {
  const challenged = new Challenged()
  const challenges = [bearer('pull'), bearer('delete'), 'Basic realm="harbor"']
  const send = challenged.noting(async () => response(401, { 'www-authenticate': challenges.shift() ?? '' }))
  await send(to('GET'))
  await send(to('DELETE'))
  await send(to('DELETE'))
  const explained = (request: Request, status: number): string | undefined =>
    scopeOf(challenged.explained(request, response(status)))
  expect(explained(to('DELETE', 'acme/app/blobs/y'), 403)).toBe('repository:acme/app:delete')
  expect(explained(to('HEAD'), 401)).toBe('repository:acme/app:pull')
  expect(explained(to('PUT'), 403)).toBeUndefined()
  expect(explained(to('DELETE', 'acme/other/blobs/y'), 403)).toBeUndefined()
  expect(explained(to('DELETE'), 404)).toBeUndefined()
})
