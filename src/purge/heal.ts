import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { Item } from '../plan/item.js'
import type { KeptBecause } from '../plan/outcome.js'
import type { PurgeProblem } from '../plan/problems/purge.js'
import { deleteInARow, keptBecause, type Present } from './burst.js'
import { checked } from './checked.js'
import { replaceAgain } from './placeholder/again.js'
import type { RepositoryPurge } from './repository-purge.js'

/** Bursts per repository, at most. What is still served after them is only watched. */
export const BURSTS = 8
const FIRST_BURST = 3

const NOTHING: Healing = { left: new Map(), movedTags: new Map(), unsure: [], problems: [], putOff: false }

/** How a burst ended. */
export interface Healing {
  /** What was kept, since these tags need it now. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
  /** Tags of the plan that somebody pushed again, so they were kept. */
  readonly movedTags: ReadonlyMap<Tag, Digest>
  /** Why nothing was deleted again. */
  readonly unsure: readonly KeptBecause[]
  /** What went wrong while labels were removed again. */
  readonly problems: readonly PurgeProblem[]
  /** The registry asked for a pause before the burst was over. */
  readonly putOff: boolean
}

/**
 * Deletes again what is still served: a stale replica forgets a digest when it gets a DELETE itself. Sends several
 * DELETEs in a row, and more each time, since behind a round-robin balancer one DELETE and one GET a round can alternate
 * for ever. Every tag is checked before: what one needs now is kept (safety rule 9).
 *
 * @param purge the purge that is being proven
 * @param burst how many bursts came before, from 0
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
  // After a pause the check is out of date, so the rest waits for the next round.
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
 * Deletes blobs once more, as the very last thing of a run. The tags are checked right before: somebody may have pushed
 * such a blob. The blobs are not read again, since reading is what brought them back.
 *
 * @returns what was kept
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
