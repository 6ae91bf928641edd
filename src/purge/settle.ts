import type { Item } from '../plan/item.js'
import type { Removal } from './remove.js'
import type { Work } from './work.js'

/** Records a removal that is final. @returns a problem in a sentence, or nothing */
export function settle(work: Work, item: Item, removal: Removal): string[] {
  const detail = removal.detail === undefined ? {} : { detail: removal.detail }
  const via = item.kind === 'tag' ? { via: work.plan.way ?? 'tag' } : {}
  if (removal.is === 'deleted' || removal.is === 'already-gone') {
    work.record({ item, outcome: removal.is, ...via, ...detail })
    return []
  }
  if (removal.is === 'denied') work.denied = true
  const outcome = removal.is === 'needed' ? 'kept' : removal.is === 'unknown' ? 'unknown' : 'failed'
  work.record({ item, outcome, ...detail })
  return [sentence(work, item, removal)]
}

function sentence(work: Work, item: Item, removal: Removal): string {
  const { repository } = work.plan
  const what = `${item.kind} ${item.kind === 'tag' ? `${repository}:${item.name}` : `${repository}@${item.name}`}`
  const said = removal.detail ?? ''
  if (removal.is === 'needed') return `${what} was left: ${said}`
  if (removal.is === 'denied' || (removal.is === 'refused' && said.startsWith('403')))
    return `${what} was not deleted: no permission (${said}). The user needs the action \`delete\` on ${repository}`
  if (removal.is === 'unknown') return `whether ${what} was deleted is not known: ${said}`
  return `${what} was not deleted: the registry answered ${said}`
}
