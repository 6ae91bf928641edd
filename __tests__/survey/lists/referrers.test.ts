import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../src/oci/digest.js'
import { listReferrers } from '../../../src/survey/lists/referrers.js'
import { response } from '../../registry/wire.js'
import { json, linkTo, registryOf, REPO } from '../wire.js'

const SUBJECT = sha256('subject')
const LIST = `/v2/${REPO}/referrers/${SUBJECT}`
const [one, two] = [sha256('one'), sha256('two')]
const index = (...digests: readonly unknown[]) => ({ manifests: digests.map((digest) => ({ digest })) })
const list = (answer: Parameters<typeof registryOf>[0]) =>
  listReferrers(registryOf(answer).client, REPO, SUBJECT)

describe('the list of referrers', () => {
  test('is read to the last page', async () => {
    const listing = await list((path) =>
      path === LIST ? json(index(one), linkTo(`${LIST}?page=2`)) : json(index(one, two)),
    )
    expect(listing).toEqual({ is: 'listed', digests: [one, two] })
  })

  test.each([
    ['404 of a router', response(404, { 'content-type': 'text/plain' }, '404 page not found\n'), 'no-route'],
    ['404', response(404), 'other'],
    ['405', response(405), 'other'],
    ['406 (Artifactory)', response(406), 'other'],
    ['501', response(501), 'other'],
    ['400', response(400), 'other'],
    ['400 UNSUPPORTED', response(400, {}, '{"errors":[{"code":"UNSUPPORTED"}]}'), 'other'],
    ['403 of a firewall', response(403, { 'content-type': 'text/html' }, '<html>blocked</html>'), 'other'],
    ['a page of HTML', response(200, { 'content-type': 'text/HTML' }, '<p>'), 'other'],
    ['JSON that is no index', json({ results: [] }), 'other'],
    ['manifests that are no list', json({ manifests: 'none' }), 'other'],
    ['errors in a 200', json({ errors: [{ code: 'UNSUPPORTED' }] }), 'other'],
    ['an object without keys (Harbor)', json({}), 'unknown'],
  ] as const)('is not there: %s', async (_, answer, sign) => {
    expect(await list(() => answer)).toEqual({ is: 'absent', sign })
  })

  test.each([
    [
      'a later page that is missing',
      [json(index(one), linkTo('/2')), response(404)],
      { is: 'refused', answered: '404' },
    ],
    ['an error', [response(500)], { is: 'refused', answered: '500' }],
    ['403', [response(403)], { is: 'refused', answered: '403' }],
    ['401', [response(401)], { is: 'refused', answered: '401' }],
    ['429', [response(429)], { is: 'refused', answered: '429' }],
    [
      'a list that is cut off',
      [response(200, { 'content-type': 'application/json' }, '{"manifests":[{')],
      { is: 'refused', answered: '200' },
    ],
    [
      'an announced list without a body',
      [response(200, { 'content-type': 'application/json' })],
      { is: 'refused', answered: '200' },
    ],
    ['an entry without a digest', [json(index(one, 'x'))], { is: 'refused', answered: '200' }],
    ['a circle', [json(index(one), linkTo(LIST))], { is: 'flawed', flaw: { is: 'circle' } }],
    ['nothing new', [json(index(), linkTo('/2'))], { is: 'flawed', flaw: { is: 'no-progress' } }],
    [
      'a cache',
      [json(index(one), { age: '7' }), json(index(one), { age: '7' })],
      { is: 'cached', cache: 'age: 7' },
    ],
  ])('is unclear: %s', async (_, answers, why) => {
    const left = [...answers]
    const listing = await list(() => left.shift() ?? response(500))
    expect(listing).toEqual({ is: 'unclear', why })
    expect(left).toEqual([])
  })

  test('is read past caches if it comes out of one, on the connection that is wanted', async () => {
    const fresh: boolean[] = []
    const { client, asked } = registryOf((path, request) => {
      fresh.push(request.fresh)
      return json(index(one), path === LIST ? { age: '7' } : {})
    })
    expect(await listReferrers(client, REPO, SUBJECT, true)).toEqual({ is: 'listed', digests: [one] })
    expect([asked, fresh]).toEqual([
      [LIST, `${LIST}?registry-purge=new`],
      [true, true],
    ])
  })
})
