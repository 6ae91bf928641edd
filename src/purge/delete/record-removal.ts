import type { Item } from '../../plan/item.js'
import type { Detail, Outcome, RefusedBecause } from '../../plan/outcome.js'
import type { PurgeProblem } from '../../plan/problems/purge.js'
import { byName } from '../../registry/dialects/dialects.js'
import type { RepositoryPurge } from '../repository-purge.js'
import type { Refusal, Removal } from './removal.js'

/** Records the final result of a removal. @returns the problem, if there is one */
export function recordRemoval(purge: RepositoryPurge, item: Item, removal: Removal): PurgeProblem[] {
  const detail = detailOf(removal)
  const via = item.kind === 'tag' ? { via: byName(purge.plan.way).name } : {}
  if (removal.is === 'deleted' || removal.is === 'already-gone') {
    purge.record({ item, outcome: removal.is, ...via, ...(detail !== undefined && { detail }) })
    return []
  }
  if (removal.is === 'denied') purge.denied = true
  purge.record({ item, outcome: outcomeOf(removal), ...(detail !== undefined && { detail }) })
  // The problem of the item above says that this one was not deleted.
  if (removal.is === 'kept' && removal.because.is === 'above-refused') return []
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

function problemOf(purge: RepositoryPurge, item: Item, removal: Unsuccessful): PurgeProblem {
  const { repository } = purge.plan
  const { missingRight: right } = purge
  const notPermitted = (answered: string): PurgeProblem => ({
    kind: 'delete-not-permitted',
    repository,
    item,
    answered,
    ...(right !== undefined && { right }),
  })
  switch (removal.is) {
    case 'kept':
      return { kind: 'item-kept', repository, item, because: removal.because }
    case 'unknown':
      return { kind: 'outcome-unknown', repository, item, detail: removal.detail }
    case 'failed':
      return { kind: 'item-not-deleted', repository, item, detail: removal.detail }
    case 'denied':
      return notPermitted(removal.answered)
    case 'refused':
      return removal.why === 'forbidden'
        ? notPermitted(removal.answered)
        : refusedProblem(purge, item, removal, removal.why)
    case 'unsupported':
      return {
        kind: 'item-not-deleted',
        repository,
        item,
        detail: { is: 'answered', answered: removal.answered },
      }
  }
}

function refusedProblem(
  { plan, refused }: RepositoryPurge,
  item: Item,
  { answered }: Refusal,
  why: Exclude<RefusedBecause, 'forbidden'>,
): PurgeProblem {
  const below = refused.countBelow(item, plan)
  return { kind: 'delete-refused', repository: plan.repository, item, answered, why, below }
}
