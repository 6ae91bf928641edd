import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/oci/digest.js'
import { WireError } from '../../src/registry/errors.js'
import type { Response } from '../../src/registry/send.js'
import { search, type Wanted } from '../../src/survey/search.js'
import { request, response } from '../registry/wire.js'
import { json, ORIGIN, registryOf, REPO, unknown } from './wire.js'

const IMAGE = 'application/vnd.oci.image.manifest.v1+json'
const LAYER = sha256('layer')
const body = JSON.stringify({
  schemaVersion: 2,
  mediaType: IMAGE,
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256('config'), size: 1 },
  layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: LAYER, size: 1 }],
})
const holder = response(200, { 'content-type': IMAGE }, body)
const wanted: Wanted[] = [
  { digest: LAYER, kind: 'blob' },
  { digest: sha256('other'), kind: 'manifest' },
]

/** A repository with a layer, and tags as given. */
async function searched(
  tags: Readonly<Record<string, Response>>,
  list?: Response | Error,
  other = response(404),
) {
  const { tools, asked } = registryOf((path) => {
    if (path.endsWith('/tags/list')) return list ?? json({ tags: Object.keys(tags) })
    if (path.endsWith(`/blobs/${LAYER}`)) return response(200)
    if (path.includes(sha256('other'))) return other
    return tags[/manifests\/([^?]*)/.exec(path)?.[1] ?? ''] ?? unknown('MANIFEST_UNKNOWN')
  })
  return { ...(await search(tools, REPO, wanted)), asked }
}

describe('the search of another repository', () => {
  test('finds content, and the tags that need it', async () => {
    const { found, problems } = await searched({ b: holder, a: holder })
    const root = sha256(body)
    const heldBy = [
      { tag: 'a', root },
      { tag: 'b', root },
    ]
    expect(found).toEqual([{ digest: LAYER, kind: 'blob', repository: REPO, heldBy }])
    expect(problems).toEqual([])
  })

  test('reads no tags if nothing is there', async () => {
    const { tools, asked } = registryOf(() => response(404))
    expect(await search(tools, REPO, wanted)).toEqual({ found: [], problems: [] })
    expect(asked).toHaveLength(2)
  })

  test('tells what could not be searched for', async () => {
    const { problems } = await searched({}, undefined, response(500))
    const counts = { failed: 1, wanted: 2 }
    expect(problems).toEqual([{ kind: 'search-failed', repository: REPO, ...counts, answered: '500' }])
  })

  test('tells how many tags cannot be read', async () => {
    const { found, problems } = await searched({ a: response(500), b: holder })
    expect(found[0]?.heldBy).toHaveLength(1)
    expect(problems).toEqual([{ kind: 'holders-unreadable', repository: REPO, count: 1 }])
  })

  test('tells that the tags cannot be listed, and still what it found', async () => {
    const refused = await searched({}, response(500))
    const cause = { kind: 'tag-list-refused', repository: REPO, answered: '500' }
    expect(refused.problems).toEqual([{ kind: 'holders-unknown', repository: REPO, cause }])
    expect(refused.found).toMatchObject([{ digest: LAYER, heldBy: [] }])
    const failure = new WireError(request(ORIGIN), 'timeout', 'ETIMEDOUT')
    expect((await searched({}, failure)).problems).toMatchObject([{ cause: { kind: 'no-response' } }])
  })
})
