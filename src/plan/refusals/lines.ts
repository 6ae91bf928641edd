import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { Facts } from '../../survey/facts.js'

/** @returns lines for `image` that name these tags, with the digests that they resolve to */
export function linesFor(repository: Repository, tags: readonly Tag[], facts: Facts): string[] {
  return tags.map((tag) => {
    const state = facts.tags.get(tag)
    return `  ${repository}:${tag}${state?.is === 'resolved' ? `@${state.digest}` : ''}`
  })
}
