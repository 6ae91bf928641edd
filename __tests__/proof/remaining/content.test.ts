import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../src/oci/digest.js'
import type { Descriptor } from '../../../src/oci/manifest.js'
import { checkBlob, checkManifest, type BlobCheck } from '../../../src/proof/remaining/content.js'
import type { Request, Response } from '../../../src/registry/send.js'
import { response } from '../../registry/wire.js'
import { absent, failure, repository, reset, toolsOn } from '../scripted.js'

const digest = sha256('content')
const blob: Descriptor = { digest, mediaType: 'application/octet-stream', size: 7, foreign: false }

async function blobChecked(
  respond: (request: Request) => Response,
  { foreign = false, ...how }: Partial<BlobCheck> & { foreign?: boolean } = {},
) {
  const { tools, sent } = toolsOn(respond)
  const check: BlobCheck = { blob: { ...blob, foreign }, bytes: false, sensitive: false, ...how }
  const content = await checkBlob(tools.client, repository, check)
  return { content, methods: sent.map(({ method, fresh }) => `${method}${fresh ? ' fresh' : ''}`) }
}

describe('a manifest', () => {
  const checked = (respond: (request: Request) => Response) => {
    const { tools, sent } = toolsOn(respond)
    return checkManifest(tools.client, repository, digest).then((content) => ({ content, sent }))
  }

  test('is there if its bytes are', async () => {
    const { content, sent } = await checked(() => response(200, {}, 'content'))
    expect([content, sent.length]).toEqual([{ is: 'there' }, 1])
  })

  test('is there if a second request, on a connection of its own, finds it', async () => {
    const { content, sent } = await checked(({ fresh }) => (fresh ? response(200, {}, 'content') : absent()))
    expect([content, sent.length]).toEqual([{ is: 'there' }, 2])
  })

  test('with other bytes is missing, but not gone', async () => {
    const { content } = await checked(() => response(200, {}, 'other'))
    expect(content).toEqual({ is: 'missing', flaw: { kind: 'altered' }, gone: false })
  })

  test('that gets 404 twice is gone', async () => {
    const { content } = await checked(() => absent('MANIFEST_UNKNOWN'))
    expect(content).toEqual({
      is: 'missing',
      flaw: { kind: 'refused', answered: '404 MANIFEST_UNKNOWN' },
      gone: true,
    })
  })

  test.each([401, 429, 503])('that gets %i is unclear', async (status) => {
    const { content, sent } = await checked(() => response(status))
    expect(content).toEqual({ is: 'unclear', flaw: { kind: 'refused', answered: String(status) } })
    expect(sent).toHaveLength(1)
  })

  test('without a response is unclear', async () => {
    const { content } = await checked(reset)
    expect(content).toEqual({ is: 'unclear', flaw: { kind: 'unanswered', failure: failure.message } })
  })

  test('that is cut off is missing, with or without its beginning', async () => {
    for (const [body, kind] of [
      ['cont', 'cut-off'],
      ['', 'headers-only'],
    ] as const)
      expect((await checked(() => response(200, {}, body, { cut: true }))).content).toMatchObject({
        is: 'missing',
        flaw: { kind },
      })
  })
})

describe('a blob', () => {
  const head = response(200, { 'content-length': '7' })

  test('is checked by HEAD', async () => {
    expect(await blobChecked(() => head)).toEqual({ content: { is: 'there' }, methods: ['HEAD'] })
  })

  test('of a purged image, or of a protected tag, is checked by GET alone', async () => {
    for (const how of [{ sensitive: true }, { bytes: true }])
      expect(await blobChecked(() => response(200, {}, 'content'), how)).toEqual({
        content: { is: 'there' },
        methods: ['GET'],
      })
  })

  test('that HEAD does not find is checked by GET, too', async () => {
    const { content, methods } = await blobChecked(({ method }) =>
      method === 'HEAD' ? response(405) : response(200, {}, 'content'),
    )
    expect([content, methods]).toEqual([{ is: 'there' }, ['HEAD', 'GET']])
  })

  test('of another length is missing', async () => {
    const { content } = await blobChecked(() => response(200, { 'content-length': '8' }, 'content!'))
    expect(content).toMatchObject({ is: 'missing', gone: false })
    const short = await blobChecked(() => response(200, { 'content-length': '3' }, '', { ended: true }))
    expect(short.content).toMatchObject({ flaw: { kind: 'other-length', length: 3, expected: 7 } })
  })

  test('that comes as headers alone is missing', async () => {
    const { content } = await blobChecked(() => response(200), { bytes: true })
    expect(content).toMatchObject({ is: 'missing', flaw: { kind: 'headers-only' } })
  })

  test('that lies elsewhere may be gone, and nothing else', async () => {
    expect((await blobChecked(() => absent(), { foreign: true })).content).toEqual({ is: 'there' })
    expect((await blobChecked(() => response(503), { foreign: true })).content.is).toBe('unclear')
    expect((await blobChecked(() => absent())).content).toMatchObject({ is: 'missing', gone: true })
  })
})
