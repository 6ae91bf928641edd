import type { Tag } from '../../oci/tag.js'
import type { Facts } from '../../survey/facts.js'
import type { TagAt } from '../problems/plan.js'

/** @returns these tags with the digests that they resolve to */
export function tagsAt(tags: readonly Tag[], facts: Pick<Facts, 'tags'>): TagAt[] {
  return tags.map((tag) => {
    const state = facts.tags.get(tag)
    return { tag, ...(state?.is === 'resolved' && { digest: state.digest }) }
  })
}
