import type { Item } from '../../plan/item.js'
import type { KeptBecause } from '../../plan/outcome.js'
import type { Tag } from '../../oci/tag.js'
import { isGone, WireError } from '../../registry/errors.js'
import { FRESH_READ } from '../../registry/reading.js'
import type { TagState } from '../../survey/facts.js'
import { ListError } from '../../survey/errors.js'
import type { RepositoryPurge } from '../repository-purge.js'
import { isAbsent } from './absent.js'

/** The result of the check of an item. */
export type Presence =
  /** `foreign`: a 404 that does not come from the registry itself. */
  | { readonly is: 'gone' | 'there' | 'unclear' | 'foreign' }
  | { readonly is: 'kept'; readonly because: KeptBecause }

/**
 * Checks an item before its DELETE if the newest check is too old, since hundreds of DELETEs take a while. For content it
 * checks the tags of the repository. For a tag it reads the tag.
 *
 * @throws Stopped
 */
export function checkStale(purge: RepositoryPurge, item: Item): Promise<Presence> {
  return unclearIfFailed(async () => {
    if (item.kind === 'tag') return judgeTag(purge, item.name, await purge.tools.surveyor.tag(item.name))
    await purge.freshness.ensureFresh()
    return { is: 'there' }
  })
}

/**
 * Finds out whether an item exists and may still be deleted, after a DELETE with an unknown outcome or after a pause.
 *
 * @throws Stopped
 */
export function find(purge: RepositoryPurge, item: Item): Promise<Presence> {
  const { client, surveyor } = purge.tools
  const { repository } = purge.plan
  return unclearIfFailed(async () => {
    if (item.kind === 'tag') return judgeTag(purge, item.name, await surveyor.tag(item.name))
    const response =
      item.kind === 'manifest'
        ? await client.manifest(repository, item.name, FRESH_READ)
        : await client.blob(repository, item.name, FRESH_READ)
    if (isGone(response)) return { is: (await isAbsent(purge, item.kind, response)) ? 'gone' : 'foreign' }
    if (response.status !== 200) return { is: 'unclear' }
    await purge.freshness.checkedSincePause()
    const because = purge.forbids(item)
    return because === undefined ? { is: 'there' } : { is: 'kept', because }
  })
}

function judgeTag({ plan }: RepositoryPurge, tag: Tag, state: TagState): Presence {
  if (state.is === 'unknown') return { is: 'gone' }
  if (state.is !== 'resolved') return { is: 'unclear' }
  const planned = plan.tags.find((each) => each.tag === tag)
  if (planned?.digest === state.digest) return { is: 'there' }
  return { is: 'kept', because: { is: 'moved', to: state.digest } }
}

async function unclearIfFailed(check: () => Promise<Presence>): Promise<Presence> {
  try {
    return await check()
  } catch (error) {
    if (error instanceof ListError || error instanceof WireError) return { is: 'unclear' }
    throw error
  }
}
