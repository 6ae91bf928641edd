import type { Item } from '../../plan/item.js'
import type { Detail, Outcome } from '../../plan/outcome.js'
import type { PurgeProblem } from '../../plan/problems/purge.js'
import { byName } from '../../registry/dialects/dialects.js'
import type { RepositoryPurge } from '../repository-purge.js'
import type { Removal } from './removal.js'

/** Records a removal that is final. @returns the problem, if it is one */
export function recordRemoval(purge: RepositoryPurge, item: Item, removal: Removal): PurgeProblem[] {
  const detail = detailOf(removal)
  const via = item.kind === 'tag' ? { via: byName(purge.plan.way).name } : {}
  if (removal.is === 'deleted' || removal.is === 'already-gone') {
    purge.record({ item, outcome: removal.is, ...via, ...(detail !== undefined && { detail }) })
    return []
  }
  if (removal.is === 'denied') purge.denied = true
  purge.record({ item, outcome: outcomeOf(removal), ...(detail !== undefined && { detail }) })
  return [problemOf(purge, item, removal)]
}

type Unsuccessful = Exclude<Removal, { readonly is: 'deleted' | 'already-gone' }>

function outcomeOf({ is }: Unsuccessful): Outcome {
  return is === 'kept' || is === 'unknown' ? is : 'failed'
}

function detailOf(removal: Removal): Detail | undefined {
  if (removal.is === 'kept') return { is: 'kept', because: removal.because }
  return 'answered' in removal ? { is: 'answered', answered: removal.answered } : removal.detail
}

function problemOf(
  { plan: { repository } }: RepositoryPurge,
  item: Item,
  removal: Unsuccessful,
): PurgeProblem {
  switch (removal.is) {
    case 'kept':
      return { kind: 'item-kept', repository, item, because: removal.because }
    case 'unknown':
      return { kind: 'outcome-unknown', repository, item, detail: removal.detail }
    case 'failed':
      return { kind: 'item-not-deleted', repository, item, detail: removal.detail }
    case 'denied':
      return { kind: 'delete-not-permitted', repository, item, answered: removal.answered }
    case 'refused':
      if (removal.forbidden)
        return { kind: 'delete-not-permitted', repository, item, answered: removal.answered }
      return {
        kind: 'item-not-deleted',
        repository,
        item,
        detail: { is: 'answered', answered: removal.answered },
      }
    case 'unsupported':
      return {
        kind: 'item-not-deleted',
        repository,
        item,
        detail: { is: 'answered', answered: removal.answered },
      }
  }
}
