import { parseDigest, type Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Client } from '../../registry/client.js'
import { meaningOf } from '../../registry/answers/classify.js'
import { describe } from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'
import type { UnreadReferrers } from '../problem.js'
import { pastCaches, readPages, type Names, type Page } from './pages.js'

/** The response of the referrers API for one manifest. */
export type Listing =
  | { readonly is: 'listed'; readonly digests: readonly Digest[] }
  | Absent
  | { readonly is: 'unclear'; readonly why: UnreadReferrers }

/** The registry has no referrers API: referrers have tags, which are listed anyway. */
interface Absent {
  readonly is: 'absent'
  /**
   * `no-route`: the registry has no such route, which no registry with the API returns. `unknown`: `{}`, with which a registry
   * that has the API says that it does not know the manifest (Harbor).
   */
  readonly sign: 'no-route' | 'unknown' | 'other'
}

/** The response is not a list of referrers. */
interface Refused {
  readonly is: 'refused'
  readonly answered: string
}

const PAGES = 1000
const REFERRERS = 100_000

/**
 * Lists the referrers of a manifest by the referrers API, to the last page (distribution-spec 1.1, end-12). A registry
 * with the API returns 200 with an index even if nothing refers to the manifest. Which responses mean that it has no such API
 * is in the table of responses (`registry/answers/reads.ts`).
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
  const means = meaningOf('referrers', response)
  if (isFirst && !isBroken(response, body) && (means === 'unsupported' || means === 'unknown'))
    return { is: 'absent', sign: means === 'unknown' ? means : hasNoRoute(response) ? 'no-route' : 'other' }
  const names = entriesIn(body)
  return names === undefined ? { is: 'refused', answered: describe(response) } : { is: 'names', names }
}

/** Whether a response announces JSON and is none: a list that is cut off shows nothing. */
function isBroken({ status, cut, headers }: Response, body: unknown): boolean {
  const type = (headers.get('content-type') ?? '').toLowerCase()
  return cut || (status === 200 && body === undefined && type.includes('json'))
}

/** Whether Go's own router sent the 404, as distribution does for a path that it does not know. */
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
