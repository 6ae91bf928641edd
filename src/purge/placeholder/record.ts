import type { Tag } from '../../oci/tag.js'
import type { PurgeProblem } from '../../plan/problems/purge.js'
import type { RepositoryPurge } from '../repository-purge.js'
import type { Dummy } from './dummy.js'
import type { Put, Replaced } from './put.js'
import { traceOf } from './trace.js'

const via = 'placeholder'

/** Records a tag that the placeholder did not replace. @returns the problem, if there is one */
export function recordPut(
  purge: RepositoryPurge,
  tag: Tag,
  put: Exclude<Put, { readonly is: 'sent' }>,
): PurgeProblem[] {
  const item = { kind: 'tag', name: tag } as const
  const { repository } = purge.plan
  if (put.is === 'gone') {
    purge.record({ item, outcome: 'already-gone' })
    return []
  }
  if (put.is === 'moved') {
    const because = { is: 'moved', to: put.to } as const
    purge.record({ item, outcome: 'kept', via, detail: { is: 'kept', because } })
    return [{ kind: 'item-kept', repository, item, because }]
  }
  const detail = put.is === 'failed' ? put.detail : ({ is: 'answered', answered: put.answered } as const)
  purge.record({ item, outcome: 'failed', via, detail })
  if (put.is !== 'denied') return [{ kind: 'label-not-removed', repository, item, detail }]
  purge.denied = true
  const { answered, right } = put
  return [{ kind: 'push-not-permitted', repository, item, answered, ...(right !== undefined && { right }) }]
}

/** Records that a tag may point to the placeholder. */
export function recordUnknown(purge: RepositoryPurge, { tag, digest }: Replaced, dummy: Dummy): void {
  purge.record({
    item: { kind: 'tag', name: tag },
    outcome: 'unknown',
    via,
    detail: { is: 'placeholder', ...traceOf(dummy, digest) },
  })
}
