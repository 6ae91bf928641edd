import { expect, test } from '@jest/globals'
import { retrying } from '../../src/registry/decorators/retry.js'
import { WireError } from '../../src/registry/errors.js'
import { Failures } from '../../src/registry/failures.js'
import { FakeClock } from '../support/clock.js'
import { SeededRandom } from '../support/random.js'
import { answering, request, response } from './wire.js'

const URL_OF_LIST = 'https://registry.example.com/v2/acme/app/tags/list?n=1'

test('failed attempts are counted, and the last one is told in one line', async () => {
  const failures = new Failures()
  expect(failures.summary).toBeUndefined()
  const reset = new WireError(request(URL_OF_LIST), 'network', 'ECONNRESET')
  const { send } = answering([reset, response(503, {}, 'down'), response(200)])
  const random = new SeededRandom(1)
  const failed = failures.add.bind(failures)
  await retrying(send, new FakeClock(), random, failed)(request(URL_OF_LIST))
  expect(failures.summary).toEqual({
    attempts: 2,
    last: 'GET https://registry.example.com/v2/acme/app/tags/list?…: 503 down',
  })
})

test('a final response and a cancellation are no failures', async () => {
  const failures = new Failures()
  const failed = failures.add.bind(failures)
  const cancelled = new WireError(request(URL_OF_LIST), 'cancelled', '')
  const { send } = answering([response(404), response(401), cancelled])
  const retried = retrying(send, new FakeClock(), new SeededRandom(1), failed)
  await retried(request(URL_OF_LIST))
  await retried(request(URL_OF_LIST))
  await expect(retried(request(URL_OF_LIST))).rejects.toBe(cancelled)
  expect(failures.summary).toBeUndefined()
})
