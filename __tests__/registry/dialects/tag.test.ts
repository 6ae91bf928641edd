import { describe, expect, test } from '@jest/globals'
import { tag } from '../../../src/registry/dialects/tag.js'
import { response } from '../wire.js'
import { errorBody, removal } from './requests.js'

describe("the specification's tag endpoint", () => {
  test('removes a tag by one DELETE, which is not retried', async () => {
    expect(await removal(tag)).toEqual({
      sent: [
        {
          line: 'DELETE https://registry.example.com/v2/acme/app/manifests/debug',
          purpose: 'delete-tag',
          patience: 'once',
          timeout: 5_000,
          fresh: true,
        },
      ],
      status: 202,
    })
  })

  test.each<[string, number, string, boolean]>([
    ['is there if the registry does not know the tag', 404, errorBody('MANIFEST_UNKNOWN'), true],
    ['is there if the registry does not know the repository', 404, errorBody('NAME_UNKNOWN'), true],
    ['is there if the registry accepts the DELETE', 202, '', true],
    ['is there if permission is missing', 403, errorBody('DENIED'), true],
    ['is there if credentials are missing', 401, errorBody('UNAUTHORIZED'), true],
    ['is there if the registry asks for patience', 429, errorBody('TOOMANYREQUESTS'), true],
    ['is there if the registry fails', 500, '', true],
    ['is missing if the endpoint is unknown', 404, '404 page not found', false],
    ['is missing on distribution 2.x: 400 DIGEST_INVALID', 400, errorBody('DIGEST_INVALID'), false],
    ['is missing on 405 UNSUPPORTED', 405, errorBody('UNSUPPORTED'), false],
    ['is missing on 400 UNSUPPORTED', 400, errorBody('UNSUPPORTED'), false],
    ['is there on 405 without a code', 405, 'Method Not Allowed', true],
    ['is there on 405 DENIED', 405, errorBody('DENIED'), true],
    ['is there on 501', 501, '', true],
    ['is there on 404 with another code', 404, errorBody('DENIED'), true],
    ['is there on 400 with another code', 400, errorBody('TAG_INVALID'), true],
  ])('%s', (_, status, body, recognised) => {
    expect(tag.recognise(response(status, {}, body))).toBe(recognised)
  })
})
