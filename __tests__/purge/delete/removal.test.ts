import { describe, expect, test } from '@jest/globals'
import type { Digest } from '../../../src/oci/digest.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { Item } from '../../../src/plan/item.js'
import type { RefusedBecause } from '../../../src/plan/outcome.js'
import { judge, type Removal } from '../../../src/purge/delete/removal.js'
import { response } from '../../registry/wire.js'

const TAG: Item = { kind: 'tag', name: 'debug-42' as Tag }
const MANIFEST: Item = { kind: 'manifest', name: `sha256:${'a'.repeat(64)}` as Digest }
const BLOB: Item = { kind: 'blob', name: `sha256:${'b'.repeat(64)}` as Digest }

/** How the response with this status and error code is judged. */
function judged(status: number, code: string | undefined, item: Item): Removal | undefined {
  const body = code === undefined ? '' : JSON.stringify({ errors: [{ code }] })
  return judge(response(status, { 'content-type': 'application/json' }, body), item)
}

describe('the response to a DELETE', () => {
  test.each([200, 202, 204, 299])('%d says that it worked', (status) => {
    for (const item of [TAG, MANIFEST, BLOB])
      expect(judged(status, undefined, item)).toEqual({ is: 'deleted' })
  })

  test('202 with errors says that it worked, and keeps what else it says', () => {
    expect(judged(202, 'UNKNOWN', MANIFEST)).toEqual({
      is: 'deleted',
      detail: { is: 'answered', answered: '202 UNKNOWN' },
    })
  })

  test.each<[Item['kind'], string, Item]>([
    ['tag', 'MANIFEST_UNKNOWN', TAG],
    ['manifest', 'MANIFEST_UNKNOWN', MANIFEST],
    ['manifest', 'NAME_UNKNOWN', MANIFEST],
    ['blob', 'BLOB_UNKNOWN', BLOB],
  ])('404 of a %s with %s says that it is gone', (_, code, item) => {
    expect(judged(404, code, item)).toEqual({ is: 'already-gone' })
  })

  test('404 without a code settles nothing, and for a tag means that there is no such endpoint', () => {
    for (const item of [MANIFEST, BLOB]) expect(judged(404, undefined, item)).toBeUndefined()
    expect(judged(404, undefined, TAG)).toEqual({ is: 'unsupported', answered: '404' })
  })

  test.each<[number, string | undefined, Item, Removal]>([
    [401, 'UNAUTHORIZED', MANIFEST, { is: 'denied', answered: '401 UNAUTHORIZED' }],
    [401, undefined, TAG, { is: 'denied', answered: '401' }],
    [400, 'DIGEST_INVALID', TAG, { is: 'unsupported', answered: '400 DIGEST_INVALID' }],
  ])('%d %s is judged by both', (status, code, item, removal) => {
    expect(judged(status, code, item)).toEqual(removal)
  })

  test.each<[number, string, Item, RefusedBecause]>([
    [405, 'UNSUPPORTED', MANIFEST, 'locked'],
    [405, 'UNSUPPORTED', TAG, 'locked'],
    [405, '', BLOB, 'locked'],
    [405, '', TAG, 'locked'],
    [501, '', MANIFEST, 'locked'],
    [400, '', MANIFEST, 'locked'],
    [451, '', BLOB, 'locked'],
    [403, 'INSUFFICIENT_SCOPE', TAG, 'forbidden'],
    [405, 'DENIED', MANIFEST, 'referenced'],
    [409, 'MANIFEST_REFERENCED', MANIFEST, 'referenced'],
    [400, 'GOOGLE_MANIFEST_DANGLING_TAG', MANIFEST, 'referenced'],
    [405, 'LOCKED', MANIFEST, 'locked'],
    [409, '', MANIFEST, 'locked'],
    [412, 'PRECONDITION', MANIFEST, 'locked'],
    [423, '', BLOB, 'locked'],
    [400, 'DIGEST_INVALID', MANIFEST, 'locked'],
    [403, 'TAG_IMMUTABLE', TAG, 'locked'],
    [400, 'INVALID_REQUEST', TAG, 'locked'],
    [404, 'NO_SUCH_TAG', TAG, 'locked'],
    [403, 'DENIED', MANIFEST, 'forbidden'],
    [403, '', TAG, 'forbidden'],
  ])('%d %s is a refusal, with its reason', (status, code, item, why) => {
    const answered = code === '' ? `${status}` : `${status} ${code}`
    const refusal = { is: 'refused', answered, why, status, code }
    expect(judged(status, code === '' ? undefined : code, item)).toEqual(refusal)
  })

  test.each([403, 405])('%d with a web page is not of the registry', (status) => {
    const page = response(status, { 'content-type': 'text/html' }, '<html>blocked</html>')
    for (const item of [TAG, MANIFEST, BLOB]) expect(judge(page, item)).toMatchObject({ why: 'foreign' })
  })

  test.each(['<html>not here</html>', '404 page not found', '{"message":"no route"}', ''])(
    '404 with %j settles nothing for content',
    (body) => {
      for (const item of [MANIFEST, BLOB])
        expect(judge(response(404, { 'content-type': 'text/html' }, body), item)).toBeUndefined()
    },
  )

  test.each([302, 408, 410, 425, 429, 500, 502, 503])('%d settles nothing', (status) => {
    for (const item of [TAG, MANIFEST, BLOB]) expect(judged(status, undefined, item)).toBeUndefined()
  })
})
