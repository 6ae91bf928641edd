import { describe, expect, test } from '@jest/globals'
import type { ManifestFlaw } from '../../../src/oci/manifest.js'
import { sayListFlaw } from '../../../src/report/words/list-flaw.js'
import {
  sayMissing,
  sayUnknownDate,
  sayUnreadManifest,
  sayUnreadReferrers,
} from '../../../src/report/words/unread.js'
import type { ListFlaw, UnknownDate, UnreadManifest, UnreadReferrers } from '../../../src/survey/problem.js'
import { of } from '../reports.js'

const [one, two] = [of('one'), of('two')]
const answered = '500 UNKNOWN'
const unanswered = { is: 'unanswered', message: 'GET /v2/: no complete response in time' } as const

describe('why a manifest could not be read', () => {
  test.each<[UnreadManifest, string]>([
    [unanswered, 'GET /v2/: no complete response in time'],
    [{ is: 'refused', answered }, 'the registry returned 500 UNKNOWN'],
    [
      { is: 'cached', cache: 'age: 7' },
      'the response comes out of a cache in front of the registry (age: 7)',
    ],
    [{ is: 'cut-off' }, 'its body was cut off'],
    [{ is: 'other-bytes', named: one, digest: two }, `the bytes that came for ${one} have the digest ${two}`],
    [{ is: 'other-header' }, 'the Docker-Content-Digest header does not fit the bytes'],
    [{ is: 'conversion' }, 'the registry returned a schema 1 manifest that is a conversion of another'],
    [
      { is: 'too-deep', levels: 16, manifests: 500 },
      'indexes are nested more than 16 levels deep, or hold more than 500 manifests',
    ],
  ])('%j', (why, said) => {
    expect(sayUnreadManifest(why)).toBe(said)
    expect(sayMissing(why)).toBe(said)
  })

  test.each<[ManifestFlaw, string]>([
    [{ is: 'no-object' }, 'it is no JSON object, so it is no manifest'],
    [
      { is: 'miscased-key', key: 'Layers' },
      'its key "Layers" is one of a manifest\'s but for its case, and clients read that differently',
    ],
    [{ is: 'two-types' }, 'its Content-Type header and its own mediaType contradict each other'],
    [{ is: 'malformed' }, 'it is not a well-formed manifest of its media type'],
    [{ is: 'malformed-schema1' }, 'it is a schema 1 manifest that is not well-formed'],
  ])('its body is unusable: %j', (flaw, said) => {
    expect(sayUnreadManifest({ is: 'unusable', flaw })).toBe(said)
  })

  test('the registry does not know it', () => {
    expect(sayMissing(undefined)).toBe('the registry does not know it')
  })
})

test.each<[UnreadReferrers, string]>([
  [unanswered, 'GET /v2/: no complete response in time'],
  [{ is: 'refused', answered }, 'the registry returned 500 UNKNOWN for the list'],
  [
    { is: 'cached', cache: 'age: 7' },
    'the list comes out of a cache (age: 7), also when it is requested past caches',
  ],
  [{ is: 'flawed', flaw: { is: 'circle' } }, 'the list links in a circle'],
  [{ is: 'missing', elsewhere: false }, 'the list is missing, as if the registry had no such API'],
  [
    { is: 'missing', elsewhere: true },
    'the list is missing, as if the registry had no such API, although it has one for other digests',
  ],
  [{ is: 'too-deep', levels: 16 }, 'they go on for more than 16 levels'],
])('why referrers could not be listed: %j', (why, said) => {
  expect(sayUnreadReferrers(why)).toBe(said)
})

test.each<[UnknownDate, string]>([
  [unanswered, 'GET /v2/: no complete response in time'],
  [{ is: 'no-date' }, 'its config has no `created`'],
  [{ is: 'unread-manifest', digest: one }, `${one} could not be read`],
  [{ is: 'dateless-kind', digest: one }, `${one} is of a kind that has no date`],
  [{ is: 'refused', config: two, answered }, `the registry returned 500 UNKNOWN for the config ${two}`],
  [{ is: 'other-bytes', config: two }, `the config ${two} came with other bytes than its digest says`],
  [{ is: 'malformed', config: two }, `the config ${two} has no date that can be read`],
])('why a date is unknown: %j', (why, said) => {
  expect(sayUnknownDate(why)).toBe(said)
})

test.each<[ListFlaw, string]>([
  [
    { is: 'not-followed', why: { is: 'not-understood' } },
    'is not followed: its Link header is not understood, and may point to a next page',
  ],
  [{ is: 'circle' }, 'links in a circle'],
  [{ is: 'no-progress' }, 'goes on without naming anything new'],
  [{ is: 'too-many-entries', most: 5 }, 'has more than 5 entries'],
  [{ is: 'too-many-pages', most: 6 }, 'has more than 6 pages'],
  [{ is: 'broken-off', times: 3 }, 'broke off 3 times'],
])('why a list cannot be read to its end: %j', (flaw, said) => {
  expect(sayListFlaw(flaw)).toBe(said)
})
