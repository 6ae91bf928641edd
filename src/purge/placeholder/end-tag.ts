import type { Detail, LeftPlaceholder } from '../../plan/outcome.js'
import type { PurgeProblem } from '../../plan/problems/purge.js'
import type { RepositoryPurge } from '../repository-purge.js'
import type { Dummy } from './dummy.js'
import { pointing } from './pointing.js'
import { putBack } from './put-back.js'
import type { Replaced } from './put.js'
import { recordUnknown } from './record.js'

const via = 'placeholder'

/**
 * Checks a tag after the DELETE of the placeholder, puts the tag back if it still points to the placeholder, and records
 * the outcome.
 *
 * @param left placeholders that could not be deleted
 * @returns the problem, if the tag was not removed
 * @throws Stopped
 */
export async function endTag(
  purge: RepositoryPurge,
  replaced: Replaced,
  dummy: Dummy,
  left: readonly LeftPlaceholder[],
): Promise<PurgeProblem[]> {
  const item = { kind: 'tag', name: replaced.tag } as const
  const { repository } = purge.plan
  const deleted = (): PurgeProblem[] => {
    purge.record({ item, outcome: 'deleted', via })
    return []
  }
  const notRemoved = (detail: Detail): PurgeProblem[] => {
    purge.record({ item, outcome: 'failed', via, detail })
    return [{ kind: 'label-not-removed', repository, item, detail }]
  }
  if (left.length === 0 && replaced.seen) return deleted()
  const now = await pointing(purge, replaced.tag, dummy)
  if (left.length === 0 && now.is === 'nothing') return deleted()
  const { answered, digest } = replaced
  if (now.is === 'manifest' && now.digest === digest)
    return notRemoved(
      left.length === 0
        ? { is: 'answered', answered }
        : { is: 'as-before', digest, answered, left, putBack: false },
    )
  if (now.is === 'manifest' && !now.ours) {
    const because = { is: 'moved', to: now.digest } as const
    purge.record({ item, outcome: 'kept', via, detail: { is: 'kept', because } })
    return [{ kind: 'item-kept', repository, item, because }]
  }
  const back = await putBack(purge, replaced, dummy)
  if (back.is === 'back') return notRemoved({ is: 'as-before', digest, answered, left, putBack: true })
  recordUnknown(purge, replaced, dummy)
  const problem = { repository, item, placeholder: dummy.digest, before: digest, failure: back }
  return [{ kind: 'label-on-placeholder', ...problem }]
}
