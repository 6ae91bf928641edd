import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import { reach, type Graph } from '../oci/graph.js'
import type { Client } from '../registry/client.js'
import { describe, isGone, WireError } from '../registry/errors.js'
import { each } from '../registry/limit.js'
import { Reader } from './read.js'
import { listTags, ListError } from './tags.js'

/** Content that is looked for. */
export interface Wanted {
  readonly digest: Digest
  readonly kind: 'manifest' | 'blob'
}

/** Content that another repository serves. */
export interface Found extends Wanted {
  readonly repository: Repository
  /** Tags there that need it; empty where none does, or where they cannot be read. */
  readonly heldBy: readonly { readonly tag: Tag; readonly root: Digest }[]
}

/** What a search of one repository came to. */
export interface Searched {
  readonly found: readonly Found[]
  /** Why it could not be told of everything, a sentence each. */
  readonly unclear: readonly string[]
}

/**
 * Asks another repository for content, each piece once by a plain GET, and where something is there, which tags hold it.
 *
 * @throws WireError when the run is to stop
 */
export async function search(
  client: Client,
  repository: Repository,
  wanted: readonly Wanted[],
  width: number,
): Promise<Searched> {
  const there: Wanted[] = []
  const failed: string[] = []
  await each(wanted, width, async (piece) => {
    const answer = await ask(client, repository, piece)
    if (answer === true) there.push(piece)
    else if (answer !== false) failed.push(answer)
  })
  const unclear =
    failed[0] === undefined
      ? []
      : [`${repository} could not be searched for ${failed.length} of ${wanted.length} digests: ${failed[0]}`]
  if (there.length === 0) return { found: [], unclear }
  const holders = await holdersOf(client, repository, there, width)
  const found = there
    .map((piece): Found => ({ ...piece, repository, heldBy: holders.of.get(piece.digest) ?? [] }))
    .sort((one, other) => (one.digest < other.digest ? -1 : 1))
  return { found, unclear: [...unclear, ...holders.unclear] }
}

/** @returns whether it is served there, or why that cannot be told */
async function ask(
  client: Client,
  repository: Repository,
  { digest, kind }: Wanted,
): Promise<boolean | string> {
  const reading = { purpose: 'search' } as const
  try {
    const response =
      kind === 'manifest'
        ? await client.manifest(repository, digest, reading)
        : await client.blob(repository, digest, reading)
    if (isGone(response)) return false
    return response.status >= 200 && response.status < 300 ? true : describe(response)
  } catch (error) {
    return wireText(error)
  }
}

interface Held {
  readonly of: ReadonlyMap<Digest, { tag: Tag; root: Digest }[]>
  readonly unclear: readonly string[]
}

/** Reads all tags of a repository, for the few that hold something. */
async function holdersOf(
  client: Client,
  repository: Repository,
  there: readonly Wanted[],
  width: number,
): Promise<Held> {
  const of = new Map(there.map(({ digest }): [Digest, { tag: Tag; root: Digest }[]] => [digest, []]))
  const reader = new Reader(client, undefined, repository)
  const tags = new Map<Digest, Tag[]>()
  let unread = 0
  try {
    await each(await listTags(client, repository), width, async (tag) => {
      const state = await reader.tag(tag)
      if (state.is === 'resolved') tags.set(state.digest, [...(tags.get(state.digest) ?? []), tag])
      else if (state.is !== 'unknown') unread++
    })
  } catch (error) {
    const why = error instanceof ListError ? error.message : wireText(error)
    return { of, unclear: [`which tags of ${repository} hold what was found there cannot be told: ${why}`] }
  }
  for (const [root, on] of tags) {
    const { manifests, blobs } = reach([root], reader satisfies Graph, true)
    for (const [digest, list] of of)
      if (manifests.has(digest) || blobs.has(digest)) for (const tag of on) list.push({ tag, root })
  }
  for (const list of of.values()) list.sort((one, other) => (one.tag < other.tag ? -1 : 1))
  const unclear = unread === 0 ? [] : [`${unread} tags of ${repository} cannot be read, and may hold it, too`]
  return { of, unclear }
}

function wireText(error: unknown): string {
  if (error instanceof WireError) return error.message
  throw error
}
