import { parseDigest, type Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import { cacheOf } from '../registry/cached.js'
import type { Client } from '../registry/client.js'
import { describe, hasCode } from '../registry/errors.js'
import type { Response } from '../registry/send.js'
import { parseJson } from './json.js'
import { Trail } from './trail.js'

/** What the referrers API said of one manifest. */
export type Listing =
  | { readonly is: 'listed'; readonly digests: readonly Digest[] }
  /** The registry has no such API: referrers stand under tags, which are listed anyway. */
  | {
      readonly is: 'absent'
      /** There is no such route at all, which no registry says that has one. */
      readonly sure: boolean
    }
  | { readonly is: 'unclear'; readonly why: string }

const PAGES = 1000
const REFERRERS = 100_000

/**
 * Asks the referrers API for what refers to a manifest, to the last page (distribution-spec 1.1, end-12). A registry
 * that has the API answers 200 with an index, also when nothing refers; anything at 404 means that it has none. A list
 * that comes out of a cache is asked for once more, with a query that no cache knows.
 *
 * @param fresh on a connection of its own
 * @throws WireError
 */
export async function listReferrers(
  client: Client,
  repository: Repository,
  subject: Digest,
  fresh = false,
): Promise<Listing> {
  const first = await listOnce(client, repository, subject, { fresh })
  if (!('cache' in first)) return first
  const second = await listOnce(client, repository, subject, { fresh, cacheBuster: client.newCacheBuster() })
  if (!('cache' in second)) return second
  return unclear(subject, `comes out of a cache (${second.cache}), also when it is asked for past caches`)
}

async function listOnce(
  client: Client,
  repository: Repository,
  subject: Digest,
  reading: { readonly fresh: boolean; readonly cacheBuster?: string },
): Promise<Listing | { readonly cache: string }> {
  const digests = new Set<Digest>()
  const trail = new Trail(new URL(`/v2/${repository}/referrers/${subject}`, client.origin))
  let page: URL | undefined
  for (let pages = 0; pages < PAGES; pages++) {
    const response = await client.referrers(repository, subject, page, reading)
    const cache = cacheOf(response)
    if (cache !== undefined) return { cache }
    if (page === undefined && isAbsent(response)) return { is: 'absent', sure: hasNoRoute(response) }
    const body = response.status === 200 && !response.cut ? parseJson(response.body) : undefined
    const entries = entriesIn(body)
    if (entries === undefined) return unclear(subject, `was answered with ${describe(response)}`)
    const before = digests.size
    for (const digest of entries) digests.add(digest)
    if (digests.size > REFERRERS) return unclear(subject, `names more than ${REFERRERS} of them`)

    const next = trail.next(response, body, digests.size > before, digests.size)
    if (next === undefined) return { is: 'listed', digests: [...digests] }
    if (typeof next === 'string') return unclear(subject, next)
    page = next
  }
  return unclear(subject, `has more than ${PAGES} pages`)
}

function unclear(subject: Digest, what: string): Listing {
  return { is: 'unclear', why: `the list of referrers of ${subject} ${what}` }
}

/** No such endpoint; a web front that answers every unknown path with a page of HTML counts as none, too. */
function isAbsent(response: Response): boolean {
  if ([404, 405, 501].includes(response.status)) return true
  if (response.status === 400) return hasCode(response, 'UNSUPPORTED')
  return (
    response.status === 200 && (response.headers.get('content-type') ?? '').toLowerCase().includes('html')
  )
}

/** The words of Go's own router, with which distribution answers for a path that it does not know. */
function hasNoRoute({ status, headers, body }: Response): boolean {
  return (
    status === 404 &&
    (headers.get('content-type') ?? '').startsWith('text/plain') &&
    Buffer.from(body.subarray(0, 100)).toString('utf8').trim() === '404 page not found'
  )
}

function entriesIn(body: unknown): Digest[] | undefined {
  const manifests = (body as { manifests?: unknown } | null | undefined)?.manifests
  if (manifests === null) return []
  if (!Array.isArray(manifests)) return undefined
  const digests = manifests.map((each: unknown) => parseDigest((each as { digest?: unknown } | null)?.digest))
  return digests.every((digest) => digest !== undefined) ? digests : undefined
}
