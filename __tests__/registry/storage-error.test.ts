import { describe, expect, test } from '@jest/globals'
import { following } from '../../src/registry/decorators/redirect.js'
import { WireError } from '../../src/registry/errors.js'
import { describeSource, StorageError } from '../../src/registry/storage-error.js'
import { answering, request, response } from './wire.js'

const ORIGIN = 'https://registry.example.com'
const BLOB = `${ORIGIN}/v2/acme/app/blobs/sha256:${'a'.repeat(64)}`
const LINK = 'https://user:word@minio:9000/bucket/data?X-Amz-Signature=secret'
const redirect = response(307, { location: LINK })

async function failure(second: Error, url = BLOB, purpose: 'verify' | 'token' = 'verify'): Promise<unknown> {
  const { send } = answering([redirect, second])
  return following(send)(request(url, { purpose })).then(
    () => undefined,
    (error: unknown) => error,
  )
}
const wire = (code: string, kind: WireError['failure'] = 'network'): WireError =>
  new WireError(request(LINK), kind, code)

describe('a redirect of a blob whose target fails', () => {
  test.each([
    ['ENOTFOUND', 'a name that this runner cannot resolve (ENOTFOUND)'],
    ['ECONNREFUSED', 'where nothing listens (ECONNREFUSED)'],
    ['ECONNLIMIT', 'with which the connection failed (ECONNLIMIT)'],
    ['ECONNECTLIMIT', 'from which no complete response came in time'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'whose certificate this runner does not trust'],
    ['CERT_HAS_EXPIRED', 'whose certificate this runner does not trust (CERT_HAS_EXPIRED)'],
  ])('names the storage and the way out, and no link: %s', async (code, reason) => {
    const error = await failure(wire(code))
    expect(error).toBeInstanceOf(StorageError)
    expect(error).toMatchObject({ failure: 'network', code, storage: 'minio:9000' })
    const { message } = error as StorageError
    expect(message).toContain(
      `GET ${BLOB}: the registry redirects it to its storage at minio:9000, ${reason}`,
    )
    expect(message).toContain('`storage.redirect.disable: true`')
    expect(message).not.toMatch(/secret|word|bucket|`registry`/)
  })

  test('stays what it was for a time-out, which is sent again, and for a cancellation', async () => {
    expect(await failure(wire('', 'timeout'))).toMatchObject({ failure: 'timeout', storage: 'minio:9000' })
    expect(await failure(wire('', 'cancelled'))).not.toBeInstanceOf(StorageError)
  })

  test('is no storage if something else than a blob is redirected', async () => {
    const list = `${ORIGIN}/v2/acme/app/tags/list`
    expect(await failure(wire('ENOTFOUND'), list)).not.toBeInstanceOf(StorageError)
    expect(await failure(wire('ENOTFOUND'), BLOB, 'token')).not.toBeInstanceOf(StorageError)
  })

  test('is named before anything is sent there if it must not be followed', async () => {
    const { send, asked } = answering([response(307, { location: 'http://minio:9000/x?secret' })])
    await expect(following(send)(request(BLOB))).rejects.toMatchObject({
      failure: 'forbidden-address',
      storage: 'minio:9000',
      reason: 'an address to which this action never connects (plain http after https)',
    })
    expect(asked).toHaveLength(1)
  })

  test('hides a host that holds a secret', async () => {
    const quoting = { body: (text: string) => text, word: () => undefined }
    const { send } = answering([response(307, { location: LINK }, '', { quoting }), wire('ENOTFOUND')])
    await expect(following(send)(request(BLOB))).rejects.toMatchObject({
      storage: 'address-not-shown.invalid',
    })
  })
})

test('a response of the storage is told as such', async () => {
  const { send } = answering([redirect, response(403, {}, '<Error>secret</Error>')])
  const answer = await following(send)(request(BLOB))
  expect(describeSource(answer)).toBe('403 from its storage at minio:9000')
  expect(describeSource(response(403))).toBe('403')
})
