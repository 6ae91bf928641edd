import { expect, test } from '@jest/globals'
import { sha256, type Digest } from '../../../src/oci/digest.js'
import { WireError } from '../../../src/registry/errors.js'
import { readTwin } from '../../../src/survey/read/twin.js'
import { request, response } from '../../registry/wire.js'
import { ORIGIN, registryOf, REPO } from '../wire.js'

const LONG = `sha512:${'a'.repeat(128)}` as Digest
const OTHER = `sha512:${'b'.repeat(128)}` as Digest
const hashed = (sha512: Digest) => response(200, {}, '', { hashes: { sha256: sha256('x'), sha512 } })
const failure = new WireError(request(ORIGIN), 'timeout', 'ETIMEDOUT')
const about = { repository: REPO, digest: LONG }

test.each([
  ['the digest of its bytes', hashed(LONG), { is: 'twin', digest: sha256('x') }],
  ['nothing, if it is gone', response(404), { is: 'gone' }],
  ['other bytes', hashed(OTHER), { is: 'unclear', problem: { kind: 'twin-of-other-bytes', ...about } }],
  [
    'an error',
    response(500),
    { is: 'unclear', problem: { kind: 'twin-unreadable', ...about, answered: '500' } },
  ],
  [
    'a cut body',
    { ...hashed(LONG), cut: true },
    {
      is: 'unclear',
      problem: { kind: 'twin-unreadable', ...about, answered: '200, and the body was cut off' },
    },
  ],
  [
    'no response',
    failure,
    { is: 'unclear', problem: { kind: 'twin-unreadable', ...about, answered: failure.message } },
  ],
])('a blob shows its twin by %s', async (_, answer, expected) => {
  expect(await readTwin(registryOf(() => answer).client, REPO, LONG)).toEqual(expected)
})
