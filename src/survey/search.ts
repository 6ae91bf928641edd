import type { Digest } from '../oci/digest.js'
import { reach } from '../oci/graph.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import { attempt, outcomeOf } from '../registry/attempt.js'
import type { Client } from '../registry/client.js'
import { isGone, WireError } from '../registry/errors.js'
import { each } from '../registry/limit.js'
import { ListError, problemOf } from './errors.js'
import { listTags } from './lists/tags.js'
import type { SearchProblem } from './problem.js'
import { Reader } from './read/reader.js'
import type { Tools } from './tools.js'

/** Content to search for. */
export interface Wanted {
  readonly digest: Digest
  readonly kind: 'manifest' | 'blob'
}

/** Content that another repository serves. */
export interface Found extends Wanted {
  readonly repository: Repository
  /** Tags there that need it; empty if none does, or if they cannot be read. */
  readonly heldBy: readonly Holder[]
}

/** A tag that needs some content, and the manifest that it points to. */
interface Holder {
  readonly tag: Tag
  readonly root: Digest
}

/** The result of the search in one repository. */
export interface Searched {
  readonly found: readonly Found[]
  /** Why the search may have missed something. */
  readonly problems: readonly SearchProblem[]
}

/**
 * Searches another repository for content. It requests each piece once by a plain GET. If one exists, it finds out which
 * tags need it.
 *
 * @throws Stopped
 */
export async function search(
  tools: Tools,
  repository: Repository,
  wanted: readonly Wanted[],
): Promise<Searched> {
  const there: Wanted[] = []
  const failures: string[] = []
  await each(wanted, tools.width, async (piece) => {
    const presence = await findOut(tools.client, repository, piece)
    if (presence.is === 'there') there.push(piece)
    if (presence.is === 'unclear') failures.push(presence.answered)
  })
  const [answered] = failures
  const counts = { failed: failures.length, wanted: wanted.length }
  const problems: SearchProblem[] =
    answered === undefined ? [] : [{ kind: 'search-failed', repository, ...counts, answered }]
  if (there.length === 0) return { found: [], problems }
  const holders = await holdersOf(tools, repository, there)
  const found = there
    .map((piece): Found => ({ ...piece, repository, heldBy: holders.of.get(piece.digest) ?? [] }))
    .sort((one, other) => (one.digest < other.digest ? -1 : 1))
  return { found, problems: [...problems, ...holders.problems] }
}

type Presence = { readonly is: 'there' | 'gone' } | { readonly is: 'unclear'; readonly answered: string }

async function findOut(client: Client, repository: Repository, { digest, kind }: Wanted): Promise<Presence> {
  const reading = { purpose: 'search' } as const
  const response = await attempt(
    kind === 'manifest'
      ? client.manifest(repository, digest, reading)
      : client.blob(repository, digest, reading),
  )
  if (!(response instanceof WireError)) {
    if (isGone(response)) return { is: 'gone' }
    if (response.status >= 200 && response.status < 300) return { is: 'there' }
  }
  return { is: 'unclear', answered: outcomeOf(response) }
}

interface Holders {
  readonly of: ReadonlyMap<Digest, readonly Holder[]>
  readonly problems: readonly SearchProblem[]
}

/** Reads all tags of a repository, and finds those that need something of `there`. */
async function holdersOf(tools: Tools, repository: Repository, there: readonly Wanted[]): Promise<Holders> {
  const of = new Map(there.map(({ digest }): [Digest, Holder[]] => [digest, []]))
  const listed = await listOrFail(tools.client, repository)
  if (listed instanceof Error) {
    const problem = { kind: 'holders-unknown', repository, cause: problemOf(listed) } as const
    return { of, problems: [problem] }
  }
  const reader = new Reader(tools, repository, { referrers: false })
  const tags = new Map<Digest, Tag[]>()
  let unread = 0
  await each(listed, tools.width, async (tag) => {
    const state = await reader.tag(tag)
    if (state.is === 'resolved') tags.set(state.digest, [...(tags.get(state.digest) ?? []), tag])
    else if (state.is !== 'unknown') unread++
  })
  for (const [root, on] of tags) {
    const { manifests, blobs } = reach([root], reader, true)
    for (const [digest, list] of of)
      if (manifests.has(digest) || blobs.has(digest)) for (const tag of on) list.push({ tag, root })
  }
  for (const list of of.values()) list.sort((one, other) => (one.tag < other.tag ? -1 : 1))
  return { of, problems: unread === 0 ? [] : [{ kind: 'holders-unreadable', repository, count: unread }] }
}

async function listOrFail(client: Client, repository: Repository): Promise<Tag[] | ListError | WireError> {
  try {
    return await attempt(listTags(client, repository))
  } catch (error) {
    if (error instanceof ListError) return error
    throw error
  }
}
