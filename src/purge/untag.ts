import { each } from '../registry/limit.js'
import { remove, type Removal } from './remove.js'
import type { Item } from '../plan/item.js'
import type { Work } from './work.js'

/**
 * Deletes the tags that go. On a registry that cannot delete a tag by name (distribution 2.x) the first refusal is
 * enough: the tags go with their manifests.
 *
 * @returns what stands in the way of going on, in sentences
 * @throws Stopped
 */
export async function untag(work: Work): Promise<string[]> {
  const { recorder, width } = work.tools
  const { repository } = work.plan
  const present = work.plan.tags.filter(({ digest }) => digest !== undefined)
  const problems: string[] = []
  let unsupported = false
  const one = async (item: Item & { kind: 'tag' }): Promise<void> => {
    if (unsupported) {
      work.record({ item, outcome: 'with-manifest', via: 'manifest' })
      return
    }
    if (work.denied) return
    const removal = await remove(work, item)
    if (removal.is === 'unsupported') {
      if (!unsupported)
        recorder.note(
          `This registry cannot delete a tag by name (${removal.detail}): the tag goes with its manifest, as every tag on a manifest does`,
        )
      unsupported = true
      work.record({ item, outcome: 'with-manifest', via: 'manifest' })
    } else problems.push(...settle(work, item, removal))
  }
  const items = present.map(({ tag }) => ({ kind: 'tag', name: tag }) as const)
  // The first alone finds out whether tags can be deleted by name at all.
  await each(items.slice(0, 1), 1, one)
  await each(items.slice(1), width, one)
  for (const { tag, digest } of work.plan.tags) {
    if (digest === undefined) work.record({ item: { kind: 'tag', name: tag }, outcome: 'already-gone' })
  }
  return problems.map((problem) => `${repository}: ${problem}`)
}

/** Records a removal that is final. @returns a problem in a sentence, or nothing */
export function settle(work: Work, item: Item, removal: Removal): string[] {
  const detail = removal.detail === undefined ? {} : { detail: removal.detail }
  const via = item.kind === 'tag' ? ({ via: 'tag' } as const) : {}
  if (removal.is === 'deleted' || removal.is === 'already-gone') {
    work.record({ item, outcome: removal.is, ...via, ...detail })
    return []
  }
  if (removal.is === 'denied') work.denied = true
  const outcome = removal.is === 'needed' ? 'kept' : removal.is === 'unknown' ? 'unknown' : 'failed'
  work.record({ item, outcome, ...detail })
  const what = `${item.kind} ${item.name}`
  if (removal.is === 'needed') return [`${what} was left: ${removal.detail}`]
  if (removal.is === 'denied' || (removal.is === 'refused' && removal.detail.startsWith('403')))
    return [
      `${what} was not deleted: no permission (${removal.detail}). The user needs the action \`delete\` on ${work.plan.repository}`,
    ]
  if (removal.is === 'unknown') return [`whether ${what} was deleted is not known: ${removal.detail}`]
  return [`${what} was not deleted: the registry answered ${removal.detail}`]
}
