import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { Client } from '../../registry/client.js'
import { meaningOf } from '../../registry/answers/classify.js'
import { rightFor } from '../../registry/auth/rights.js'
import { describe } from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'
import { ListError, StaleList, UnknownRepository } from '../errors.js'
import type { ListProblem } from '../problem.js'
import { OtherNames } from './entries.js'
import { pastCaches, readPages, type Cached, type Names, type Page, type PagedList } from './pages.js'

const PAGES = 10_000
const TAGS = 1_000_000
/** How often to read a list that breaks off. */
const READS = 3

/** The request for a later page returned 404: the tag in its `last` was deleted after the previous page. */
interface BrokenOff {
  readonly is: 'broken-off'
}

/**
 * Lists the tags of a repository, to the last page. Starts again if the list breaks off.
 *
 * @param pastAllCaches whether every request, even the first, has a query string that no cache has seen
 * @returns the tags, each once, in the registry's order
 * @throws UnknownRepository on 404, StaleList if the list comes out of a cache, ListError if there is no whole list,
 *   WireError
 */
export async function listTags(
  client: Client,
  repository: Repository,
  pastAllCaches = false,
): Promise<Tag[]> {
  const read = (cacheBuster: string | undefined): Promise<Names<Tag> | Cached> =>
    readWhole(client, repository, cacheBuster)
  const tags = await pastCaches(client, read, pastAllCaches)
  if (tags.is === 'cached') throw new StaleList({ kind: 'tag-list-stale', repository, sign: tags })
  return [...tags.names]
}

async function readWhole(
  client: Client,
  repository: Repository,
  cacheBuster: string | undefined,
): Promise<Names<Tag> | Cached> {
  for (let reads = 0; reads < READS; reads++) {
    const others = new OtherNames(repository)
    const tags = await readPages(tagList(client, repository, cacheBuster, others))
    if (tags.is !== 'cached') others.throwIfAny()
    if (tags.is === 'flawed') throw new ListError({ kind: 'tag-list-not-whole', repository, flaw: tags.flaw })
    if (tags.is !== 'broken-off') return tags
  }
  const flaw = { is: 'broken-off', times: READS } as const
  throw new ListError({ kind: 'tag-list-not-whole', repository, flaw })
}

function tagList(
  client: Client,
  repository: Repository,
  cacheBuster: string | undefined,
  others: OtherNames,
): PagedList<Tag, BrokenOff> {
  const reading = { purpose: 'list-tags', ...(cacheBuster !== undefined && { cacheBuster }) } as const
  return {
    first: new URL(`/v2/${repository}/tags/list`, client.origin),
    mostPages: PAGES,
    mostEntries: TAGS,
    continuesByName: true,
    request: (page) => client.tagPage(repository, page, reading),
    read: (page) => readPage(page, client, others),
  }
}

/**
 * @param others collects the entries that are not tags
 * @throws ListError if the response is not a page of a tag list
 */
function readPage({ response, body, isFirst }: Page, client: Client, others: OtherNames) {
  const { repository } = others
  if (!isFirst && response.status === 404) return { is: 'broken-off' } as const
  if (isFirst && isAbsentRepository(response))
    throw new UnknownRepository(
      { kind: 'repository-unknown', repository, origin: client.origin, answered: describe(response) },
      meaningOf('tag-list', response) === 'perhaps-unknown',
    )
  if (response.status !== 200 || response.cut) throw new ListError(refused(client, repository, response))
  return { is: 'names', names: others.tagsOf(response, body) } as const
}

/** @returns whether the registry does not know the repository. Harbor sends NOT_FOUND instead of NAME_UNKNOWN. */
export function isAbsentRepository(response: Response): boolean {
  return response.status === 404 && ['unknown', 'perhaps-unknown'].includes(meaningOf('tag-list', response))
}

/** Puts into a problem that the response is not a page of a tag list. */
function refused(client: Client, repository: Repository, response: Response): ListProblem {
  const means = meaningOf('tag-list', response)
  if (means === 'unauthenticated' || means === 'forbidden') return denied(client, repository, response)
  const foreign = means === 'foreign' ? ({ foreign: true } as const) : {}
  const answered = describe(response)
  return { kind: 'tag-list-refused', repository, answered, ...speaksTls(client, response), ...foreign }
}

/** The tag list is the first request of a run, so its response shows whether the registry accepts the credentials. */
function denied(client: Client, repository: Repository, response: Response): ListProblem {
  const answered = describe(response)
  const { origin, credentialsFrom: source } = client
  const right = rightFor(response, 'delete')
  const lacking = right === undefined ? {} : { right }
  if (response.status === 403) return { kind: 'no-permission-to-list', repository, answered, ...lacking }
  if (source === undefined) return { kind: 'credentials-missing', repository, origin, answered }
  return { kind: 'credentials-refused', repository, origin, answered, source, ...lacking }
}

/** Recognizes the response of Go and nginx to plain http on a port that expects TLS. */
function speaksTls(client: Client, response: Response): { readonly https?: string } {
  const text = Buffer.from(response.body.subarray(0, 1000)).toString('utf8')
  return response.status === 400 && /HTTP request (?:to an HTTPS server|was sent to HTTPS port)/.test(text)
    ? { https: client.origin.replace(/^http:/, 'https:') }
    : {}
}
