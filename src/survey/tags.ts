import type { Repository } from '../oci/reference.js'
import { parseTag, type Tag } from '../oci/tag.js'
import type { Client } from '../registry/client.js'
import { describe, hasCode, isDenied, isUnknown } from '../registry/errors.js'
import { nextPage } from '../registry/page.js'
import type { Response } from '../registry/send.js'

/** A list that cannot be worked with; the message says what was wrong. */
export class ListError extends Error {
  override readonly name: string = 'ListError'
}

/** The registry does not know the repository. */
export class UnknownRepository extends ListError {
  override readonly name = 'UnknownRepository'
}

const PAGES = 10_000
const TAGS = 1_000_000
const RESTARTS = 3

/**
 * Lists a repository's tags, to the last page. Goes on by Link only: a page may be shorter than asked for, and 2.8
 * ignores `n`. A later page that answers 404 (its `last` tag was deleted meanwhile) begins the list anew.
 *
 * @returns the tags, each once, in the registry's order
 * @throws UnknownRepository on 404, ListError on anything that is not a list, WireError
 */
export async function listTags(client: Client, repository: Repository): Promise<Tag[]> {
  for (let run = 1; ; run++) {
    const tags = await listOnce(client, repository)
    if (tags !== undefined) return tags
    if (run === RESTARTS) throw new ListError(`the tag list of ${repository} broke off ${RESTARTS} times`)
  }
}

async function listOnce(client: Client, repository: Repository): Promise<Tag[] | undefined> {
  const tags = new Set<Tag>()
  const seen = new Set([new URL(`/v2/${repository}/tags/list`, client.origin).href])
  let page: URL | undefined
  for (let pages = 0; pages < PAGES; pages++) {
    const response = await client.tagPage(repository, page)
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
    for (const tag of parsePage(repository, response.body)) tags.add(tag)
    if (tags.size > TAGS) throw new ListError(`${repository} lists more than ${TAGS} tags`)

    const from = page ?? new URL(`/v2/${repository}/tags/list`, client.origin)
    const next = nextPage(response.headers.get('link'), from)
    if (next === undefined) return [...tags]
    if (typeof next === 'string')
      throw new ListError(`the tag list of ${repository} is not followed: ${next}`)
    if (seen.has(next.href)) throw new ListError(`the tag list of ${repository} links in a circle`)
    seen.add(next.href)
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
  try {
    const tags = (JSON.parse(Buffer.from(body).toString('utf8')) as { tags?: unknown } | null)?.tags
    // Distribution sends null for a repository whose last tag was deleted.
    if (tags === null) return []
    return Array.isArray(tags) ? tags : undefined
  } catch {
    return undefined
  }
}

function parsePage(repository: Repository, body: Uint8Array): Tag[] {
  const tags = tagsOnPage(body)
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
