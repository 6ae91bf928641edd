/** What is as large as an answer may be, or never ends: nothing may take for ever, nor all the memory. */
import { describe, expect, test } from '@jest/globals'
import type { Digest } from '../../src/oci/digest.js'
import { parseManifest } from '../../src/oci/manifest.js'
import type { Repository } from '../../src/oci/reference.js'
import { Client } from '../../src/registry/client.js'
import { LIMITS } from '../../src/registry/requests.js'
import { describe as told } from '../../src/registry/errors.js'
import { nextPage } from '../../src/registry/lists/page.js'
import type { Send } from '../../src/registry/send.js'
import { renderSummary } from '../../src/report/summary/summary.js'
import { response } from '../registry/wire.js'
import { workTime } from '../support/work-time.js'
import { logOf, reportWith } from './printed.js'
import { listRepositories } from '../../src/survey/lists/catalog.js'
import { listTags } from '../../src/survey/lists/tags.js'
import { listReferrers } from '../../src/survey/lists/referrers.js'

const REPO = 'acme/app' as Repository
const DIGEST = `sha256:${'a'.repeat(64)}` as Digest
const PAGE = new URL('https://registry.example.com/v2/_catalog')
const LONGEST = 5_000
/** A list whose links grow is given up before a link is longer than this. */
const LONGEST_LINK = 1 << 20
/** And before it has more entries than this: a million is what a list of tags may have. */
const MOST_ENTRIES = 1_200_000

const FILLS = [
  'a',
  ' ',
  '\t\u00a0',
  '\n',
  '::',
  '##[',
  '<',
  '>',
  '`',
  '|',
  '…',
  '%',
  '[',
  '{"a":',
  '\\',
  '&',
  '@',
  '\ud800',
  '🙂',
  '"',
  'sha256:',
  '\\u00',
  'www.',
  '://',
  '<a>; rel="',
  'zq9',
]
const full = (fill: string, size: number): string => fill.repeat(Math.ceil(size / fill.length)).slice(0, size)

function clientFor(send: Send): Client {
  const { signal } = new AbortController()
  return new Client({
    origin: PAGE.origin,
    credentialsFrom: undefined,
    heldFor: () => 0,
    send,
    stop: signal,
    kill: signal,
  })
}

describe('as much as an answer may hold', () => {
  test.each(FILLS)(
    'of %j takes no time worth speaking of',
    (fill) => {
      const manifest = full(fill, LIMITS.manifest / 4)
      const said = { sentences: [full(fill, LIMITS.error)], mediaTypes: [manifest] }
      const ways: Record<string, () => unknown> = {
        error: () => told(response(500, {}, full(fill, LIMITS.page / 4))),
        message: () =>
          told(response(500, {}, JSON.stringify({ errors: [{ code: 'UNKNOWN', message: manifest }] }))),
        link: () => nextPage(full(fill, 16 << 10), PAGE),
        'link that is one': () => nextPage(`<${full(fill, 16 << 10)}>; rel="next"`, PAGE),
        manifest: () => parseManifest(Buffer.from(JSON.stringify({ mediaType: manifest })), manifest),
        'bytes of no manifest': () => parseManifest(Buffer.from(manifest), 'application/json'),
        log: () => logOf(said, 'zq9kx-7rvt0-m4wj2'),
        summary: () => renderSummary(reportWith(said), '/tmp/report.json'),
      }
      const slow = Object.entries(ways).flatMap(([name, way]) => {
        const ms = workTime(way)
        return ms > LONGEST ? [`${name}: ${ms.toFixed(0)} ms`] : []
      })
      expect(slow).toEqual([])
    },
    60_000,
  )
})

describe('a list that goes on for ever with every page', () => {
  const lists: Record<string, (client: Client) => Promise<unknown>> = {
    tags: (client) => listTags(client, REPO),
    catalog: (client) => listRepositories(client),
    referrers: (client) => listReferrers(client, REPO, DIGEST),
  }
  test.each(Object.entries(lists))('is given up before its links are too long: %s', async (_, list) => {
    let longest = 0
    const client = clientFor(async ({ url }) => {
      longest = Math.max(longest, url.href.length)
      if (longest > LONGEST_LINK) throw new Error('this list goes on for ever')
      const body = JSON.stringify({ tags: [], repositories: [], manifests: [] })
      return response(200, { link: `<${full('a', 8 << 10)}/>; rel="next"` }, body)
    })
    await list(client).catch(() => undefined)
    expect(longest).toBeLessThan(LONGEST_LINK)
  })

  test('is given up before its entries fill the memory: referrers', async () => {
    const page = JSON.stringify({ manifests: Array.from({ length: 40_000 }, () => ({ digest: DIGEST })) })
    let pages = 0
    const client = clientFor(async () => {
      if (++pages > MOST_ENTRIES / 40_000) throw new Error('this list goes on for ever')
      return response(200, { link: `<?page=${pages}>; rel="next"` }, page)
    })
    const listing = await listReferrers(client, REPO, DIGEST).catch((error: unknown) => String(error))
    expect(JSON.stringify(listing)).not.toMatch(/for ever/)
  })
})
