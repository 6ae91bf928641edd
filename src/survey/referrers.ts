import { parseDigest, type Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Client } from '../registry/client.js'
import { describe, hasCode } from '../registry/errors.js'
import { nextPage } from '../registry/page.js'
import type { Response } from '../registry/send.js'

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
 * that has the API answers 200 with an index, also when nothing refers; anything at 404 means that it has none.
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
  const digests: Digest[] = []
  const seen = new Set<string>()
  let page: URL | undefined
  for (let pages = 0; pages < PAGES; pages++) {
    const response = await client.referrers(repository, subject, page, fresh)
    if (page === undefined && isAbsent(response)) return { is: 'absent', sure: hasNoRoute(response) }
    const entries = response.status === 200 && !response.cut ? parseIndex(response.body) : undefined
    if (entries === undefined) return unclear(subject, `was answered with ${describe(response)}`)
    for (const digest of entries) digests.push(digest)
    if (digests.length > REFERRERS) return unclear(subject, `names more than ${REFERRERS} of them`)

    const from = page ?? new URL(`/v2/${repository}/referrers/${subject}`, client.origin)
    const next = nextPage(response.headers.get('link'), from)
    if (next === undefined) return { is: 'listed', digests }
    if (typeof next === 'string') return unclear(subject, `is not followed: ${next}`)
    if (seen.has(next.href)) return unclear(subject, 'links in a circle')
    seen.add(next.href)
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

function parseIndex(body: Uint8Array): Digest[] | undefined {
  try {
    const manifests = (JSON.parse(Buffer.from(body).toString('utf8')) as { manifests?: unknown } | null)
      ?.manifests
    if (manifests === null) return []
    if (!Array.isArray(manifests)) return undefined
    const digests = manifests.map((each: unknown) =>
      parseDigest((each as { digest?: unknown } | null)?.digest),
    )
    return digests.every((digest) => digest !== undefined) ? digests : undefined
  } catch {
    return undefined
  }
}
