import type { Repository } from '../oci/reference.js'
import { parseTag, type Tag } from '../oci/tag.js'
import { cacheOf } from '../registry/cached.js'
import type { Client } from '../registry/client.js'
import { describe, hasCode, isDenied, isUnknown } from '../registry/errors.js'
import type { Response } from '../registry/send.js'
import { parseJson } from './json.js'
import { Trail } from './trail.js'

/** A list that cannot be worked with; the message says what was wrong. */
export class ListError extends Error {
  override readonly name: string = 'ListError'
}

/** The registry does not know the repository. */
export class UnknownRepository extends ListError {
  override readonly name = 'UnknownRepository'
}

/** A list that does not say what the registry holds now, also when it is asked past caches. */
export class StaleList extends ListError {
  override readonly name = 'StaleList'

  /** @param sign what shows it, words that follow the list's name */
  constructor(repository: Repository, sign: string) {
    super(
      `the tag list of ${repository} ${sign}, also when it is asked for past caches. Switch off caching of /v2/ in front of the registry, and run again`,
    )
  }
}

const PAGES = 10_000
const TAGS = 1_000_000
const RESTARTS = 3

/**
 * Lists a repository's tags, to the last page. Goes on by Link only: a page may be shorter than asked for, and 2.8
 * ignores `n`. A later page that answers 404 (its `last` tag was deleted meanwhile) begins the list anew. A list that
 * comes out of a cache is asked for once more, with a query that no cache knows.
 *
 * @param pastCaches whether to send such a query at once
 * @returns the tags, each once, in the registry's order
 * @throws UnknownRepository on 404, StaleList if it still comes out of a cache, ListError on anything that is not a list,
 *   WireError
 */
export async function listTags(client: Client, repository: Repository, pastCaches = false): Promise<Tag[]> {
  if (!pastCaches) {
    const tags = await listAgain(client, repository)
    if (!('cache' in tags)) return tags
  }
  const tags = await listAgain(client, repository, client.newCacheBuster())
  if ('cache' in tags) throw new StaleList(repository, `comes out of a cache (${tags.cache})`)
  return tags
}

/** A response that comes out of a cache, and the header that says so. */
interface Cached {
  readonly cache: string
}

async function listAgain(
  client: Client,
  repository: Repository,
  cacheBuster?: string,
): Promise<Tag[] | Cached> {
  for (let run = 1; ; run++) {
    const tags = await listOnce(client, repository, cacheBuster)
    if (tags !== undefined) return tags
    if (run === RESTARTS) throw new ListError(`the tag list of ${repository} broke off ${RESTARTS} times`)
  }
}

async function listOnce(
  client: Client,
  repository: Repository,
  cacheBuster: string | undefined,
): Promise<Tag[] | Cached | undefined> {
  const tags = new Set<Tag>()
  const trail = new Trail(new URL(`/v2/${repository}/tags/list`, client.origin))
  const reading = { purpose: 'list-tags', ...(cacheBuster !== undefined && { cacheBuster }) } as const
  let page: URL | undefined
  for (let pages = 0; pages < PAGES; pages++) {
    const response = await client.tagPage(repository, page, reading)
    const cache = cacheOf(response)
    if (cache !== undefined) return { cache }
    if (page !== undefined && response.status === 404) return undefined
    if (page === undefined && isAbsentRepository(response))
      throw new UnknownRepository(
        `${client.origin} has no repository ${repository}: ${describe(response)}. Check the name; if everything in it was pushed by digest alone, push any tag that may stay, and run again`,
      )
    if (isDenied(response)) throw new ListError(denied(client, repository, response))
    if (response.status !== 200 || response.cut)
      throw new ListError(
        `the tag list of ${repository} was answered with ${describe(response)}${hint(client, response)}`,
      )
    const before = tags.size
    const body = parseJson(response.body)
    for (const tag of tagsOf(repository, body)) tags.add(tag)
    if (tags.size > TAGS) throw new ListError(`${repository} lists more than ${TAGS} tags`)

    const next = trail.next(response, body, tags.size > before, tags.size)
    if (next === undefined) return [...tags]
    if (typeof next === 'string') throw new ListError(`the tag list of ${repository} ${next}`)
    page = next
  }
  throw new ListError(`the tag list of ${repository} has more than ${PAGES} pages`)
}

/** @returns whether the registry does not know the repository. Harbor says NOT_FOUND, in the same form. */
export function isAbsentRepository(response: Response): boolean {
  return isUnknown(response) || (response.status === 404 && hasCode(response, 'NOT_FOUND'))
}

/** @returns the tags that a page lists, or undefined where it is no tag list. */
export function tagsOnPage(body: Uint8Array): unknown[] | undefined {
  return tagsIn(parseJson(body))
}

/** @returns what a list may name as tags, or undefined if it is no tag list */
function tagsIn(body: unknown): unknown[] | undefined {
  const tags = (body as { tags?: unknown } | null | undefined)?.tags
  // Distribution sends null for a repository whose last tag was deleted.
  if (tags === null) return []
  return Array.isArray(tags) ? tags : undefined
}

/** @returns the tags that a parsed page lists @throws ListError if it is no tag list */
export function tagsOf(repository: Repository, body: unknown): Tag[] {
  const tags = tagsIn(body)
  if (tags === undefined) throw new ListError(`the tag list of ${repository} is not the JSON that it must be`)
  return tags.map((each: unknown) => {
    const tag = parseTag(each)
    if (tag === undefined) throw new ListError(`the tag list of ${repository} holds what is no tag`)
    return tag
  })
}

/** The first answer of a registry tells whether it takes the credentials, so the way out is named here. */
function denied(client: Client, repository: Repository, response: Response): string {
  const said = describe(response)
  const from = client.credentialsFrom
  if (response.status === 403)
    return `No permission to list the tags of ${repository} (${said}). The user needs the actions \`pull\` and \`delete\` on it`
  if (from === undefined)
    return `${client.origin} asks for credentials to list the tags of ${repository} (${said}). Give them in \`username\` and \`password\`, or log in with docker/login-action in an earlier step`
  return `${client.origin} refuses the credentials from ${from} for the list of tags of ${repository} (${said}). Correct them, or give the user the actions \`pull\` and \`delete\` on it`
}

/** Go's and nginx's words for plain http on a port that speaks TLS. */
function hint(client: Client, response: Response): string {
  const text = Buffer.from(response.body.subarray(0, 1000)).toString('utf8')
  return response.status === 400 && /HTTP request (?:to an HTTPS server|was sent to HTTPS port)/.test(text)
    ? `. It speaks https: write \`registry: ${client.origin.replace(/^http:/, 'https:')}\``
    : ''
}
