import { parseDigest, type Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Client } from '../../registry/client.js'
import { describe, hasCode } from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'
import type { UnreadReferrers } from '../problem.js'
import { pastCaches, readPages, type Names, type Page } from './pages.js'

/** What the referrers API says of one manifest. */
export type Listing =
  | { readonly is: 'listed'; readonly digests: readonly Digest[] }
  | Absent
  | { readonly is: 'unclear'; readonly why: UnreadReferrers }

/** The registry has no referrers API: referrers have tags, which are listed anyway. */
interface Absent {
  readonly is: 'absent'
  /** The registry has no such route at all. No registry with the API says so. */
  readonly sure: boolean
}

/** The response is no list of referrers. */
interface Refused {
  readonly is: 'refused'
  readonly answered: string
}

const PAGES = 1000
const REFERRERS = 100_000

/**
 * Lists what refers to a manifest by the referrers API, to the last page (distribution-spec 1.1, end-12). A registry
 * with the API answers 200 with an index even if nothing refers to the manifest; any 404 means that it has no such API.
 *
 * @param fresh whether to use a new connection
 * @throws WireError
 */
export async function listReferrers(
  client: Client,
  repository: Repository,
  subject: Digest,
  fresh = false,
): Promise<Listing> {
  const list = await pastCaches(client, (cacheBuster) =>
    readPages<Digest, Absent | Refused>({
      first: new URL(`/v2/${repository}/referrers/${subject}`, client.origin),
      mostPages: PAGES,
      mostEntries: REFERRERS,
      request: (page) =>
        client.referrers(repository, subject, page, {
          fresh,
          ...(cacheBuster !== undefined && { cacheBuster }),
        }),
      read: readPage,
    }),
  )
  if (list.is === 'absent') return list
  return list.is === 'names' ? { is: 'listed', digests: list.names } : { is: 'unclear', why: list }
}

function readPage({ response, body, isFirst }: Page): Names<Digest> | Absent | Refused {
  if (isFirst && isAbsent(response)) return { is: 'absent', sure: hasNoRoute(response) }
  const names = entriesIn(body)
  return names === undefined ? { is: 'refused', answered: describe(response) } : { is: 'names', names }
}

/** No such endpoint. A web front that answers every unknown path with a page of HTML counts as none, too. */
function isAbsent(response: Response): boolean {
  if ([404, 405, 501].includes(response.status)) return true
  if (response.status === 400) return hasCode(response, 'UNSUPPORTED')
  return (
    response.status === 200 && (response.headers.get('content-type') ?? '').toLowerCase().includes('html')
  )
}

/** The words of Go's own router, which distribution sends for a path that it does not know. */
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
