import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { Item } from '../plan/item.js'
import type { KeptBecause } from '../plan/outcome.js'
import type { PurgeProblem } from '../plan/problems/purge.js'
import { deleteInARow, keptBecause, type Present } from './burst.js'
import { checked } from './checked.js'
import { replaceAgain } from './placeholder/again.js'
import type { RepositoryPurge } from './repository-purge.js'

/** The most bursts per repository. After them, items that are still served are only checked. */
export const BURSTS = 8
const FIRST_BURST = 3

const NOTHING: Healing = { left: new Map(), movedTags: new Map(), unsure: [], problems: [], putOff: false }

/** How a burst ended. */
export interface Healing {
  /** Content that was kept, with the tags that need it now. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
  /** Tags of the plan that somebody pushed again, so they were kept. */
  readonly movedTags: ReadonlyMap<Tag, Digest>
  /** Why nothing was deleted again. */
  readonly unsure: readonly KeptBecause[]
  /** Problems with labels that were removed again. */
  readonly problems: readonly PurgeProblem[]
  /** The registry requested a pause before the end of the burst. */
  readonly putOff: boolean
}

/**
 * Deletes items again that are still served: a stale replica deletes a digest only when it gets a DELETE itself. Sends
 * several DELETEs in a row, and more in each burst. With one DELETE and one GET a round, a round-robin balancer could send
 * them to different replicas for ever. Checks every tag first, and keeps content that a tag needs now (safety rule 9).
 *
 * @param purge the purge that is being proven
 * @param burst the number of earlier bursts
 * @throws Stopped
 */
export async function heal(
  purge: RepositoryPurge,
  present: readonly Present[],
  burst: number,
): Promise<Healing> {
  const tags = present.flatMap(({ item }) => (item.kind === 'tag' ? [item.name] : []))
  const check = await checked(purge.freshness.checkAgain('all', tags))
  if (check.is === 'unchecked') return { ...NOTHING, unsure: [check] }
  const { left, moved, unsure } = check.seen
  const movedTags = new Map(
    moved.flatMap(({ tag, digest }) => (purge.placeholders.has(digest) ? [] : [[tag, digest]])),
  )
  if (unsure.length > 0)
    return { ...NOTHING, movedTags, unsure: unsure.map((doubt) => ({ is: 'unsure', doubt })) }
  const free = present.filter(({ item }) =>
    item.kind === 'tag' ? !movedTags.has(item.name) : !left.has(item.name),
  )
  return { ...NOTHING, left, movedTags, ...(await deleteAgain(purge, free, FIRST_BURST + burst)) }
}

async function deleteAgain(
  purge: RepositoryPurge,
  present: readonly Present[],
  times: number,
): Promise<Pick<Healing, 'problems' | 'putOff'>> {
  const { journal } = purge.tools
  const { repository, way } = purge.plan
  const isReplaced = ({ item }: Present): boolean => way === 'placeholder' && isLabel(purge, item)
  const byName = present.filter((each) => !isReplaced(each))
  const labels = present.filter(isReplaced)
  purge.intend(byName.map(({ item }) => item))
  let putOff = false
  // After a pause the check is stale, so the rest waits for the next round.
  for (const each of byName) putOff ||= await deleteInARow(purge, each, times)
  const problems =
    labels.length > 0 && !putOff
      ? await replaceAgain(purge, new Set(labels.map(({ item }) => item.name)))
      : []
  journal.withdraw(repository)
  return { problems, putOff }
}

function isLabel({ plan }: RepositoryPurge, { kind, name }: Item): boolean {
  return kind === 'tag' && plan.tags.some(({ tag, onlyLabel }) => tag === name && onlyLabel !== undefined)
}

/**
 * Deletes blobs once more, as the last step of a run. Checks the tags right before each DELETE, since somebody may have
 * pushed such a blob. Does not read the blobs again, since a read brought them back.
 *
 * @returns a problem for each blob that was kept
 * @throws Stopped
 */
export async function deleteOnceMore(
  purge: RepositoryPurge,
  digests: readonly Digest[],
): Promise<PurgeProblem[]> {
  const { journal } = purge.tools
  const { repository } = purge.plan
  const items = digests.map((name): Item => ({ kind: 'blob', name }))
  const problems: PurgeProblem[] = []
  purge.intend(items)
  for (const [at, item] of items.entries()) {
    const because = await keptBecause(purge, item, at === 0 ? 0 : undefined)
    if (because === undefined) await deleteInARow(purge, { item, endpoint: 'blobs' }, 1)
    else problems.push({ kind: 'item-kept', repository, item, because })
  }
  journal.withdraw(repository)
  return problems
}
