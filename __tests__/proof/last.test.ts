import { describe, expect, test } from '@jest/globals'
import { checkAsManifests, checkByRange } from '../../src/proof/last.js'
import type { Request, Response } from '../../src/registry/send.js'
import { response } from '../registry/wire.js'
import { absent, digestOf, failure, named, options, reset, toolsOn } from './scripted.js'

const digest = digestOf('a')
const never = { status: 404, type: 'application/json', code: 'BLOB_UNKNOWN' }
/** No request but those of the blob are of interest. */
const isBlob = ({ url }: Request): boolean => url.pathname.endsWith(digest)

describe('as manifests', () => {
  async function checked(respond: (request: Request) => Response) {
    const { tools, sent } = toolsOn(respond)
    return { found: await checkAsManifests(tools, options, [digest]), sent: named(sent) }
  }

  test('a 200 is served', async () => {
    const { found, sent } = await checked(() => response(200))
    expect(found).toEqual([{ digest, is: 'served', answered: '200' }])
    expect(sent).toEqual([`manifests/${digest}`])
  })

  test.each([400, 401, 404, 500])('a %i is not, and is not retried', async (status) => {
    const { found, sent } = await checked(() => response(status))
    expect([found, sent.length]).toEqual([[], 1])
  })

  test.each([408, 425, 429, 502, 503, 504])('a %i is retried, and unclear if it stays', async (status) => {
    const { found, sent } = await checked(() => response(status))
    expect(found).toEqual([{ digest, is: 'unclear', answered: String(status) }])
    expect(sent).toHaveLength(3)
  })
})

describe('by range', () => {
  async function checked(respond: (request: Request) => Response, known: typeof never | undefined = never) {
    const { tools, sent } = toolsOn(respond)
    return { found: await checkByRange(tools, options, [digest], known), sent }
  }

  test.each([200, 206, 307, 416])('a %i is served', async (status) => {
    const { found, sent } = await checked(() => response(status))
    expect(found).toEqual([{ digest, is: 'served', answered: String(status) }])
    expect(sent.map(({ headers }) => headers['range'])).toEqual(['bytes=0-0'])
  })

  test('whatever a storage behind a redirect responds, the registry serves it', async () => {
    const { found } = await checked(() => response(404, {}, '', { redirected: true }))
    expect(found).toMatchObject([{ is: 'served' }])
  })

  test('the 404 of what never existed is gone, after one request', async () => {
    const { found, sent } = await checked(() => absent())
    expect([found, sent.length]).toEqual([[], 1])
  })

  test.each([400, 405, 406, 501])('a %i serves nothing', async (status) => {
    expect((await checked(() => response(status))).found).toEqual([])
  })

  test('another 404 is gone if a random digest gets it by range, too', async () => {
    const { found, sent } = await checked(() => absent('RANGE_UNKNOWN'))
    expect(found).toEqual([])
    expect(sent.map(isBlob)).toEqual([true, false])
    expect(sent[1]?.headers['range']).toBe('bytes=0-0')
  })

  test('another 404 than that of a random digest is unclear, which is requested but once', async () => {
    const { found, sent } = await checked((each) => absent(isBlob(each) ? 'GATEWAY' : 'RANGE_UNKNOWN'))
    expect(found).toMatchObject([{ is: 'unclear' }])
    expect(sent.map(isBlob)).toEqual([true, false, true, true])
  })

  test('a 404 out of a cache is requested again with a query', async () => {
    const { found, sent } = await checked(({ url }) =>
      url.search === '' ? absent('BLOB_UNKNOWN', { age: '7' }) : absent(),
    )
    expect([found, named(sent)]).toEqual([[], [`blobs/${digest}`, `blobs/${digest}?`]])
  })

  test('no response in three tries is unclear', async () => {
    const { found, sent } = await checked(reset)
    expect(found).toEqual([{ digest, is: 'unclear', answered: failure.message }])
    expect(sent).toHaveLength(3)
  })

  test('a failure is retried', async () => {
    let sent = 0
    expect((await checked(() => (sent++ === 0 ? response(503) : absent()))).found).toEqual([])
  })
})
