import { describe, expect, test } from '@jest/globals'
import { WireError } from '../../../src/registry/errors.js'
import { retrying } from '../../../src/registry/decorators/retry.js'
import type { Request, Response, Send } from '../../../src/registry/send.js'
import { traced } from '../../../src/registry/decorators/trace.js'
import { FakeClock } from '../../support/clock.js'
import { SeededRandom } from '../../support/random.js'
import { answering, request, response } from '../wire.js'

const URL_ = 'https://registry.example.com/v2/acme/app/manifests/1'

/** The line for one request whose answer took a while. */
async function lineFor(asked: Request, outcome: Response | Error, took = 12): Promise<string[]> {
  const clock = new FakeClock({ autoAdvance: false })
  const lines: string[] = []
  const send: Send = async () => {
    await clock.advance(took)
    if (outcome instanceof Error) throw outcome
    return outcome
  }
  const sent = traced(send, clock, (line) => lines.push(line))(asked)
  if (outcome instanceof Error) await expect(sent).rejects.toBe(outcome)
  else expect(await sent).toBe(outcome)
  return lines
}

describe('the line of a request', () => {
  test('has method, URL, status, time, and which sending it was', async () => {
    expect(await lineFor(request(URL_), response(200))).toEqual([`GET ${URL_} 200 12 ms attempt 1`])
    const third = request(URL_, { method: 'DELETE', attempt: 3 })
    expect(await lineFor(third, response(503), 0)).toEqual([`DELETE ${URL_} 503 0 ms attempt 3`])
  })

  test('says where an answer was cut off', async () => {
    const cut = response(200, {}, 'x', { cut: true })
    expect(await lineFor(request(URL_), cut)).toEqual([`GET ${URL_} 200 cut 12 ms attempt 1`])
  })

  test.each([
    ['timeout', 'ETIMEDOUT'],
    ['network', 'ECONNRESET'],
    ['cancelled', 'ABORTED'],
  ] as const)('has the code of a failure: %s %s', async (failure, code) => {
    const asked = request(URL_)
    expect(await lineFor(asked, new WireError(asked, failure, code))).toEqual([
      `GET ${URL_} ${code} 12 ms attempt 1`,
    ])
  })

  test('does not repeat the words of a defect', async () => {
    expect(await lineFor(request(URL_), new TypeError('hunter22'))).toEqual([
      `GET ${URL_} failed 12 ms attempt 1`,
    ])
  })

  test('has nothing that may be secret: no user, no query, no header, no body of either side', async () => {
    const asked = request('https://bob:hunter22@storage.example.com/x?signature=hunter22#hunter22', {
      method: 'POST',
      headers: { authorization: 'Basic hunter22' },
      body: Buffer.from('hunter22'),
    })
    const answer = response(403, { 'set-cookie': 'hunter22', location: 'hunter22' }, 'hunter22', {
      note: 'hunter22',
    })
    expect(await lineFor(asked, answer)).toEqual(['POST https://storage.example.com/x?… 403 12 ms attempt 1'])
  })

  test('is told once for each sending', async () => {
    const clock = new FakeClock()
    const lines: string[] = []
    const { send } = answering([
      response(503),
      new WireError(request(URL_), 'network', 'ECONNRESET'),
      response(200),
    ])
    await retrying(
      traced(send, clock, (line) => lines.push(line)),
      clock,
      new SeededRandom(1),
    )(request(URL_))
    expect(lines).toEqual([
      `GET ${URL_} 503 0 ms attempt 1`,
      `GET ${URL_} ECONNRESET 0 ms attempt 2`,
      `GET ${URL_} 200 0 ms attempt 3`,
    ])
  })
})
